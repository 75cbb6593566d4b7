import type { Window } from "../store/port.ts";
import { ParameterProblem } from "./problem.ts";

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const DEFAULT_SPAN_MS = 3_600_000;
const MAX_SPAN_MS = 400 * 86_400_000;
/** Points of a series when nobody says a step. */
const WANTED_POINTS = 300;
const MAX_POINTS = 11_000;
const FINEST_MS = 10_000;
/** Moments within what Date can print, with room for rounding to steps. */
const LAST_MOMENT_MS = 8_000_000_000_000_000;
/** Steps that people read well; each a multiple of the stored resolution that serves it. */
const NICE_STEPS_MS = [
  10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
].map((s) => s * 1_000);

/** Epoch ms of `now`, `now-15m`, epoch ms, epoch seconds (ten digits) or RFC 3339 text. Throws ParameterProblem. */
export function parseMoment(field: string, text: string, nowMs: number): number {
  if (text === "now") return nowMs;
  const relative = /^now-(\d{1,6})([smhdw])$/.exec(text);
  const value = relative ? nowMs - Number(relative[1]) * (UNITS_MS[relative[2] ?? ""] ?? 0) : absolute(text);
  if (!(Math.abs(value) <= LAST_MOMENT_MS))
    throw new ParameterProblem(
      field,
      `${field} must be epoch ms, an RFC 3339 time, now, or now-15m (s, m, h, d, w)`,
    );
  return value;
}

function absolute(text: string): number {
  // Ten digits are seconds, as Unix clocks and some of Grafana's macros have them: as milliseconds they would lie in 1970.
  if (/^\d{10}$/.test(text)) return Number(text) * 1_000;
  if (/^\d{1,16}$/.test(text)) return Number(text);
  // RFC 3339 demands the offset; without it Date.parse would take the server's own zone.
  return /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/i.test(text) ? Date.parse(text) : Number.NaN;
}

/**
 * Milliseconds of `10s`, `1m`, `1h`, `1d`, `30000ms`, or a bare number: seconds below 10,000, milliseconds from there on. What is
 * finer than what is kept means the finest.
 */
export function parseStep(text: string): number {
  const match = /^(\d{1,12})(ms|[smhdw])?$/.exec(text);
  const number = Number(match?.[1]);
  if (!match || number <= 0)
    throw new ParameterProblem("step", "step must be like 10s, 5m, 1h, 1d, or seconds");
  const unit = match[2];
  const stepMs = unit ? number * (UNITS_MS[unit] ?? 0) : number < 10_000 ? number * 1_000 : number;
  if (stepMs > MAX_SPAN_MS) throw new ParameterProblem("step", "step must be 400 days at most");
  return Math.max(stepMs, FINEST_MS);
}

/** A step that gives at most about `points` points over a span. */
export function niceStep(spanMs: number, points = WANTED_POINTS): number {
  return (
    NICE_STEPS_MS.find((stepMs) => spanMs / stepMs <= points) ??
    Math.ceil(spanMs / points / 86_400_000) * 86_400_000
  );
}

export type WindowText = {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly step?: string | undefined;
};

/**
 * The window that a request means, widened to whole steps. Default: the last hour, with a step for about 300 points.
 * Throws ParameterProblem for what cannot be read or is too large.
 */
export function parseWindow(text: WindowText, nowMs: number, points?: number): Window {
  const toMs = parseMoment("to", text.to ?? "now", nowMs);
  const fromMs = text.from === undefined ? toMs - DEFAULT_SPAN_MS : parseMoment("from", text.from, nowMs);
  if (fromMs >= toMs) throw new ParameterProblem("from", "from must lie before to");
  if (toMs - fromMs > MAX_SPAN_MS) throw new ParameterProblem("from", "a window spans 400 days at most");
  const stepMs = text.step === undefined ? niceStep(toMs - fromMs, points) : parseStep(text.step);
  if ((toMs - fromMs) / stepMs > MAX_POINTS)
    throw new ParameterProblem("step", `step must be larger: this is more than ${MAX_POINTS} points`);
  return alignWindow({ fromMs, toMs, stepMs });
}

/** The window widened to whole steps (of epoch time, UTC). */
export function alignWindow({ fromMs, toMs, stepMs }: Window): Window {
  return { fromMs: Math.floor(fromMs / stepMs) * stepMs, toMs: Math.ceil(toMs / stepMs) * stepMs, stepMs };
}

/** The starts of all steps of an aligned window. */
export function stepsOf({ fromMs, toMs, stepMs }: Window): number[] {
  return Array.from(
    { length: Math.max(0, Math.ceil((toMs - fromMs) / stepMs)) },
    (_, i) => fromMs + i * stepMs,
  );
}
