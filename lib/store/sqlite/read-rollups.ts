import type { Result } from "../../domain/handshake.ts";
import type { Span } from "../../domain/spans.ts";
import { hiddenSpans, type Known } from "../../domain/truth.ts";
import { DIMENSIONS, type Dimension, type Vantage } from "../../domain/vocabulary.ts";
import { BUCKET_MS } from "../cell-block.ts";
import {
  HISTOGRAM_METRICS,
  RESOLUTIONS_MS,
  type ResolutionMs,
  type RollupQuery,
  type RollupResult,
  type RollupRow,
  type SegmentFilter,
  type SegmentRow,
  type TenantId,
} from "../port.ts";
import type { Sql } from "./client.ts";
import type { Interner, KnownSegment } from "./interner.ts";
import { ofRow, type StepPlan, type StepRow, type StepSum, withCells } from "./step-sums.ts";
import { SUMMED } from "./ten-seconds.ts";
import { compactedTier, type Grain, LOG_CLASSES_END, NO_ENDPOINT, type Tier } from "./tiers.ts";

/** Beyond this span the seconds not yet compacted do not show, and coarse rows alone are read. */
export const COARSE_ONLY_SPAN_MS = 7 * 86_400_000;

/** Groups get numbers; a row's code is twice its group plus whether its family is excluded. */
type Groups = { readonly keys: RollupRow["group"][]; readonly ofSegment: number[] };
type ReadRow = RollupRow & { readonly lastBucketMs: number };

export type ReadContext = {
  readonly sql: Sql;
  readonly interner: Interner;
  /** Oldest moment that a resolution still keeps, epoch ms. */
  readonly keptFromMs: (resolutionMs: number) => number;
  /** What is known of views of the same handshakes; asked only where there are counters. */
  readonly views: (tenant: TenantId) => Promise<Known>;
};

/** Reads rollups: picks resolution and grain, sums in SQL, and adds the cells that are not summed yet. */
export async function readRollups(
  context: ReadContext,
  tenant: TenantId,
  query: RollupQuery,
): Promise<RollupResult> {
  const { resolutionMs, stepMs } = pickResolution(query, context.keptFromMs);
  const segments = matching(context.interner, tenant, query.filter);
  if (segments.length === 0) return { stepMs, resolutionMs, rows: [] };
  const groups = groupSegments(segments, query.by ?? []);
  const hidden = await readHidden(context, tenant, { query, segments });
  const plan = { tenant, query, stepMs, resolutionMs, segments, groups, hidden, interner: context.interner };
  const sums = await readSums(context.sql, plan);
  return { stepMs, resolutionMs, rows: sums.map((sum) => toRow(sum, plan)) };
}

/** Handshakes and last sighting of every segment in a window, most first. */
export async function readSegments(
  context: ReadContext,
  tenant: TenantId,
  query: { fromMs: number; toMs: number; limit: number; filter?: SegmentFilter },
): Promise<SegmentRow[]> {
  const spanMs = query.toMs - query.fromMs;
  const resolutionMs = spanMs <= 7_200_000 ? 10_000 : spanMs <= 2 * 86_400_000 ? 60_000 : 3_600_000;
  const result = await readRollups(context, tenant, {
    ...query,
    stepMs: Math.ceil(spanMs / resolutionMs) * resolutionMs,
    by: DIMENSIONS,
  });
  const found = new Map<string, SegmentRow>();
  for (const row of result.rows as readonly ReadRow[]) {
    const key = JSON.stringify(row.group);
    const seen = found.get(key);
    found.set(key, {
      ...(row.group as Omit<SegmentRow, "handshakes" | "lastSeenMs">),
      handshakes: row.count + (seen?.handshakes ?? 0),
      lastSeenMs: Math.max(row.lastBucketMs, seen?.lastSeenMs ?? 0),
    });
  }
  return [...found.values()].sort((a, b) => b.handshakes - a.handshakes).slice(0, query.limit);
}

