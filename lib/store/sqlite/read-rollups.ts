import type { Result } from "../../domain/handshake.ts";
import type { Span } from "../../domain/spans.ts";
import { hiddenSpans, type Known } from "../../domain/truth.ts";
import { DIMENSIONS, type Dimension, type Vantage } from "../../domain/vocabulary.ts";
import type { FarSums, StepSum } from "../far-sums.ts";
import {
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
import { readMarginalsFromMs } from "./marginals.ts";
import { type Groups, isNoLog, type RollupPlan, readSums } from "./rollup-sql.ts";

type ReadRow = RollupRow & { readonly lastBucketMs: number };

export type ReadContext = {
  readonly sql: Sql;
  readonly interner: Interner;
  /** Oldest moment that a resolution still keeps, epoch ms. */
  readonly keptFromMs: (resolutionMs: number) => number;
  /** What is known of views of the same handshakes; asked only where there are counters. */
  readonly views: (tenant: TenantId) => Promise<Known>;
  /** Where minutes and hours lie if not in the file. */
  readonly far: FarSums | null;
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
  const marginalsFromMs = await readMarginalsFromMs(context.sql);
  const about = { tenant, query, stepMs, resolutionMs, marginalsFromMs, interner: context.interner };
  const plan = { ...about, segments, groups, hidden };
  const sums = await readSums(context.sql, plan, context.far);
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

function toRow(sum: StepSum, plan: RollupPlan): ReadRow {
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
