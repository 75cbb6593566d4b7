import type { Handshake } from "../domain/handshake.ts";
import { Histogram } from "../stats/histogram.ts";
import { rankTest } from "../stats/rank-test.ts";
import type { FindingBook } from "./book.ts";
import { isUnreadable } from "./sight.ts";
import { Places } from "./sums.ts";

const MOST_PLACES = 300;
/** Refused offers of each kind that are needed, and those kept before half of them are forgotten. */
const LEAST_EACH = 500;
const MOST_EACH = 50_000;
/** A difference has to be no accident, and large enough that single handshakes tell: 0.71 is a large effect (Cohen's d = 0.8). */
const LOG_CHANCE = Math.log(1e-9);
const TELLING = 0.71;
const JUDGE_EVERY_MS = 600_000;

type Sums = { opened: Histogram; unreadable: Histogram; grown: boolean };

/**
 * Whether refused offers take another time when their ticket could be opened than when it could not: then somebody outside can
 * tell valid tickets from invalid ones. Both end in a full handshake, so nothing else should differ.
 */
export class TimingRule {
  readonly #places = new Places<Sums>(MOST_PLACES, () => ({
    opened: new Histogram(),
    unreadable: new Histogram(),
    grown: false,
  }));
  readonly #book: FindingBook;
  #judgedMs = Number.NEGATIVE_INFINITY;

  constructor(book: FindingBook) {
    this.#book = book;
  }

  /** A handshake whose offer was refused for a known reason. */
  see(handshake: Handshake): void {
    const { handshakeUs, outcome, endpoint, protocol } = handshake;
    if (handshakeUs === null || outcome !== "full" || handshake.reason === "cache_miss") return;
    const sums = this.#places.of(`${endpoint ?? ""}\0${protocol ?? ""}`);
    const kind = isUnreadable(handshake) ? "unreadable" : "opened";
    if (sums[kind].count >= MOST_EACH) sums[kind] = halved(sums[kind]);
    sums[kind].add(handshakeUs);
    sums.grown = true;
  }

  tick(nowMs: number): void {
    this.#places.prune(({ grown }) => !grown);
    if (nowMs - this.#judgedMs < JUDGE_EVERY_MS) return;
    let judged = false;
    for (const [place, sums] of this.#places.entries()) {
      if (!sums.grown || sums.opened.count < LEAST_EACH || sums.unreadable.count < LEAST_EACH) continue;
      this.#judge(place, sums, nowMs);
      sums.grown = false;
      judged = true;
    }
    if (judged) this.#judgedMs = nowMs;
  }

  #judge(place: string, { opened, unreadable }: Sums, nowMs: number): void {
    const test = rankTest(unreadable, opened);
    if (!test || test.logChance > LOG_CHANCE || Math.max(test.larger, 1 - test.larger) < TELLING) return;
    const [endpoint = "", protocol = ""] = place.split("\0");
    const [a, b] = [opened.quantile(0.5) ?? 0, unreadable.quantile(0.5) ?? 0];
    const gapUs = Math.round(Math.abs(a - b));
    const right = Math.round(100 * Math.max(test.larger, 1 - test.larger));
    this.#book.report({
      kind: "timing_oracle",
      key: place,
      severity: "medium",
      endpoint: endpoint || null,
      node: null,
      atMs: nowMs,
      times: 1,
      title: `Refused tickets that open and such that do not can be told apart by ${gapUs} µs`,
      evidence: [
        { label: "Protocol", value: protocol || "not known" },
        { label: "Could be opened", value: `${opened.count} handshakes, median ${Math.round(a)} µs` },
        { label: "Could not", value: `${unreadable.count} handshakes, median ${Math.round(b)} µs` },
        { label: "One of each is told right", value: `${right} % of the time` },
        { label: "Mind", value: "the times hold the way to the client: compare clients of one network" },
      ],
    });
  }
}

function halved(histogram: Histogram): Histogram {
  const half = new Histogram();
  for (const [bin, weight] of histogram.bins) if (weight > 1) half.addBin(bin, Math.floor(weight / 2));
  return half;
}
