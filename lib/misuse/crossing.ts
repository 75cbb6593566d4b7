import type { FindingBook } from "./book.ts";
import { Places } from "./sums.ts";

const MOST_PAIRS = 500;
/** Refused offers under another name are the defence at work; so many within a step of a minute are worth a look. */
const REFUSED_A_STEP = 20;

type Pair = { accepted: number; refused: number; readonly from: string; readonly to: string };

/** Tickets offered under another name than they were first seen at (FM-32). */
export class CrossingRule {
  readonly #pairs = new Places<Pair>(MOST_PAIRS, (name) => {
    const [from = name, to = name] = name.split("\0");
    return { from, to, accepted: 0, refused: 0 };
  });
  readonly #book: FindingBook;

  constructor(book: FindingBook) {
    this.#book = book;
  }

  see(from: string, to: string, accepted: boolean): void {
    const pair = this.#pairs.of(`${from}\0${to}`);
    if (accepted) pair.accepted += 1;
    else pair.refused += 1;
  }

  tick(nowMs: number): void {
    this.#pairs.prune(({ accepted, refused }) => accepted + refused === 0);
    for (const [key, pair] of this.#pairs.entries()) {
      if (pair.accepted > 0 || pair.refused >= REFUSED_A_STEP) this.#report(key, pair, nowMs);
      Object.assign(pair, { accepted: 0, refused: 0 });
    }
  }

  #report(key: string, { accepted, refused, from, to }: Pair, nowMs: number): void {
    this.#book.report({
      kind: "cross_name",
      key,
      severity: accepted > 0 ? "high" : "low",
      endpoint: to,
      node: null,
      atMs: nowMs,
      times: accepted > 0 ? accepted : refused,
      title:
        accepted > 0
          ? `${to} accepted tickets that were first seen at ${from}`
          : `Tickets of ${from} are offered to ${to}, and refused`,
      evidence: [
        { label: "First seen at", value: from },
        { label: "Offered to", value: to },
        { label: "Accepted in the last minute", value: String(accepted) },
        { label: "Refused in the last minute", value: String(refused) },
      ],
    });
  }
}