type Plan = {
  readonly tenant: TenantId;
  readonly query: RollupQuery;
  readonly stepMs: number;
  readonly resolutionMs: ResolutionMs;
  readonly segments: readonly KnownSegment[];
  readonly groups: Groups;
  /** By segment, when it does not count because another view saw the same handshakes. */
  readonly hidden: ReadonlyMap<number, readonly Span[]>;
  readonly interner: Interner;
};

const isNoLog = (segment: KnownSegment): boolean => segment.vantage !== "log";
/** Whoever tells times, which are asked of every view at once: but a log and the wire tell the same ones. */
const TIMED: readonly Vantage[] = ["log", "wire"];

async function readHidden(
  context: ReadContext,
  tenant: TenantId,
  { query, segments }: { query: RollupQuery; segments: readonly KnownSegment[] },
): Promise<Map<number, readonly Span[]>> {
  // Whoever asks by source wants to see each of them, side by side.
  const bySource = query.by?.includes("source") || query.filter?.source !== undefined;
  const hidden = new Map<number, readonly Span[]>();
  if (bySource || ![...context.interner.segments.values()].some(isNoLog)) return hidden;
  const known = await context.views(tenant);
  const among = query.views === "all" ? TIMED : undefined;
  for (const segment of segments) {
    // The wire does not show the time to the first byte, so it hides nobody's.
    if (query.views === "all" && (segment.vantage === "counters" || query.histograms?.includes("ttfbUs")))
      continue;
    const spans = hiddenSpans(segment, known, among);
    if (spans.length > 0) hidden.set(segment.id, spans);
  }
  return hidden;
}

/** The coarsest resolution that divides the step and still reaches back to the window's start. */
export function pickResolution(
  query: RollupQuery,
  keptFromMs: (resolutionMs: number) => number,
): { resolutionMs: ResolutionMs; stepMs: number } {
  const coarseFirst = [...RESOLUTIONS_MS].reverse();
  const fits = coarseFirst.find((r) => query.stepMs % r === 0 && query.stepMs >= r) ?? RESOLUTIONS_MS[0];
  const reaches = RESOLUTIONS_MS.find((r) => r >= fits && keptFromMs(r) <= query.fromMs);
  const resolutionMs = reaches ?? coarseFirst[0] ?? RESOLUTIONS_MS[0];
  return { resolutionMs, stepMs: Math.max(1, Math.ceil(query.stepMs / resolutionMs)) * resolutionMs };
}

function grainOf(plan: Plan): Grain {
  // Marginals hold every log; where somebody prefers another view, the hidden logs have to be left out one by one.
  if (plan.segments.some((s) => !isNoLog(s) && plan.hidden.has(s.id))) return "segment";
  const used = new Set<Dimension>(plan.query.by ?? []);
  for (const [name, values] of Object.entries(plan.query.filter ?? {}))
    if (values) used.add(name as Dimension);
  if (used.size === 0) return "total";
  return used.size === 1 && used.has("endpoint") ? "endpoint" : "segment";
}

function matching(interner: Interner, tenant: TenantId, filter: SegmentFilter = {}): KnownSegment[] {
  const wanted = Object.entries(filter).map(
    ([name, values]) => [name as Dimension, values && new Set<string | null>(values)] as const,
  );
  const fits = (s: KnownSegment): boolean => wanted.every(([name, values]) => !values || values.has(s[name]));
  return [...interner.segments.values()].filter((s) => s.tenantId === tenant && fits(s));
}

function groupSegments(segments: readonly KnownSegment[], by: readonly Dimension[]): Groups {
  const numbers = new Map<string, number>();
  const keys: RollupRow["group"][] = [];
  const ofSegment = segments.map((segment) => {
    const text = JSON.stringify(by.map((name) => segment[name]));
    let number = numbers.get(text);
    if (number === undefined) {
      number = keys.push(Object.fromEntries(by.map((name) => [name, segment[name]]))) - 1;
      numbers.set(text, number);
    }
    return number * 2 + (segment.class & 1);
  });
  return { keys, ofSegment };
}

const HISTOGRAM_COLUMNS = HISTOGRAM_METRICS.map((name) => `"${name}"`);

