import { Course } from "../stats/course.ts";
import type { FindingBook } from "./book.ts";
import type { TicketSight } from "./sight.ts";
import { Places } from "./sums.ts";

const MOST_PLACES = 1_000;
/** Accepted tickets that make a step worth judging. */
const STEP_TICKETS = 200;
/** Before anything was learnt: browsers open connections in parallel, so some tickets come twice. */
const USUAL_REUSE = { k: 10, n: 200 };
const USUAL_ELSEWHERE = { k: 1, n: 200 };
/** ln of the chance at which a step is more than usual, and how many times the usual it has to be. */
const LOG_CHANCE = Math.log(1e-6);
const LEAST_TIMES = 2;
const LEAST_ELSEWHERE = 5;

type Sums = {
  readonly reuse: Course;
  readonly elsewhere: Course;
  accepted: number;
  again: number;
  againElsewhere: number;
  most: number;
};

/** TLS 1.3 tickets that are accepted more than once (RFC 8446 C.4), against how often that is usual at the endpoint. */
export class ReuseRule {
  readonly #places = new Places<Sums>(MOST_PLACES, () => ({
    reuse: new Course(USUAL_REUSE),
    elsewhere: new Course(USUAL_ELSEWHERE),
    accepted: 0,
    again: 0,
    againElsewhere: 0,
    most: 0,
  }));
  readonly #book: FindingBook;

  constructor(book: FindingBook) {
    this.#book = book;
  }

  /** A ticket was accepted by TLS 1.3. */
  accept(sight: TicketSight): void {
    const sums = this.#places.of(sight.endpoint ?? "");
    sums.accepted += 1;
    if (sight.acceptedBefore === 0) return;
    sums.again += 1;
    sums.most = Math.max(sums.most, sight.acceptedBefore + 1);
    const { network, firstNetwork } = sight;
    if (network !== 0 && firstNetwork !== 0 && network !== firstNetwork) sums.againElsewhere += 1;
  }

  tick(nowMs: number): void {
    this.#places.prune(({ accepted }) => accepted === 0);
    for (const [endpoint, sums] of this.#places.entries()) {
      if (sums.accepted < STEP_TICKETS) continue;
      this.#judge(endpoint || null, sums, nowMs);
      sums.reuse.learn({ k: sums.again, n: sums.accepted });
      sums.elsewhere.learn({ k: sums.againElsewhere, n: sums.accepted });
      Object.assign(sums, { accepted: 0, again: 0, againElsewhere: 0, most: 0 });
    }
  }

  #judge(endpoint: string | null, sums: Sums, nowMs: number): void {
    const { accepted: n, again, againElsewhere } = sums;
    const elsewhere = strays(sums.elsewhere, againElsewhere, n) && againElsewhere >= LEAST_ELSEWHERE;
    if (!elsewhere && !strays(sums.reuse, again, n)) return;
    this.#book.report({
      kind: "ticket_reuse",
      key: `${endpoint}`,
      severity: elsewhere ? "high" : "low",
      endpoint,
      node: null,
      atMs: nowMs,
      times: again,
      title: elsewhere
        ? "TLS 1.3 tickets were accepted again, from other networks than at first"
        : "TLS 1.3 tickets were accepted more than once",
      evidence: [
        { label: "Accepted again", value: `${again} of ${n} (${percent(again / n)})` },
        { label: "From another network", value: String(againElsewhere) },
        { label: "Most by one ticket", value: String(sums.most) },
        {
          label: "Usual here",
          value: `${percent(sums.reuse.usual)} again, ${percent(sums.elsewhere.usual)} from another network`,
        },
      ],
    });
  }
}

function strays(course: Course, k: number, n: number): boolean {
  return k / n > LEAST_TIMES * course.usual && course.logTail({ k, n }) < LOG_CHANCE;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
