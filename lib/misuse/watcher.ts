import type { Finding } from "../domain/findings.ts";
import type { Handshake } from "../domain/handshake.ts";
import { Lru } from "../runtime/lru.ts";
import { AlertRule } from "./alerts.ts";
import { FindingBook } from "./book.ts";
import { CrossingRule } from "./crossing.ts";
import { EarlyDataRule } from "./early-data.ts";
import { hashText } from "./hash.ts";
import { networkOf } from "./network.ts";
import { ReuseRule } from "./reuse.ts";
import { isOffer, isUnreadable, type TicketSight } from "./sight.ts";
import { SpreadRule } from "./spread.ts";
import { ACCEPTED, EARLY, EARLY_NODE, ENDPOINT, FAMILY, NETWORK, SEEN, TicketTable } from "./ticket-table.ts";
import { TimingRule } from "./timing.ts";
import { UnreadableRule } from "./unreadable.ts";

/** Steps in which shares are judged. Milliseconds. */
const STEP_MS = 60_000;
/** What happened longer ago than this is history, told late: nothing is said about it. */
const LATE_MS = 3_600_000;
/** Names of endpoints that are remembered by their hashes. */
const MOST_ENDPOINTS = 4_096;

export type MisuseSettings = {
  /** Tickets that are remembered, 44 bytes each. */
  readonly tickets: number;
  /** Networks of one ticket within an hour that are never remarkable, by endpoint where it differs. */
  readonly leastNetworks: number;
  readonly leastNetworksAt: ReadonlyMap<string, number>;
};

export type WatcherOptions = {
  readonly settings: MisuseSettings;
  /** 32 random bits, drawn at the start. */
  readonly seed: number;
  /** Keyed hash of a ticket as it may be kept. */
  readonly idOf: (ticketId: string, atMs: number) => string;
};

/**
 * Looks at single handshakes for misuse of tickets (DOMAIN 4.5). Its memory is bounded, whatever comes: a table of fixed size, a
 * few thousand tickets in detail, sketches, and sums by place. It hears raw identifiers and keeps none.
 */
export class MisuseWatcher {
  readonly book = new FindingBook();
  readonly spread: SpreadRule;
  readonly #options: WatcherOptions;
  readonly #reuse = new ReuseRule(this.book);
  readonly #crossing = new CrossingRule(this.book);
  readonly #early = new EarlyDataRule(this.book);
  readonly #unreadable: UnreadableRule;
  readonly #timing = new TimingRule(this.book);
  readonly #alerts = new AlertRule(this.book);
  readonly #names = new Lru<number, string>(MOST_ENDPOINTS);
  /** Made when the first ticket comes: many sources tell of none. */
  #table: TicketTable | null = null;
  #stepEndMs = Number.NaN;

  constructor(options: WatcherOptions) {
    this.#options = options;
    const { leastNetworks, leastNetworksAt } = options.settings;
    this.spread = new SpreadRule(
      this.book,
      (endpoint) => leastNetworksAt.get(endpoint ?? "") ?? leastNetworks,
    );
    this.#unreadable = new UnreadableRule(this.book, options.seed);
  }

  /** The table of tickets; null as long as no source told of any. */
  get table(): TicketTable | null {
    return this.#table;
  }

  /** Looks at one handshake as it came in. */
  see(handshake: Handshake, nowMs: number): void {
    if (handshake.atMs < nowMs - LATE_MS) return;
    const { endpoint, alert, reason, earlyData } = handshake;
    this.#alerts.handshake(endpoint, handshake.count);
    if (alert !== null && handshake.outcome === "failed")
      this.#alerts.alert(handshake, alert, handshake.count);
    if (reason !== null) this.#timing.see(handshake);
    const offered = isOffer(handshake);
    if (!offered && handshake.ticketId === null) return;
    const { seed } = this.#options;
    const network = networkOf(handshake.client, seed) ?? 0;
    const { ticketId } = handshake;
    const ticket = ticketId === null ? 0 : hashText(ticketId, seed);
    if (offered) {
      const unreadable = isUnreadable(handshake);
      this.#unreadable.see({ endpoint, network, ticket, unreadable, corrupt: reason === "corrupt" });
    }
    const early = earlyData !== null && earlyData !== "none";
    if (early && handshake.node !== null) this.#early.node(endpoint, this.#hashOf(handshake.node));
    if (ticketId !== null) this.#seeTicket(handshake, { ticketId, ticket, network, offered, early, nowMs });
    else if (early) this.#seeEarly(handshake, 0, false);
  }