type Answer = { readonly json: string; readonly blocks: Uint8Array | null };

/** Rows and cells come from one statement: they are of one snapshot, in which every cell is either summed or not. */
async function readSums(sql: Sql, plan: Plan): Promise<readonly StepSum[]> {
  const [answer] = await sql.$queryRawUnsafe<Answer[]>(statement(plan), ...parameters(plan));
  const rows = (JSON.parse(answer?.json ?? "[]") as StepRow[]).map(ofRow);
  return answer?.blocks ? withCells(rows, answer.blocks, stepPlan(plan)) : rows;
}

const isFine = ({ resolutionMs }: Plan): boolean => resolutionMs === BUCKET_MS;

/** Sums of the wanted rows of the compacted tier, and the cells that are in no row: of ten seconds, all of them. */
function statement(plan: Plan): string {
  const blocks = `(SELECT block_list("cells", ?) FROM "CellBlock" WHERE "tenantId" = ? AND "toMs" > ? AND "fromMs" < ?
    ${isFine(plan) ? "" : `AND "stage" < ${SUMMED}`})`;
  return `SELECT ${isFine(plan) ? "'[]'" : `(${rowsStatement(plan)})`} AS json, ${blocks} AS blocks`;
}

function rowsStatement(plan: Plan): string {
  const sums = HISTOGRAM_METRICS.map((name) =>
    plan.query.histograms?.includes(name) ? `hist_sum(u."${name}") AS "${name}"` : `NULL AS "${name}"`,
  ).join(", ");
  return `WITH seg("id", "code", "noLog", "hidden") AS MATERIALIZED
      (SELECT value->>0, value->>1, value->>2, value->3 FROM json_each(?)),
    ep("id", "code") AS MATERIALIZED (SELECT value->>0, value->>1 FROM json_each(?)),
    res("id") AS MATERIALIZED (SELECT value FROM json_each(?))
    SELECT json_group_array(json_array("step", "code", "resultId", "count", "lastBucketMs",
      ${HISTOGRAM_COLUMNS.map((c) => `hex(${c})`).join(", ")})) AS json
    FROM (SELECT u."bucketStartMs" / CAST(? AS INTEGER) AS "step", u."code" AS "code", u."resultId" AS "resultId",
      sum(u."count") AS "count", max(u."bucketStartMs") AS "lastBucketMs", ${sums}
      FROM (${compactedRows(plan).join(" UNION ALL ")}) u WHERE u."resultId" IN (SELECT "id" FROM res)
      GROUP BY 1, 2, 3)`;
}

const COLUMNS = `r."bucketStartMs", r."resultId", r."count", ${HISTOGRAM_COLUMNS.map((c) => `r.${c}`).join(", ")}`;

/** A bucket that the other view saw in part is hidden whole: it may be counted too low, but never twice. */
function segmentRows(tier: Tier, only: string): string {
  return `SELECT seg."code" AS "code", ${COLUMNS} FROM ep CROSS JOIN "Rollup" r ON r."tier" = ${tier.id}
    AND r."tenantId" = ? AND r."endpointId" = ep."id" AND r."bucketStartMs" >= ? AND r."bucketStartMs" < ?
    JOIN seg ON seg."id" = r."segmentId" AND (seg."hidden" = 'null' OR NOT EXISTS (SELECT 1
      FROM json_each(seg."hidden") h WHERE r."bucketStartMs" + ${tier.resolutionMs} > (h.value->>0)
      AND r."bucketStartMs" < (h.value->>1)))
      ${only}`;
}

