import type { Span } from "../../domain/spans.ts";
import type { Dimension } from "../../domain/vocabulary.ts";
import { BUCKET_MS } from "../cell-block.ts";
import type { FarSums, StepSum, SumPart } from "../far-sums.ts";
import {
  HISTOGRAM_METRICS,
  type ResolutionMs,
  type RollupQuery,
  type RollupRow,
  type TenantId,
} from "../port.ts";
import type { Sql } from "./client.ts";
import { type FarPlan, readFarSums } from "./far-reads.ts";
import type { Interner, KnownSegment } from "./interner.ts";
import { ofRow, type StepPlan, type StepRow, withCells } from "./step-sums.ts";
import { SUMMED } from "./ten-seconds.ts";
import {
  CUSTOMERS,
  compactedTier,
  EXCLUDED,
  type Grain,
  LOG_CLASSES_END,
  NO_ENDPOINT,
  type Tier,
} from "./tiers.ts";

/** Groups get numbers; a row's code is twice its group plus whether its family is excluded. */
export type Groups = { readonly keys: RollupRow["group"][]; readonly ofSegment: number[] };

export type RollupPlan = {
  readonly tenant: TenantId;
  readonly query: RollupQuery;
  readonly stepMs: number;
  readonly resolutionMs: ResolutionMs;
  /** Since when there are rows by node, region, family and protocol. */
  readonly marginalsFromMs: number;
  readonly segments: readonly KnownSegment[];
  readonly groups: Groups;
  /** By segment, when it does not count because another view saw the same handshakes. */
  readonly hidden: ReadonlyMap<number, readonly Span[]>;
  readonly interner: Interner;
};

export const isNoLog = (segment: KnownSegment): boolean => segment.vantage !== "log";

function grainOf(plan: RollupPlan): Grain {
  const [only, ...more] = usedBy(plan.query);
  // Marginals hold every log; where somebody prefers another view, the hidden logs have to be left out one by one.
  if (plan.segments.some((s) => !isNoLog(s) && plan.hidden.has(s.id))) return "segment";
  if (only === undefined) return "total";
  if (more.length > 0 || only === "source") return "segment";
  return only === "endpoint" || startMs(plan) >= plan.marginalsFromMs ? only : "segment";
}

/** Dimensions that a query groups or filters by. */
function usedBy({ by = [], filter = {} }: RollupQuery): Set<Dimension> {
  const filtered = Object.entries(filter).flatMap(([name, values]) => (values ? [name as Dimension] : []));
  return new Set([...by, ...filtered]);
}

const HISTOGRAM_COLUMNS = HISTOGRAM_METRICS.map((name) => `"${name}"`);

type Answer = { readonly json: string; readonly blocks: Uint8Array | null };

/** Rows and cells come from one statement: they are of one snapshot, in which every cell is either summed or not. */
export async function readSums(sql: Sql, plan: RollupPlan, far: FarSums | null): Promise<readonly StepSum[]> {
  if (far && !isFine(plan)) return readFarSums(sql, far, farPlan(plan));
  const [answer] = await sql.$queryRawUnsafe<Answer[]>(statement(plan), ...parameters(plan));
  const rows = (JSON.parse(answer?.json ?? "[]") as StepRow[]).map(ofRow);
  return answer?.blocks ? withCells(rows, answer.blocks, stepPlan(plan)) : rows;
}

const isFine = ({ resolutionMs }: RollupPlan): boolean => resolutionMs === BUCKET_MS;

/** Sums of the wanted rows of the compacted tier, and the cells that are in no row: of ten seconds, all of them. */
function statement(plan: RollupPlan): string {
  const blocks = `(SELECT block_list("cells", ?) FROM "CellBlock" WHERE "tenantId" = ? AND "toMs" > ? AND "fromMs" < ?
    ${isFine(plan) ? "" : `AND "stage" < ${SUMMED}`})`;
  return `SELECT ${isFine(plan) ? "'[]'" : `(${rowsStatement(plan)})`} AS json, ${blocks} AS blocks`;
}

