/** Views of the same handshakes, and which of them a person prefers (docs/decisions/005-two-truths.md). */
import type { Span } from "../domain/spans.ts";
import type { Vantage } from "../domain/vocabulary.ts";

/** That a vantage saw handshakes of one product on one node, and between which buckets. */
export type Coverage = {
  readonly node: string | null;
  readonly system: string | null;
  readonly vantage: Vantage;
  /** Sources that told, by name. */
  readonly sources: readonly string[];
  /** Whether it told full from resumed at all. */
  readonly outcomes: boolean;
  /** When it saw any, in order; pauses of some minutes are none. */
  readonly spans: readonly Span[];
};

/** Which vantage a person wants rates of a node's product made from, instead of the richer one. */
export type TruthChoice = {
  readonly node: string | null;
  readonly system: string | null;
  readonly vantage: Vantage;
};