function compactedRows(plan: Plan): string[] {
  const grain = grainOf(plan);
  const segmentTier = compactedTier(plan.resolutionMs, "segment");
  if (grain === "segment") return [segmentRows(segmentTier, "")];
  const tier = compactedTier(plan.resolutionMs, grain).id;
  const window = `r."tier" = ${tier} AND r."tenantId" = ?`;
  const logs = `r."bucketStartMs" >= ? AND r."bucketStartMs" < ? AND r."segmentId" < ${LOG_CLASSES_END}`;
  const marginals =
    grain === "total"
      ? `SELECT r."segmentId" AS "code", ${COLUMNS} FROM "Rollup" r WHERE ${window}
          AND r."endpointId" = ${NO_ENDPOINT} AND ${logs}`
      : `SELECT ep."code" + r."segmentId" AS "code", ${COLUMNS} FROM ep CROSS JOIN "Rollup" r ON ${window}
          AND r."endpointId" = ep."id" AND ${logs}`;
  // What counters and the wire saw is few segments, and counts only where no log saw the same.
  return plan.segments.some(isNoLog)
    ? [marginals, segmentRows(segmentTier, ` AND seg."noLog" = 1`)]
    : [marginals];
}

/** In the order of the placeholders above. */
function parameters(plan: Plan): unknown[] {
  const { query, tenant } = plan;
  const fromMs = startMs(plan);
  // A long window is read from coarse rows alone: an empty window of cells costs nothing.
  const toMs = !isFine(plan) && query.toMs - query.fromMs > COARSE_ONLY_SPAN_MS ? fromMs : query.toMs;
  const blocks = [wantedEndpoints(plan), tenant, fromMs, toMs];
  if (isFine(plan)) return blocks;
  return [
    JSON.stringify(segmentRowsOf(plan)),
    JSON.stringify(endpointCodes(plan)),
    JSON.stringify(resultIds(plan)),
    plan.stepMs,
    ...compactedRows(plan).flatMap(() => [tenant, fromMs, query.toMs]),
    ...blocks,
  ];
}

const startMs = ({ query, resolutionMs }: Plan): number =>
  Math.floor(query.fromMs / resolutionMs) * resolutionMs;

/** Endpoints whose cells are asked for, where that spares others; null: all. */
function wantedEndpoints({ segments, interner, query }: Plan): string | null {
  if (query.filter?.endpoint === undefined) return null;
  const wanted = [...new Set(segments.map(({ endpointId }) => endpointId))];
  return wanted.length < interner.endpointNames.size ? JSON.stringify(wanted) : null;
}

function stepPlan(plan: Plan): StepPlan {
  const { query, stepMs, segments, groups, hidden } = plan;
  return {
    ...{ fromMs: startMs(plan), toMs: query.toMs, stepMs, hidden },
    results: new Set(resultIds(plan)),
    codes: new Map(segments.map(({ id }, index) => [id, groups.ofSegment[index] ?? 0])),
    histograms: query.histograms ?? [],
  };
}

function segmentRowsOf({ segments, groups, hidden }: Plan): unknown[][] {
  return segments.map((segment, index) => {
    const spans = hidden.get(segment.id)?.map(({ fromMs, toMs }) => [fromMs, toMs]) ?? null;
    return [segment.id, groups.ofSegment[index] ?? 0, isNoLog(segment) ? 1 : 0, spans];
  });
}

function endpointCodes(plan: Plan): [number, number][] {
  const codes = new Map<number, number>();
  plan.segments.forEach((segment, index) => {
    const code = plan.groups.ofSegment[index] ?? 0;
    codes.set(segment.endpointId, code - (segment.class & 1));
  });
  return [...codes];
}

function resultIds({ query, interner }: Plan): number[] {
  const wanted = query.outcomes && new Set(query.outcomes);
  return [...interner.results].flatMap(([id, r]) => (!wanted || wanted.has(r.outcome) ? [id] : []));
}

function toRow(sum: StepSum, plan: Plan): ReadRow {
  const { stepIndex, code, resultId, count, lastBucketMs } = sum;
  const [handshakeUs = null, ttfbUs = null, ticketAgeS = null] = sum.histograms;
  return {
    ...(plan.interner.results.get(resultId) as Result),
    bucketStartMs: stepIndex * plan.stepMs,
    group: plan.groups.keys[code >> 1] ?? {},
    excluded: (code & 1) === 1,
    count,
    lastBucketMs,
    ...{ handshakeUs, ttfbUs, ticketAgeS },
  };
}
