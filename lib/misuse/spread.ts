import { Lru } from "../runtime/lru.ts";
import { SpreadBackground } from "./background.ts";
import type { FindingBook } from "./book.ts";
import type { TicketSight } from "./sight.ts";
import { FORGET_S } from "./ticket-table.ts";

/** Tickets seen from more than one place that are looked at closely, and places kept of each. */
const MOST_TICKETS = 10_000;
const MOST_NETWORKS = 64;
/** A ticket's networks count while they were seen within so long. Milliseconds. */
const WITHIN_MS = 3_600_000;
/** Another client family weighs as much as so many networks: stores of sessions are not shared between clients. */
const FAMILY_WEIGHT = 3;
/** Nothing is said until this many tickets were seen again, or this long has passed since the first: what is usual is not known yet. */
const LEARN_TICKETS = 500;
const LEARN_MS = 300_000;
/** Findings of single tickets by endpoint and hour; beyond that they are one finding. */
const MOST_SINGLE = 20;
const MOST_PLACES = 1_000;

type Heavy = {
  /** Keyed hash for people, made with the key of the day. */
  readonly id: string;
  readonly firstMs: number;
  /** network -> when it was seen last. */
  readonly networks: Map<number, number>;
  readonly accepted: Set<number>;
  readonly families: Set<number>;
  readonly nodes: Set<number>;
  offers: number;
  acceptedOffers: number;
  level: number;
  reported: boolean;
  /** Where and when it was seen last. */
  endpoint: string | null;
  lastMs: number;
};
type Singles = { hourStartMs: number; count: number };

/** One ticket from many networks or client families (FM-31), against how far tickets usually spread here. */
export class SpreadRule {
  readonly background = new SpreadBackground();
  readonly #heavy = new Lru<number, Heavy>(MOST_TICKETS);
  readonly #singles = new Lru<string, Singles>(MOST_PLACES);
  readonly #book: FindingBook;
  readonly #leastOf: (endpoint: string | null) => number;
  #sinceMs = Number.NaN;
  #knows = false;

  /** `leastOf`: the lowest threshold at an endpoint, networks. */
  constructor(book: FindingBook, leastOf: (endpoint: string | null) => number) {
    this.#book = book;
    this.#leastOf = leastOf;
  }

