import type { Severity } from "../domain/findings.ts";
import { Course } from "../stats/course.ts";
import type { FindingBook } from "./book.ts";
import { Places } from "./sums.ts";

const MOST_PLACES = 1_000;
const MOST_NODES = 256;
const LOG_CHANCE = Math.log(1e-6);
/** Early data refused as replays in a minute that are worth a look at all. */
const LEAST_REPLAYS = 10;
/** Before anything was learnt: clients that open connections in parallel send early data twice with a ticket now and then. */
const USUAL_COPIES = { k: 2, n: 200 };
/** Copies of single tickets in a minute that are judged against what is usual; and those of one ticket that no client makes. */
const LEAST_COPIES = 3;
const MOST_BY_CHANCE = 2;

type Sums = {
  readonly nodes: Set<number>;
  readonly replays: Course;
  readonly twice: Course;
  offered: number;
  replayed: number;
  copies: number;
  sameNode: number;
  most: number;
};

/**
 * The same early data more than once (FM-30). Servers may accept one copy on each instance and no more (RFC 8446 8). What is
 * told apart is tickets, not ClientHellos: a client that uses a ticket twice looks the same. So it takes a ticket that came three
 * times, or more that came twice than is usual.
 */
export class EarlyDataRule {
  readonly #places = new Places<Sums>(MOST_PLACES, () => ({
    nodes: new Set(),
    replays: new Course({ k: 0.5, n: 500 }),
    twice: new Course(USUAL_COPIES),
    offered: 0,
    replayed: 0,
    copies: 0,
    sameNode: 0,
    most: 0,
  }));
  readonly #book: FindingBook;

  constructor(book: FindingBook) {
    this.#book = book;
  }

  /** A node was seen: as many copies as there are nodes may be accepted. */
  node(endpoint: string | null, node: number): void {
    const { nodes } = this.#places.of(endpoint ?? "");
    if (nodes.size < MOST_NODES) nodes.add(node);
  }

  /** Early data was offered; `copy` is the number of times that this ticket's was accepted, 0 where it was not or is not known. */
  see(
    endpoint: string | null,
    of: { readonly replayed: boolean; readonly copy: number; readonly sameNode: boolean },
  ): void {
    const sums = this.#places.of(endpoint ?? "");
    sums.offered += 1;
    if (of.replayed) sums.replayed += 1;
    if (of.copy < 2) return;
    sums.copies += 1;
    sums.most = Math.max(sums.most, of.copy);
    if (of.sameNode) sums.sameNode += 1;
  }

  tick(nowMs: number): void {
    this.#places.prune(({ offered }) => offered === 0);
    for (const [endpoint, sums] of this.#places.entries()) {
      if (sums.offered === 0) continue;
      const share = { k: sums.replayed, n: sums.offered };
      const burst = sums.replayed >= LEAST_REPLAYS && sums.replays.logTail(share) < LOG_CHANCE;
      if (strays(sums) || burst) this.#report(endpoint || null, sums, nowMs);
      sums.replays.learn(share);
      sums.twice.learn({ k: sums.copies, n: sums.offered });
      Object.assign(sums, { offered: 0, replayed: 0, copies: 0, sameNode: 0, most: 0 });
    }
  }

  #report(endpoint: string | null, sums: Sums, nowMs: number): void {
    const { copies, replayed, sameNode, most, nodes, offered } = sums;
    this.#book.report({
      kind: "early_data_replay",
      key: `${endpoint}`,
      severity: severityOf(sums),
      endpoint,
      node: null,
      atMs: nowMs,
      times: copies > 0 ? copies : replayed,
      title:
        copies > 0
          ? "Early data was accepted more than once with the same ticket"
          : "Early data was refused as replayed, far more often than usual",
      evidence: [
        { label: "Accepted again", value: `${copies} of ${offered} offers in the last minute` },
        { label: "Most by one ticket", value: String(copies > 0 ? most : 1) },
        { label: "Most that may be", value: `${Math.max(1, nodes.size)} (one on each node seen)` },
        { label: "Again on the same node", value: String(sameNode) },
        { label: "Refused as replayed", value: String(replayed) },
      ],
    });
  }
}

/** Whether one ticket came too often, or too many came twice. */
function strays({ copies, most, offered: n, twice }: Sums): boolean {
  return most > MOST_BY_CHANCE || (copies >= LEAST_COPIES && twice.logTail({ k: copies, n }) < LOG_CHANCE);
}

/** More than once on an instance is what servers must not do (H18); once on each is what they may. */
function severityOf({ copies, sameNode, most, nodes }: Sums): Severity {
  if (copies === 0) return "medium";
  if (most <= MOST_BY_CHANCE) return "high";
  return sameNode >= MOST_BY_CHANCE || most > nodes.size ? "critical" : "high";
}
