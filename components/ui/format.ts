/** Numbers and times as people read them. `null` is always an en dash: unknown, not zero. */
const UNKNOWN = "–";
const whole = new Intl.NumberFormat("en-US");
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

export function formatCount(value: number | null): string {
  return value === null ? UNKNOWN : whole.format(value);
}

export function formatCompact(value: number | null): string {
  if (value === null) return UNKNOWN;
  return value < 10_000 ? whole.format(value) : compact.format(value);
}

export function formatPercent(value: number | null, digits = 1): string {
  return value === null ? UNKNOWN : `${(value * 100).toFixed(digits)} %`;
}

/** A belief, which is never written as certain or impossible where it is not: 84 %, > 99 %, < 1 %. */
export function formatProbability(value: number): string {
  if (value > 0.99 && value < 1) return "> 99 %";
  return value > 0 && value < 0.01 ? "< 1 %" : formatPercent(value, 0);
}

/** A difference of two rates, in points, with its sign. */
export function formatPoints(value: number | null): string {
  if (value === null) return UNKNOWN;
  const points = Math.round(value * 1_000) / 10;
  const sign = points > 0 ? "+" : points < 0 ? "−" : "±";
  return `${sign}${Math.abs(points).toFixed(1)} pt`;
}

export function formatUs(us: number | null): string {
  if (us === null) return UNKNOWN;
  if (us < 1_000) return `${Math.round(us)} µs`;
  if (us < 1_000_000) return `${(us / 1_000).toFixed(us < 10_000 ? 2 : us < 100_000 ? 1 : 0)} ms`;
  return `${(us / 1_000_000).toFixed(2)} s`;
}

/** A value by the unit names of the read API. */
export function formatValue(value: number | null, unit: string): string {
  if (value === null) return UNKNOWN;
  if (unit === "ratio") return formatPercent(value);
  if (unit === "us") return formatUs(value);
  if (unit === "per_s")
    return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : formatCompact(Math.round(value))} /s`;
  if (unit === "times") return `${Number(value.toFixed(1))} ×`;
  if (unit === "length") return formatAge(value * 1_000).replace(" ago", "");
  if (unit === "cores") return `${coresText(value)} cores`;
  return formatCompact(Math.round(value));
}

function coresText(cores: number): string {
  if (cores === 0) return "0";
  return cores < 0.0001 ? "< 0.0001" : cores.toFixed(cores < 0.01 ? 4 : 2);
}

const two = (value: number): string => String(value).padStart(2, "0");

/** Whose clock a time is written by: UTC, or the reader's own. */
export type Zone = "utc" | "local";

/** What to add to UTC to get the zone's clock at that moment, in ms (summer time included). */
export function zoneOffsetMs(ms: number, zone: Zone): number {
  return zone === "utc" ? 0 : -new Date(ms).getTimezoneOffset() * 60_000;
}

/** 14:05:30, with the date where the span is longer than a day. What the server renders too needs `useZone`. */
export function formatTime(ms: number, spanMs: number, zone: Zone = "local"): string {
  const date = new Date(ms + zoneOffsetMs(ms, zone));
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  const day = `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  if (spanMs > 86_400_000) return `${day} ${clock}`;
  return spanMs <= 3_600_000 ? `${clock}:${two(date.getUTCSeconds())}` : clock;
}

/** 2026-11-24 14:05:30. */
export function formatDateTime(ms: number, zone: Zone = "local"): string {
  return `${formatTime(ms, Number.POSITIVE_INFINITY, zone)}:${two(new Date(ms).getUTCSeconds())}`;
}

/** A moment before or after another: "−10 min", "0", "+2 h". */
export function formatOffset(ms: number): string {
  if (ms === 0) return "0";
  const s = Math.round(Math.abs(ms) / 1_000);
  const text = s < 120 ? `${s} s` : s < 7_200 ? `${round(s / 60)} min` : `${round(s / 3_600)} h`;
  return `${ms < 0 ? "−" : "+"}${text}`;
}
const round = (value: number): string => String(Number(value.toFixed(1)));

/** "12 s ago", "3 min ago", "2 h ago", "5 d ago", or "in …". */
export function formatAge(ms: number): string {
  const past = ms >= 0;
  const s = Math.round(Math.abs(ms) / 1_000);
  const text =
    s < 90
      ? `${s} s`
      : s < 5_400
        ? `${Math.round(s / 60)} min`
        : s < 129_600
          ? `${Math.round(s / 3_600)} h`
          : `${Math.round(s / 86_400)} d`;
  return past ? `${text} ago` : `in ${text}`;
}

/** What a null dimension is called. */
export function nameOf(value: string | null | undefined): string {
  return value ?? "unknown";
}