  /** The same for one without ticket, client, alert, reason or early data: `like` tells the rest of it. */
  seeUnremarkable(
    like: Handshake,
    { atMs, count, nowMs }: { readonly atMs: number; readonly count: number; readonly nowMs: number },
  ): void {
    if (atMs < nowMs - LATE_MS) return;
    this.#alerts.handshake(like.endpoint, count);
    if (isOffer(like)) this.#unreadable.offered(like.endpoint);
  }

  #seeTicket(
    handshake: Handshake,
    of: {
      readonly ticketId: string;
      readonly ticket: number;
      readonly network: number;
      readonly offered: boolean;
      readonly early: boolean;
      readonly nowMs: number;
    },
  ): void {
    const { endpoint, family, atMs } = handshake;
    this.#table ??= new TicketTable(this.#options.settings.tickets);
    const table = this.#table;
    const low = hashText(of.ticketId, this.#options.seed ^ 0x5bd1e995);
    const row = table.find(of.ticket, low, Math.floor(atMs / 1_000));
    const familyHash = this.#hashOf(family);
    const place = this.#hashOf(endpoint);
    if (table.fresh) {
      table.set(row, NETWORK, of.network);
      table.set(row, FAMILY, familyHash);
      table.set(row, ENDPOINT, place);
      if (endpoint !== null && this.#names.get(place) === undefined) this.#names.set(place, endpoint);
    }
    if (!of.offered) return;
    const accepted = handshake.outcome === "resumed";
    const sight: TicketSight = {
      key: (of.ticket & 0xfffff) * 2 ** 32 + low,
      atMs,
      nowMs: of.nowMs,
      endpoint,
      node: this.#hashOf(handshake.node),
      network: of.network,
      family: familyHash,
      accepted,
      seenBefore: table.get(row, SEEN),
      acceptedBefore: table.get(row, ACCEPTED),
      firstNetwork: table.get(row, NETWORK),
      firstFamily: table.get(row, FAMILY),
    };
    this.spread.see(sight, () => this.#options.idOf(of.ticketId, atMs));
    if (accepted && handshake.protocol === "TLSv1.3") this.#reuse.accept(sight);
    const first = table.get(row, ENDPOINT);
    if (first !== 0 && endpoint !== null && first !== place)
      this.#crossing.see(this.#names.get(first) ?? "another name", endpoint, accepted);
    if (of.early) this.#copyEarly(handshake, table, row);
    table.count(row, SEEN);
    if (accepted) table.count(row, ACCEPTED);
  }

  #copyEarly(handshake: Handshake, table: TicketTable, row: number): void {
    if (handshake.earlyData !== "accepted") {
      this.#seeEarly(handshake, 0, false);
      return;
    }
    const node = this.#hashOf(handshake.node);
    const sameNode = node !== 0 && table.get(row, EARLY_NODE) === node;
    const copy = table.count(row, EARLY);
    if (copy === 1) table.set(row, EARLY_NODE, node);
    this.#seeEarly(handshake, copy, sameNode);
  }

  #seeEarly({ endpoint, reason, earlyDataReason }: Handshake, copy: number, sameNode: boolean): void {
    const replayed = reason === "replay" || (earlyDataReason?.toLowerCase().includes("replay") ?? false);
    this.#early.see(endpoint, { replayed, copy, sameNode });
  }

  #hashOf(text: string | null): number {
    return text === null ? 0 : (hashText(text, this.#options.seed) | 1) >>> 0;
  }

  /** Judges steps that are over; answers what was found or grew since the last call. Call it every few seconds. */
  tick(nowMs: number): Finding[] {
    if (Number.isNaN(this.#stepEndMs)) this.#stepEndMs = nowMs + STEP_MS;
    this.spread.tick(nowMs);
    if (nowMs >= this.#stepEndMs) {
      this.#stepEndMs = nowMs + STEP_MS;
      for (const rule of [
        this.#reuse,
        this.#crossing,
        this.#early,
        this.#unreadable,
        this.#timing,
        this.#alerts,
      ])
        rule.tick(nowMs);
    }
    return this.book.take();
  }
}
