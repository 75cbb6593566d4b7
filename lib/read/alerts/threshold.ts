import { seriesParams, UNKNOWN_VALUE } from "../../contract/read.ts";
import { lengthText } from "../../domain/alert-rule.ts";
import { inUnit } from "../../domain/alert-words.ts";
import { METRIC_DEFINITIONS, type MetricDefinition } from "../../domain/metrics.ts";
import { inWhole } from "../../domain/words.ts";
import { readSeries } from "../series.ts";
import {
  type Asked,
  compared,
  type MeasureContext,
  type Measured,
  momentsOf,
  partStepMs,
} from "./measured.ts";
import { readSlices, type Sum } from "./slices.ts";

type Condition = Asked<"threshold">["condition"];

/** A metric over a window against a fixed value. Rates and durations with fewer than `leastCount` handshakes are no data. */
export function measureThreshold(context: MeasureContext, asked: Asked<"threshold">): Promise<Measured[]> {
  const { kind } = METRIC_DEFINITIONS[asked.condition.metric] as MetricDefinition;
  return kind === "rate" || kind === "count" || kind === "value"
    ? measureSliced(context, asked)
    : measureSeries(context, asked);
}

async function measureSliced(context: MeasureContext, asked: Asked<"threshold">): Promise<Measured[]> {
  const { condition, rule, times } = asked;
  const { window, metric, outcome } = condition;
  const groups = await readSlices(context, {
    ...{ rule, metric, outcome, times, shortestMs: window, longestMs: window },
  });
  return groups.map(({ labels, over }) => ({
    labels,
    points: momentsOf(times).map((atMs) => {
      const sum = over(atMs - window, atMs);
      const value = valueIn(sum, condition);
      return { atMs, sample: compared(value, condition), text: textOf(condition, value, sum.n) };
    }),
  }));
}

/** Counts are a second; a window with no handshakes at all is a gap. */
function valueIn(
  { k, n, values }: Sum,
  { metric, window, quantile = 0.5, leastCount }: Condition,
): number | null {
  const { kind } = METRIC_DEFINITIONS[metric] as MetricDefinition;
  if (n === 0 || (kind !== "count" && n < leastCount)) return null;
  if (kind === "value") return values?.quantile(quantile) ?? null;
  return kind === "count" ? (1_000 * k) / window : k / n;
}

/** Metrics that are read as series of their own: CPU, caches, what was expected. */
async function measureSeries(context: MeasureContext, asked: Asked<"threshold">): Promise<Measured[]> {
  const { condition, rule, times } = asked;
  const { metric, window, leastCount } = condition;
  const stepMs = partStepMs(window);
  const params = seriesParams.parse({
    metric,
    from: String(times.fromMs - window),
    to: String(times.toMs),
    step: String(stepMs),
    ...(rule.by.length ? { by: rule.by.join(",") } : {}),
    ...Object.fromEntries(
      Object.entries(rule.scope).map(([name, values]) => [name, (values ?? []).join(",")]),
    ),
  });
  const reply = await readSeries(context.store, context.tenant, {
    params,
    nowMs: times.toMs,
    costs: context.costs,
  });
  const ratio = METRIC_DEFINITIONS[metric].unit === "ratio";
  return reply.series.map(({ key, points }) => ({
    labels: Object.fromEntries(rule.by.map((name) => [name, key[name] ?? UNKNOWN_VALUE])),
    points: momentsOf(times).map((atMs) => {
      // The step that is going on now is left out: part of it is yet to come.
      const within = points.filter(
        ({ t, value }) => value !== null && t >= atMs - window && t + stepMs <= atMs,
      );
      const n = within.reduce((sum, point) => sum + point.count, 0);
      const weight = ratio ? n : within.length;
      const sum = within.reduce((total, { value, count }) => total + (value ?? 0) * (ratio ? count : 1), 0);
      const value = weight > 0 && n >= leastCount ? sum / weight : null;
      return { atMs, sample: compared(value, condition), text: textOf(condition, value, n) };
    }),
  }));
}

function textOf(condition: Condition, value: number | null, n: number): string {
  const { metric, window, direction, value: bound, quantile, outcome } = condition;
  const { label } = METRIC_DEFINITIONS[metric];
  const what = [
    label,
    ...(outcome ? [`of ${outcome} handshakes`] : []),
    ...(quantile ? [`p${100 * quantile}`] : []),
  ];
  const measured =
    value === null
      ? `not known (${inWhole(n)} handshakes)`
      : `${inUnit(METRIC_DEFINITIONS[metric].unit, value)}, ${inWhole(n)} handshakes`;
  return `${what.join(" ")} ${measured} in ${lengthText(window)}; it should not be ${direction} ${inUnit(METRIC_DEFINITIONS[metric].unit, bound)}`;
}
