/**
 * Which sums are kept as rows. A tier is a resolution x a grain. Ten seconds are kept packed (ten-seconds.ts), by segment only;
 * minutes and hours are made by compaction at three grains, since a page over all endpoints must not read every segment
 * (docs/decisions/001-rollup-layout.md).
 */
import type { ResolutionMs } from "../port.ts";

/** Dimensions that have a marginal of their own over all endpoints. */
export const MARGINAL_DIMENSIONS = ["node", "region", "family", "protocol"] as const;
export type MarginalDimension = (typeof MARGINAL_DIMENSIONS)[number];
export type Grain = "segment" | "endpoint" | "total" | MarginalDimension;
export type Tier = { readonly id: number; readonly resolutionMs: ResolutionMs; readonly grain: Grain };

/** The tier that ten-second rows had before they became blocks (ten-seconds.ts). */
export const FORMER_TEN_SECONDS = 1;

/** The tiers that compaction writes, each after the one that it is summed from. */
export const COMPACTED: readonly Tier[] = [
  { id: 2, resolutionMs: 60_000, grain: "segment" },
  { id: 3, resolutionMs: 60_000, grain: "endpoint" },
  { id: 4, resolutionMs: 60_000, grain: "total" },
  ...MARGINAL_DIMENSIONS.map((grain, at) => ({ id: 8 + at, resolutionMs: 60_000, grain }) as const),
  { id: 5, resolutionMs: 3_600_000, grain: "segment" },
  { id: 6, resolutionMs: 3_600_000, grain: "endpoint" },
  { id: 7, resolutionMs: 3_600_000, grain: "total" },
  ...MARGINAL_DIMENSIONS.map((grain, at) => ({ id: 12 + at, resolutionMs: 3_600_000, grain }) as const),
];

/**
 * In marginals of endpoints and of all, the segment id is a class: whose handshakes these are (customers, or families excluded from rates), and
 * from where they were seen. What counters or the wire saw has classes of its own, since a log may have seen the same
 * handshakes.
 */
// In those of another dimension it is the first segment with that value and class (Interner.firstOf).
export const CUSTOMERS = 0;
export const EXCLUDED = 1;
export const NOT_LOG = 2;
/** Marginals of classes below this are of logs. */
export const LOG_CLASSES_END = NOT_LOG;
/** Real segments start here. */
export const FIRST_SEGMENT_ID = 16;
/** The endpoint id of the grain `total`. */
export const NO_ENDPOINT = 0;

/** The compacted tier of a resolution and grain. */
export function compactedTier(resolutionMs: ResolutionMs, grain: Grain): Tier {
  const tier = COMPACTED.find((t) => t.resolutionMs === resolutionMs && t.grain === grain);
  if (!tier) throw new Error(`no tier for ${resolutionMs} ms by ${grain}`);
  return tier;
}

/** The columns of a row. */
export const ROLLUP_COLUMNS = `"tier", "tenantId", "endpointId", "bucketStartMs", "segmentId", "resultId", "count",
  "handshakeUs", "ttfbUs", "ticketAgeS"`;