function rowsStatement(plan: RollupPlan): string {
  const sums = HISTOGRAM_METRICS.map((name) =>
    plan.query.histograms?.includes(name) ? `hist_sum(u."${name}") AS "${name}"` : `NULL AS "${name}"`,
  ).join(", ");
  // Numbers of JSON have no affinity, and without one SQLite makes no index for a join: it would look through all segments for each row.
  return `WITH seg("id", "code", "noLog", "hidden") AS MATERIALIZED
      (SELECT CAST(value->>0 AS INTEGER), value->>1, value->>2, value->3 FROM json_each(?)),
    ep("id", "code") AS MATERIALIZED (SELECT CAST(value->>0 AS INTEGER), value->>1 FROM json_each(?)),
    res("id") AS MATERIALIZED (SELECT CAST(value AS INTEGER) FROM json_each(?)),
    first("id", "code") AS MATERIALIZED (SELECT CAST(value->>0 AS INTEGER), value->>1 FROM json_each(?))
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

function compactedRows(plan: RollupPlan): string[] {
  const grain = grainOf(plan);
  const segmentTier = compactedTier(plan.resolutionMs, "segment");
  if (grain === "segment") return [segmentRows(segmentTier, "")];
  const tier = compactedTier(plan.resolutionMs, grain).id;
  const window = `r."tier" = ${tier} AND r."tenantId" = ?`;
  const logs = `r."bucketStartMs" >= ? AND r."bucketStartMs" < ?`;
  const marginals = marginalRows(grain, `${window} AND ${logs}`);
  // What counters and the wire saw is few segments, and counts only where no log saw the same.
  return plan.segments.some(isNoLog)
    ? [marginals, segmentRows(segmentTier, ` AND seg."noLog" = 1`)]
    : [marginals];
}

function marginalRows(grain: Grain, window: string): string {
  const classes = `r."segmentId" < ${LOG_CLASSES_END}`;
  if (grain === "endpoint")
    return `SELECT ep."code" + r."segmentId" AS "code", ${COLUMNS} FROM ep CROSS JOIN "Rollup" r
      ON ${window} AND r."endpointId" = ep."id" AND ${classes}`;
  const all = `"Rollup" r ON ${window} AND r."endpointId" = ${NO_ENDPOINT}`;
  if (grain === "total")
    return `SELECT r."segmentId" AS "code", ${COLUMNS} FROM (SELECT 1) CROSS JOIN ${all} AND ${classes}`;
  return `SELECT first."code" AS "code", ${COLUMNS} FROM (SELECT 1) CROSS JOIN ${all}
    CROSS JOIN first ON first."id" = r."segmentId"`;
}

/** The same, of an engine that keeps the sums. */
function farPlan(plan: RollupPlan): FarPlan {
  const { tenant, query, resolutionMs, stepMs } = plan;
  const window = { fromMs: startMs(plan), toMs: query.toMs };
  const histograms = query.histograms ?? [];
  return {
    query: {
      tenant,
      resolutionMs,
      stepMs,
      ...window,
      results: resultIds(plan),
      parts: farParts(plan),
      histograms,
    },
    endpoints: wantedEndpoints(plan),
    cells: stepPlan(plan),
  };
}

function farParts(plan: RollupPlan): SumPart[] {
  const grain = grainOf(plan);
  const { resolutionMs, segments } = plan;
  if (grain === "segment") return [farSegments(plan, segments)];
  const tierId = compactedTier(resolutionMs, grain).id;
  const marginal = { tierId, hidden: new Map() };
  const logs: SumPart =
    grain === "endpoint"
      ? { ...marginal, by: "endpoint", codes: new Map(endpointCodes(plan)), endpoints: endpointIds(segments) }
      : grain === "total"
        ? {
            ...marginal,
            by: "class",
            codes: new Map([CUSTOMERS, EXCLUDED].map((id) => [id, id])),
            endpoints: [NO_ENDPOINT],
          }
        : { ...marginal, by: "segment", codes: new Map(firstCodes(plan)), endpoints: [NO_ENDPOINT] };
  return segments.some(isNoLog) ? [logs, farSegments(plan, segments.filter(isNoLog))] : [logs];
}

function farSegments(
  { resolutionMs, groups, hidden, segments: all }: RollupPlan,
  segments: readonly KnownSegment[],
): SumPart {
  const wanted = new Set(segments);
  const codes = all.flatMap((segment, index): [number, number][] =>
    wanted.has(segment) ? [[segment.id, groups.ofSegment[index] ?? 0]] : [],
  );
  return {
    tierId: compactedTier(resolutionMs, "segment").id,
    by: "segment",
    codes: new Map(codes),
    endpoints: endpointIds(segments),
    hidden: new Map(
      segments.flatMap(({ id }) => (hidden.has(id) ? [[id, hidden.get(id) ?? []] as const] : [])),
    ),
  };
}

const endpointIds = (segments: readonly KnownSegment[]): number[] => [
  ...new Set(segments.map(({ endpointId }) => endpointId)),
];

/** In the order of the placeholders above. */
function parameters(plan: RollupPlan): unknown[] {
  const { query, tenant } = plan;
  const fromMs = startMs(plan);
  const blocks = [wantedEndpoints(plan), tenant, fromMs, query.toMs];
  if (isFine(plan)) return blocks;
  return [
    JSON.stringify(segmentRowsOf(plan)),
    JSON.stringify(endpointCodes(plan)),
    JSON.stringify(resultIds(plan)),
    JSON.stringify(firstCodes(plan)),
    plan.stepMs,
    ...compactedRows(plan).flatMap(() => [tenant, fromMs, query.toMs]),
    ...blocks,
  ];
}

const startMs = ({ query, resolutionMs }: RollupPlan): number =>
  Math.floor(query.fromMs / resolutionMs) * resolutionMs;

/** Endpoints whose cells are asked for, where that spares others; null: all. */
function wantedEndpoints({ segments, interner, query }: RollupPlan): string | null {
  if (query.filter?.endpoint === undefined) return null;
  const wanted = [...new Set(segments.map(({ endpointId }) => endpointId))];
  return wanted.length < interner.endpointNames.size ? JSON.stringify(wanted) : null;
}

function stepPlan(plan: RollupPlan): StepPlan {
  const { query, stepMs, segments, groups, hidden } = plan;
  return {
    ...{ fromMs: startMs(plan), toMs: query.toMs, stepMs, hidden },
    results: new Set(resultIds(plan)),
    codes: new Map(segments.map(({ id }, index) => [id, groups.ofSegment[index] ?? 0])),
    histograms: query.histograms ?? [],
  };
}

function segmentRowsOf({ segments, groups, hidden }: RollupPlan): unknown[][] {
  return segments.map((segment, index) => {
    const spans = hidden.get(segment.id)?.map(({ fromMs, toMs }) => [fromMs, toMs]) ?? null;
    return [segment.id, groups.ofSegment[index] ?? 0, isNoLog(segment) ? 1 : 0, spans];
  });
}

/** Codes of the segments that stand for those with the same value, in marginals of that dimension. */
function firstCodes(plan: RollupPlan): [number, number][] {
  const grain = grainOf(plan);
  if (grain === "segment" || grain === "endpoint" || grain === "total") return [];
  const codes = new Map<number, number>();
  plan.segments.forEach((segment, index) => {
    if (!isNoLog(segment))
      codes.set(plan.interner.firstOf(grain, segment.id), plan.groups.ofSegment[index] ?? 0);
  });
  return [...codes];
}

function endpointCodes(plan: RollupPlan): [number, number][] {
  const codes = new Map<number, number>();
  plan.segments.forEach((segment, index) => {
    const code = plan.groups.ofSegment[index] ?? 0;
    codes.set(segment.endpointId, code - (segment.class & 1));
  });
  return [...codes];
}

function resultIds({ query, interner }: RollupPlan): number[] {
  const wanted = query.outcomes && new Set(query.outcomes);
  return [...interner.results].flatMap(([id, r]) => (!wanted || wanted.has(r.outcome) ? [id] : []));
}
