import type { IncidentReply, Recovery } from "@/lib/contract/read-incidents.ts";
import { type ApiPoint, type ChartModel, joinLines, type Row } from "./model.ts";

/** The distance of two neighbours, ms; a minute where there is only one point. */
function stepOf(times: readonly number[]): number {
  const gaps = times.slice(1).map((t, i) => t - (times[i] ?? t));
  return gaps.length ? Math.max(1, Math.min(...gaps)) : 60_000;
}

/** The departed signal with its interval, over what was expected; null where nothing was measured. */
export function prepareCourse(
  course: IncidentReply["course"],
  { label, unit }: { readonly label: string; readonly unit: string },
): ChartModel | null {
  const times = course.map(({ t }) => t);
  const [firstMs, lastMs] = [times[0], times.at(-1)];
  if (firstMs === undefined || lastMs === undefined || course.every(({ value }) => value === null))
    return null;
  const stepMs = stepOf(times);
  const expected: ApiPoint[] = course.map((point) => ({ ...point, value: point.expected }));
  return joinLines(
    { fromMs: firstMs, toMs: lastMs + stepMs, stepMs, unit },
    [
      { key: "expected", label: "Expected", colour: "var(--ink-3)", shape: "dashed", points: expected },
      { key: "rate", label, colour: "var(--ink)", shape: "line", points: course },
    ],
    course,
  );
}

/** The last moment that a recovery chart shows, ms: a good while past the expected end, and never past what was predicted. */
function recoveryEnd({ predicted, actual, eta, fromMs }: Recovery): number {
  const lastMs = Math.max(predicted.at(-1)?.t ?? fromMs, actual.at(-1)?.t ?? fromMs);
  if (!eta) return lastMs;
  const seenMs = actual.at(-1)?.t ?? fromMs;
  return Math.min(lastMs, Math.max(eta.highMs, seenMs) + (eta.atMs - fromMs) * 0.15);
}

type Predicted = Recovery["predicted"][number];

/** The prediction at a moment, between its own points; null outside of them. */
function predictedAt(predicted: readonly Predicted[], t: number): Omit<Predicted, "t"> | null {
  const next = predicted.findIndex((point) => point.t >= t);
  const [a, b] = [predicted[Math.max(0, next - 1)], predicted[next]];
  if (!a || !b || t < a.t) return null;
  const share = b.t === a.t ? 0 : (t - a.t) / (b.t - a.t);
  const between = (from: number, to: number): number => from + (to - from) * share;
  return {
    low: between(a.low, b.low),
    value: between(a.value, b.value),
    high: between(a.high, b.high),
  };
}

/**
 * The predicted recovery with its band, under what really happened. The rows stand at the times of what was measured, and
 * beyond them at those of the prediction, so that neither line has gaps that are none. `label` names what is measured.
 */
export function prepareRecovery(recovery: Recovery, label: string): ChartModel | null {
  const { predicted, actual } = recovery;
  const endMs = recoveryEnd(recovery);
  const seenMs = actual.at(-1)?.t ?? Number.NEGATIVE_INFINITY;
  const ahead = predicted.filter(({ t }) => t > seenMs).map(({ t }) => ({ t, value: null, count: 0 }));
  const rows = [...actual, ...ahead]
    .filter(({ t }) => t <= endMs)
    .map((point: ApiPoint): Row => {
      const there = predictedAt(predicted, point.t);
      return {
        t: point.t,
        partial: point.partial ?? false,
        values: { predicted: there?.value ?? null, rate: point.value },
        count: point.count,
        band: there ? [there.low, there.high] : null,
      };
    });
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last || predicted.length === 0) return null;
  const stepMs = stepOf((actual.length > 1 ? actual : predicted).map(({ t }) => t));
  return {
    fromMs: first.t,
    toMs: last.t + stepMs,
    stepMs,
    unit: "ratio",
    columns: [
      {
        key: "predicted",
        label:
          recovery.basis === "measured" ? "Predicted from ticket ages" : "Predicted, ticket ages estimated",
        colour: "var(--accent)",
        shape: "dashed",
      },
      { key: "rate", label, colour: "var(--ink)", shape: "line" },
    ],
    rows,
    band: { label: "predicted", colour: "var(--accent)" },
  };
}

type Contribution = IncidentReply["contributions"][number];
export type Dimension = Contribution["dimension"];
/** The dimension that a table of contributions shows; `worst` takes the values that lost most of any dimension. */
export const DIMENSION_NAMES = [
  "worst",
  "endpoint",
  "node",
  "region",
  "family",
  "protocol",
  "mechanism",
  "reason",
] as const;
export type DimensionName = (typeof DIMENSION_NAMES)[number];
const WORST = 8;
/** What lost less of all than this is not among the worst. */
const LEAST_SHARE = 0.01;

/** The dimensions that have values, in their order, with how many. */
export function dimensionsOf(all: readonly Contribution[]): { name: Dimension; values: number }[] {
  return DIMENSION_NAMES.flatMap((name) => {
    const values = all.filter(({ dimension }) => dimension === name).length;
    return name === "worst" || values === 0 ? [] : [{ name, values }];
  });
}

/**
 * The rows of one dimension, most lost first. Of `worst`, what lost most of all; a dimension with one value says nothing
 * there, since that one has lost everything by definition.
 */
export function contributionRows(all: readonly Contribution[], name: DimensionName): Contribution[] {
  const sorted = [...all].sort((a, b) => b.lostShare - a.lostShare || b.lost - a.lost);
  if (name !== "worst") return sorted.filter(({ dimension }) => dimension === name);
  const several = new Set(dimensionsOf(all).flatMap((of) => (of.values > 1 ? [of.name] : [])));
  const telling = sorted.filter(
    ({ dimension, lostShare }) => several.has(dimension) && lostShare >= LEAST_SHARE,
  );
  return (telling.length ? telling : sorted).slice(0, WORST);
}

/** One step of a movement from before to after: where it starts and ends, in ratio points of change. */
export type SplitPart = { readonly label: string; readonly value: number; readonly colour: string };
export type SplitBar = {
  readonly parts: readonly (SplitPart & { readonly left: number; readonly width: number })[];
  /** Where no change stands, as a share of the bar. */
  readonly zero: number;
};

/**
 * Bars whose parts lie left (down) or right (up) of no change, all on one scale. Shares of the bar's width; parts of the same
 * sign follow one another.
 */
export function splitBars(bars: readonly (readonly SplitPart[])[]): SplitBar[] {
  const reach = (sign: 1 | -1): number =>
    Math.max(0, ...bars.map((parts) => parts.reduce((sum, { value }) => sum + Math.max(0, sign * value), 0)));
  const [down, up] = [reach(-1), reach(1)];
  const span = down + up || 1;
  const zero = down / span;
  return bars.map((parts) => {
    let [left, right] = [zero, zero];
    return {
      zero,
      parts: parts.map((part) => {
        const width = Math.abs(part.value) / span;
        if (part.value < 0) {
          left -= width;
          return { ...part, left, width };
        }
        right += width;
        return { ...part, left: right - width, width };
      }),
    };
  });
}