  /** A ticket was offered. `idOf` hashes it for people; it is asked once a ticket. */
  see(sight: TicketSight, idOf: () => string): void {
    if (Number.isNaN(this.#sinceMs)) this.#sinceMs = sight.nowMs;
    if (sight.seenBefore === 1) this.background.reach(1, 1);
    const known = this.#known(sight);
    if (!known && !isElsewhere(sight)) return;
    const heavy = known ?? this.#begin(sight, idOf());
    addPlace(heavy, sight);
    const level = levelOf(heavy, sight.atMs);
    if (level > heavy.level) this.#rise(heavy, level);
    if (heavy.reported || this.#strays(heavy)) this.#report(heavy, sight.nowMs);
  }

  /** What is known in detail; nobody is followed for longer than a day. */
  #known({ key, atMs }: TicketSight): Heavy | undefined {
    const known = this.#heavy.get(key);
    if (!known || atMs - known.firstMs < FORGET_S * 1_000) return known;
    this.#heavy.delete(key);
    return undefined;
  }

  /** Lets the background fade; once enough is known, judges what came before. */
  tick(nowMs: number): void {
    this.background.fade(nowMs);
    if (this.#knows || Number.isNaN(this.#sinceMs)) return;
    this.#knows = this.background.tickets >= LEARN_TICKETS || nowMs - this.#sinceMs >= LEARN_MS;
    if (!this.#knows) return;
    for (const heavy of this.#heavy.values()) if (this.#strays(heavy)) this.#report(heavy, nowMs);
  }

  #begin(sight: TicketSight, id: string): Heavy {
    const heavy: Heavy = {
      id,
      firstMs: sight.atMs,
      networks: new Map(sight.firstNetwork === 0 ? [] : [[sight.firstNetwork, sight.atMs]]),
      accepted: new Set(sight.acceptedBefore > 0 && sight.firstNetwork !== 0 ? [sight.firstNetwork] : []),
      families: new Set(sight.firstFamily === 0 ? [] : [sight.firstFamily]),
      nodes: new Set(),
      offers: sight.seenBefore,
      acceptedOffers: sight.acceptedBefore,
      level: 1,
      reported: false,
      endpoint: sight.endpoint,
      lastMs: sight.atMs,
    };
    this.#heavy.set(sight.key, heavy);
    return heavy;
  }

  #rise(heavy: Heavy, level: number): void {
    // What is beyond the usual is not learnt as usual, unless that is not known yet.
    const learnt = this.#knows ? Math.min(level, this.#thresholdAt(heavy)) : level;
    this.background.reach(heavy.level + 1, learnt);
    heavy.level = level;
  }

  #strays(heavy: Heavy): boolean {
    return this.#knows && !heavy.reported && heavy.level >= this.#thresholdAt(heavy);
  }

  #thresholdAt({ endpoint }: Heavy): number {
    return this.background.threshold(this.#leastOf(endpoint));
  }

  #report(heavy: Heavy, nowMs: number): void {
    const single = heavy.reported || this.#mayBeSingle(heavy.endpoint, nowMs);
    heavy.reported = true;
    const taken = heavy.accepted.size > 1;
    const networks = `${heavy.networks.size}${heavy.networks.size >= MOST_NETWORKS ? " or more" : ""}`;
    const common = {
      kind: "ticket_spread",
      severity: taken ? "high" : "medium",
      endpoint: heavy.endpoint,
      node: null,
      atMs: heavy.lastMs,
      times: 1,
    } as const;
    if (!single)
      return void this.#book.report({
        ...common,
        key: `many\0${heavy.endpoint}`,
        title: "More tickets came from many networks than are listed one by one",
        evidence: [{ label: "Listed an hour", value: String(MOST_SINGLE) }],
      });
    this.#book.report({
      ...common,
      key: heavy.id,
      title: `One ticket came from ${networks} networks${heavy.families.size > 1 ? ` and ${heavy.families.size} client families` : ""} within an hour`,
      evidence: [
        { label: "Ticket", value: heavy.id.slice(0, 8) },
        { label: "Networks", value: networks },
        {
          label: "Client families",
          value: heavy.families.size === 0 ? "not known" : String(heavy.families.size),
        },
        { label: "Nodes", value: String(heavy.nodes.size) },
        { label: "Offers", value: String(heavy.offers) },
        { label: "Accepted", value: `${heavy.acceptedOffers}, from ${heavy.accepted.size} networks` },
        { label: "Usual here", value: this.#usual() },
        {
          label: "Threshold",
          value: `${this.#thresholdAt(heavy)} networks (another family counts as ${FAMILY_WEIGHT})`,
        },
      ],
    });
  }

  #usual(): string {
    const tickets = Math.round(this.background.tickets);
    const one = this.background.shareAt(2);
    if (one === null) return "not known yet";
    return `${((1 - one) * 100).toFixed(1)} % of ${tickets.toLocaleString("en-GB")} tickets seen again stayed in one network`;
  }

  #mayBeSingle(endpoint: string | null, nowMs: number): boolean {
    const place = endpoint ?? "";
    const singles = this.#singles.get(place) ?? { hourStartMs: nowMs, count: 0 };
    if (nowMs - singles.hourStartMs >= WITHIN_MS) Object.assign(singles, { hourStartMs: nowMs, count: 0 });
    singles.count += 1;
    this.#singles.set(place, singles);
    return singles.count <= MOST_SINGLE;
  }
}

function isElsewhere({ firstNetwork, network, firstFamily, family }: TicketSight): boolean {
  const otherNetwork = network !== 0 && firstNetwork !== 0 && network !== firstNetwork;
  return otherNetwork || (family !== 0 && firstFamily !== 0 && family !== firstFamily);
}

function addPlace(heavy: Heavy, sight: TicketSight): void {
  const { network, family, node, accepted, atMs } = sight;
  heavy.endpoint = sight.endpoint;
  heavy.lastMs = Math.max(heavy.lastMs, atMs);
  heavy.offers += 1;
  if (accepted) heavy.acceptedOffers += 1;
  if (family !== 0 && heavy.families.size < MOST_NETWORKS) heavy.families.add(family);
  if (node !== 0 && heavy.nodes.size < MOST_NETWORKS) heavy.nodes.add(node);
  if (network === 0) return;
  if (heavy.networks.size < MOST_NETWORKS || heavy.networks.has(network)) heavy.networks.set(network, atMs);
  if (accepted && heavy.accepted.size < MOST_NETWORKS) heavy.accepted.add(network);
}

/** Networks within the time, families weighted. Forgets older networks. */
function levelOf(heavy: Heavy, atMs: number): number {
  for (const [network, lastMs] of heavy.networks)
    if (atMs - lastMs > WITHIN_MS) heavy.networks.delete(network);
  return Math.max(1, heavy.networks.size) + FAMILY_WEIGHT * Math.max(0, heavy.families.size - 1);
}
