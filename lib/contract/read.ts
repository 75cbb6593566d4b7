/** The contracts of the read API: query parameters as they stand in a URL, and the answers. */
import { z } from "zod";
import { CHANGE_KINDS, DIMENSIONS, MECHANISMS, OUTCOMES, PROTOCOLS } from "../domain/vocabulary.ts";

/** Metrics of /api/series, each defined in lib/domain/metrics.ts. */
export const METRICS = [
  "resume_rate",
  "offer_rate",
  "accept_rate",
  "orphan_share",
  "handshakes",
  "full",
  "resumed",
  "failed",
  "unknown",
  "failure_rate",
  "handshake_us",
  "ttfb_us",
  "ticket_age_s",
  "early_data_accept_rate",
  "cache_hit_ratio",
  "cpu_saved",
  "cpu_at_risk",
  "expected_resume_rate",
] as const;
export type Metric = (typeof METRICS)[number];

/** What a series may be split by. */
export const GROUPINGS = [...DIMENSIONS, "mechanism", "outcome"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** The value that stands for "not known" in filters and keys of URLs. */
export const UNKNOWN_VALUE = "(unknown)";

const filterValue = z.string().max(253).optional();
/** Filters: a value, or several separated by commas; `(unknown)` for what the source cannot tell. */
export const filterParams = z.object({
  endpoint: filterValue,
  node: filterValue,
  region: filterValue,
  family: filterValue,
  protocol: filterValue,
  source: filterValue,
  mechanism: filterValue,
  outcome: filterValue,
});
export type FilterParams = z.infer<typeof filterParams>;

/**
 * A moment: epoch ms, epoch seconds (ten digits), RFC 3339, `now`, or `now-15m` (s, m, h, d, w).
 * A step: `10s`, `1m`, `1h`, `1d`, or a bare number: seconds below 10,000, milliseconds from there on.
 * Finer than 10 s means 10 s.
 */
export const windowParams = z.object({
  from: z.string().max(64).optional(),
  to: z.string().max(64).optional(),
  step: z.string().max(16).optional(),
});

export const seriesParams = windowParams.extend(filterParams.shape).extend({
  metric: z.enum(METRICS),
  by: z.string().max(200).optional(),
  q: z.string().max(64).optional(),
  format: z.enum(["json", "csv", "rows"]).optional(),
});

/** One step. `value` is null where there is nothing to say (a gap); `count` is the denominator behind it. */
export const point = z.object({
  t: z.number().int(),
  value: z.number().nullable(),
  count: z.number().int(),
  /** Wilson 95 %, for rates only. */
  low: z.number().nullable().optional(),
  high: z.number().nullable().optional(),
  /** The step is not over yet. */
  partial: z.boolean().optional(),
});
export type Point = z.infer<typeof point>;

export const seriesReply = z.object({
  metric: z.enum(METRICS),
  unit: z.string(),
  fromMs: z.number().int(),
  toMs: z.number().int(),
  stepMs: z.number().int(),
  resolutionMs: z.number().int(),
  by: z.array(z.enum(GROUPINGS)),
  series: z.array(
    z.object({
      key: z.partialRecord(z.enum(GROUPINGS), z.string().nullable()),
      q: z.number().optional(),
      points: z.array(point),
      /** Over the whole window: the value and the count behind it. */
      total: z.object({ value: z.number().nullable(), count: z.number().int() }),
    }),
  ),
  /** Series before the cap on their number: "N of M". */
  seriesTotal: z.number().int(),
});
export type SeriesReply = z.infer<typeof seriesReply>;

/** With `format=rows`: a line for each point of each series, for tools that plot tables. Times are RFC 3339. */
export const seriesRow = z.object({
  time: z.string(),
  series: z.string().describe("what the series is of, in words"),
  value: z.number().nullable(),
  count: z.number().int(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});
export type SeriesRow = z.infer<typeof seriesRow>;

export const COMPARISONS = ["none", "day", "week"] as const;
export type Comparison = (typeof COMPARISONS)[number];

export const summaryParams = windowParams
  .extend(filterParams.shape)
  .extend({ compare: z.enum(COMPARISONS).optional() });

export const tile = z.object({
  id: z.string(),
  label: z.string(),
  unit: z.string(),
  value: z.number().nullable(),
  count: z.number().int(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** The same over the compared window; null when there is no comparison or no data. */
  previous: z.number().nullable(),
  previousCount: z.number().int(),
  sparkline: z.array(point),
  /** Why the value is null, in words, or what stands behind it. */
  note: z.string().nullable(),
});
export type Tile = z.infer<typeof tile>;

export const endpointRow = z.object({
  endpoint: z.string().nullable(),
  handshakes: z.number().int(),
  full: z.number().int(),
  resumed: z.number().int(),
  failed: z.number().int(),
  /** Completed, but no source told whether in full or by resuming: in no resume rate. */
  unknown: z.number().int(),
  resumeRate: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  previousResumeRate: z.number().nullable(),
  previousCount: z.number().int(),
  /** (previous rate - rate) x completed handshakes, at least 0; null without comparison. */
  lost: z.number().nullable(),
  sparkline: z.array(point),
});
export type EndpointRow = z.infer<typeof endpointRow>;

export const summaryReply = z.object({
  fromMs: z.number().int(),
  toMs: z.number().int(),
  stepMs: z.number().int(),
  /** Newest bucket that holds anything at all; null in an empty store. */
  newestMs: z.number().int().nullable(),
  compare: z.enum(COMPARISONS),
  status: z.object({
    level: z.enum(["ok", "attention", "unknown", "empty"]),
    sentence: z.string(),
  }),
  /** Incidents that go on now, whatever the window: pages and what is only told, and the page that is worst. */
  openIncidents: z.object({
    pages: z.number().int(),
    infos: z.number().int(),
    worst: z.object({ id: z.string(), headline: z.string() }).nullable(),
  }),
  tiles: z.array(tile),
  endpoints: z.array(endpointRow),
  /** Left out of customers' rates: bots and monitors. */
  excludedHandshakes: z.number().int(),
  /** Nodes' products that a log and counters both tell of; rates are made of one view each. */
  twoViews: z.number().int(),
});
export type SummaryReply = z.infer<typeof summaryReply>;

export const heatmapParams = windowParams.extend(filterParams.shape).extend({
  metric: z.enum(["handshake_us", "ttfb_us", "ticket_age_s"]),
});
/** Counts by step and value range; `bins` are shared by all columns, lowest first. */
export const heatmapReply = z.object({
  metric: z.string(),
  unit: z.string(),
  fromMs: z.number().int(),
  toMs: z.number().int(),
  stepMs: z.number().int(),
  bins: z.array(z.object({ from: z.number(), to: z.number() })),
  columns: z.array(
    z.object({ t: z.number().int(), counts: z.array(z.number().int()), total: z.number().int() }),
  ),
});
export type HeatmapReply = z.infer<typeof heatmapReply>;

export const segmentsParams = windowParams.extend(filterParams.shape).extend({
  limit: z.coerce.number().int().min(1).max(5000).optional(),
});
export const segmentsReply = z.object({
  fromMs: z.number().int(),
  toMs: z.number().int(),
  segments: z.array(
    z.object({
      endpoint: z.string().nullable(),
      node: z.string().nullable(),
      region: z.string().nullable(),
      family: z.string().nullable(),
      protocol: z.enum(PROTOCOLS).nullable(),
      source: z.string().nullable(),
      handshakes: z.number().int(),
      lastSeenMs: z.number().int(),
    }),
  ),
  /** Distinct values of each dimension in the window, most handshakes first. */
  values: z.record(
    z.enum(DIMENSIONS),
    z.array(z.object({ value: z.string().nullable(), handshakes: z.number().int() })),
  ),
});
export type SegmentsReply = z.infer<typeof segmentsReply>;

export const changesParams = windowParams.extend({
  endpoint: filterValue,
  node: filterValue,
  limit: z.coerce.number().int().min(1).max(2000).optional(),
});
export const changeView = z.object({
  id: z.string(),
  kind: z.enum(CHANGE_KINDS),
  atMs: z.number().int(),
  endMs: z.number().int().nullable(),
  endpoint: z.string().nullable(),
  node: z.string().nullable(),
  region: z.string().nullable(),
  title: z.string(),
  detail: z.string().nullable(),
  ref: z.string().nullable(),
  actor: z.string().nullable(),
  recordedMs: z.number().int(),
  via: z.string(),
});
export type ChangeView = z.infer<typeof changeView>;
export const changesReply = z.object({
  fromMs: z.number().int(),
  toMs: z.number().int(),
  changes: z.array(changeView),
});
export type ChangesReply = z.infer<typeof changesReply>;

/** /api/changes/{id}/effect: R before and after, same length on both sides, in the change's scope. */
export const effectReply = z.object({
  change: changeView,
  windowMs: z.number().int(),
  before: z.object({ resumed: z.number().int(), full: z.number().int(), failed: z.number().int() }),
  after: z.object({ resumed: z.number().int(), full: z.number().int(), failed: z.number().int() }),
  resumeRateBefore: z.number().nullable(),
  resumeRateAfter: z.number().nullable(),
  /** After minus before with a 95 % interval (Newcombe); null where a side has no handshakes. */
  difference: z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable(),
  sentence: z.string(),
});
export type EffectReply = z.infer<typeof effectReply>;

/** Bad parameters: 400 with the field and the reason. */
export const errorReply = z.object({ error: z.string(), field: z.string().optional() });
export type ErrorReply = z.infer<typeof errorReply>;

export const filterKeys = [
  "endpoint",
  "node",
  "region",
  "family",
  "protocol",
  "source",
  "mechanism",
  "outcome",
] as const;
/** Closed vocabularies of filters, for messages and menus. */
export const FILTER_VALUES = { protocol: PROTOCOLS, mechanism: MECHANISMS, outcome: OUTCOMES } as const;
