import { logUpperBetaBinomial } from "../stats/beta-binomial.ts";
import { Course } from "../stats/course.ts";
import { CountMin, Distinct } from "../stats/sketch.ts";
import type { FindingBook } from "./book.ts";
import { hashPair, hashText } from "./hash.ts";
import { Places } from "./sums.ts";

const MOST_PLACES = 1_000;
const SKETCH_WIDTH = 4_096;
/** Networks that are counted one by one in a step. */
const MOST_SUSPECTS = 512;
/** Unreadable tickets of one network in a step of a minute that make it one of them, and that are worth a look. */
const SUSPECT_FROM = 16;
const LEAST_UNREADABLE = 30;
/** ln of the chance at which a network has more of them than the rest, which differ by so much anyhow. */
const LOG_CHANCE = Math.log(1e-9);
const NETWORKS_DIFFER = 0.05;

type Sums = {
  readonly course: Course;
  readonly key: number;
  offers: number;
  unreadable: number;
  corrupt: number;
  networks: Distinct | null;
  tickets: Distinct | null;
};
type Suspect = { readonly endpoint: string; unreadable: number; offers: number };
type Offer = {
  readonly endpoint: string | null;
  readonly network: number;
  readonly ticket: number;
  readonly unreadable: boolean;
  readonly corrupt: boolean;
};

/**
 * Bursts of tickets that cannot be opened (corrupt, unknown key) from few networks: somebody tries tickets. A rotation or a
 * node without the key refuses those of every network alike, so each network is held against the rest of its endpoint, and a
 * large network (CGNAT) is no suspect for its size. Counted in steps between two ticks.
 */
export class UnreadableRule {
  readonly #places: Places<Sums>;
  readonly #offers = new CountMin(SKETCH_WIDTH);
  readonly #unreadable = new CountMin(SKETCH_WIDTH);
  #suspects = new Map<number, Suspect>();
  readonly #book: FindingBook;

  constructor(book: FindingBook, seed: number) {
    this.#book = book;
    this.#places = new Places<Sums>(MOST_PLACES, (name) => ({
      course: new Course(),
      key: hashText(name, seed),
      ...NOTHING,
    }));
  }

  /** A ticket was offered; network and ticket are 0 where they are not known. */
  see(offer: Offer): void {
    const name = offer.endpoint ?? "";
    const sums = this.#places.of(name);
    sums.offers += 1;
    if (offer.network !== 0) this.#count(name, hashPair(sums.key, offer.network), offer.unreadable);
    if (!offer.unreadable) return;
    sums.unreadable += 1;
    if (offer.corrupt) sums.corrupt += 1;
    if (offer.network !== 0) {
      sums.networks ??= new Distinct();
      sums.networks.add(offer.network);
    }
    if (offer.ticket === 0) return;
    sums.tickets ??= new Distinct();
    sums.tickets.add(offer.ticket);
  }

  /** A ticket was offered and opened, of which nothing else is known. */
  offered(endpoint: string | null): void {
    this.#places.of(endpoint ?? "").offers += 1;
  }

  #count(endpoint: string, key: number, unreadable: boolean): void {
    const offers = this.#offers.add(key);
    const known = this.#suspects.get(key);
    if (known) known.offers += 1;
    if (!unreadable) return;
    if (known) known.unreadable += 1;
    else {
      const count = this.#unreadable.add(key);
      if (count >= SUSPECT_FROM && this.#suspects.size < MOST_SUSPECTS)
        this.#suspects.set(key, { endpoint, unreadable: count, offers });
    }
  }

  /** Ends a step: judges it and begins the next. */
  tick(nowMs: number): void {
    this.#places.prune(({ offers }) => offers === 0);
    const byPlace = Map.groupBy(this.#suspects.values(), ({ endpoint }) => endpoint);
    for (const [endpoint, sums] of this.#places.entries()) {
      if (sums.offers === 0) continue;
      const few = (byPlace.get(endpoint) ?? []).filter((suspect) => stands(suspect, sums));
      if (few.length > 0) this.#report(endpoint || null, { sums, few }, nowMs);
      sums.course.learn({ k: sums.unreadable, n: sums.offers });
      Object.assign(sums, NOTHING);
    }
    this.#offers.clear();
    this.#unreadable.clear();
    this.#suspects = new Map();
  }

  #report(
    endpoint: string | null,
    { sums, few }: { readonly sums: Sums; readonly few: readonly Suspect[] },
    nowMs: number,
  ): void {
    const count = few.reduce((sum, { unreadable }) => sum + unreadable, 0);
    const all = sums.networks?.count() ?? few.length;
    this.#book.report({
      kind: "corrupt_burst",
      key: `${endpoint}`,
      severity: "medium",
      endpoint,
      node: null,
      atMs: nowMs,
      times: count,
      title: `${count} tickets that cannot be opened came from ${few.length === 1 ? "one network" : `${few.length} networks`} in a minute`,
      evidence: [
        { label: "From these networks", value: `${count} of ${sums.unreadable} that cannot be opened` },
        { label: "Networks with any", value: `about ${Math.max(all, few.length)}` },
        { label: "Corrupt", value: `${sums.corrupt}; the rest under a key that nobody knows` },
        {
          label: "Different tickets",
          value: sums.tickets === null ? "not known" : `about ${sums.tickets.count()}`,
        },
        {
          label: "Usual here",
          value: `${(sums.course.usual * 100).toFixed(1)} % of offers, from all networks alike`,
        },
      ],
    });
  }
}

const NOTHING = { offers: 0, unreadable: 0, corrupt: 0, networks: null, tickets: null };

/** Whether a network has more unreadable tickets than the rest of its endpoint, now and as it is usual. */
function stands({ unreadable, offers }: Suspect, sums: Sums): boolean {
  if (unreadable < LEAST_UNREADABLE) return false;
  const n = Math.max(offers, unreadable);
  const others = Math.max(0, sums.offers - n);
  const rest = (Math.max(0, sums.unreadable - unreadable) + 0.5) / (others + 1);
  const p = Math.min(0.999, Math.max(1e-4, rest, sums.course.usual));
  return logUpperBetaBinomial(unreadable, { n, p, rho: NETWORKS_DIFFER }) < LOG_CHANCE;
}
