/** What a rule would have done: its condition measured over history, and the same state machine run over it. */
import type { Labels } from "../../alerting/match.ts";
import { type AlertSample, type AlertState, advance } from "../../alerting/state.ts";
import type { PreviewReply } from "../../contract/read-alerts.ts";
import type { AlertRule } from "../../domain/alert-rule.ts";
import { conditionScale } from "../../domain/alert-words.ts";
import { measure } from "./measure.ts";
import type { MeasureContext, MeasuredPoint } from "./measured.ts";

const DAY_MS = 86_400_000;
/** Evaluations over the whole span at most. */
const MOST_MOMENTS = 1_500;
const STEPS_MS = [60_000, 120_000, 300_000, 600_000, 900_000, 1_200_000, 1_800_000];
const MOST_FIRINGS = 500;
const MOST_SERIES = 6;
const NO_DATA: AlertSample = { value: null, breached: false, cleared: false };
const OVER: AlertSample = { value: 0, breached: false, cleared: true };

export type PreviewRequest = {
  readonly rule: AlertRule;
  readonly fromMs: number;
  readonly toMs: number;
  /** Since when minutes are kept. */
  readonly minutesFromMs: number;
  /** Asked after each portion: true ends it there, with what was measured so far. */
  readonly enough: () => boolean;
};
type Course = { readonly labels: Labels; readonly points: Map<number, MeasuredPoint> };

/** How often a span is evaluated, milliseconds: once a minute where that is few enough moments. */
export function stepFor(spanMs: number): number {
  return STEPS_MS.find((step) => spanMs / step <= MOST_MOMENTS) ?? 3_600_000;
}

/**
 * Runs a rule over history. It is measured a day at a time, the newest first, so that a preview that takes too long says less of the
 * past and nothing wrong of it. Throws ParameterProblem, or what the store throws.
 */
export async function previewRule(context: MeasureContext, request: PreviewRequest): Promise<PreviewReply> {
  const { rule, enough } = request;
  const stepMs = stepFor(request.toMs - request.fromMs);
  const toMs = Math.floor(request.toMs / stepMs) * stepMs;
  const askedFromMs = Math.floor(request.fromMs / stepMs) * stepMs;
  const courses = new Map<string, Course>();
  let fromMs = toMs + stepMs;
  while (fromMs > askedFromMs && !(fromMs <= toMs && enough())) {
    const endMs = fromMs - stepMs;
    fromMs = Math.max(askedFromMs, endMs - DAY_MS + stepMs);
    for (const { labels, identity, points } of await measure(context, rule, {
      fromMs,
      toMs: endMs,
      stepMs,
    })) {
      const key = identity ?? JSON.stringify(Object.entries(labels).sort());
      const course = courses.get(key) ?? { labels, points: new Map() };
      for (const point of points) course.points.set(point.atMs, point);
      courses.set(key, course);
    }
  }
  const played = [...courses.values()].map((course) => play(rule, course, { fromMs, toMs, stepMs }));
  const firings = played.flatMap((one) => one.firings).sort((a, b) => b.fromMs - a.fromMs);
  const sum = (count: (one: Played) => number): number => played.reduce((all, one) => all + count(one), 0);
  return {
    ...{ fromMs, toMs, askedFromMs, stepMs, alerts: played.length },
    hoursBeforeMs: fromMs < request.minutesFromMs && isOfRollups(rule) ? request.minutesFromMs : null,
    fired: firings.length,
    evaluations: sum(({ points }) => points.length),
    withoutData: sum(({ points }) => points.filter(([, value]) => value === null).length),
    firings: firings.slice(0, MOST_FIRINGS),
    ...conditionScale(rule.condition),
    series: [...played]
      .sort((a, b) => b.firings.length - a.firings.length)
      .slice(0, MOST_SERIES)
      .map(({ labels, points, firings: own }) => ({ labels, fired: own.length, points })),
  };
}

/** Whether a rule is measured over rollups, which grow coarser with age. */
const isOfRollups = ({ condition: { kind } }: AlertRule): boolean =>
  kind === "threshold" || kind === "drop" || kind === "burn" || kind === "absence";

type Played = {
  readonly labels: Record<string, string>;
  readonly points: [number, number | null][];
  readonly firings: PreviewReply["firings"];
};

/** One alert over the moments, as the collector would have taken it. */
function play(
  rule: AlertRule,
  { labels, points }: Course,
  times: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
): Played {
  const matter = rule.condition.kind === "incident" || rule.condition.kind === "finding";
  const played: { -readonly [Key in keyof Played]: Played[Key] } = { labels, points: [], firings: [] };
  let state: AlertState | null = null;
  for (let atMs = times.fromMs; atMs <= times.toMs; atMs += times.stepMs) {
    const point = points.get(atMs);
    if (!point && state === null && !matter) {
      played.points.push([atMs, null]);
      continue;
    }
    const sample = point?.sample ?? (matter ? OVER : NO_DATA);
    const timing = { ...rule, everyMs: times.stepMs };
    const { state: next, transition } = advance(state, sample, timing, atMs);
    state = next;
    played.points.push([atMs, sample.value]);
    if (transition === "fired")
      played.firings.push({ labels: { ...labels }, fromMs: atMs, toMs: null, text: point?.text ?? "" });
    const last = played.firings.at(-1);
    if (transition === "resolved" && last)
      played.firings[played.firings.length - 1] = { ...last, toMs: atMs };
  }
  return played;
}
