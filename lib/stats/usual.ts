import { median, patternShrinkage, weightedMedian } from "./robust.ts";

/** Successes of trials in one hour; `hour` is whole hours since the epoch. */
export type HourShare = { readonly hour: number; readonly k: number; readonly n: number };

/** Hours looked back at: two weeks. */
export const USUAL_HOURS = 14 * 24;
/** Hours that have to be known before anything is called usual. */
const LEAST_HOURS = 6;
/** Hours in which an hour's weight halves: four days. */
const HALF_LIFE_HOURS = 96;
/** The hour before is left out: what goes wrong now must not become usual at once. */
const GUARD_HOURS = 1;
/** Variance of a median in that of a mean, of normal values. */
const MEDIAN_NOISE = Math.PI / 2;
/** Days that a pattern of the day needs. */
const LEAST_DAYS = 2;

/**
 * What a rate usually is at an hour, from the two weeks before it and nothing later: a level (the median of hourly rates, by
 * handshakes and age) and a pattern of the day, believed as far as the days agree (James and Stein 1961). Robust: an incident of
 * some hours moves it little. In [0, 1]; null where fewer than six hours are known.
 */
export function usualRate(hours: readonly HourShare[], atHour: number): number | null {
  const known = hours.filter(
    ({ hour, n }) => n > 0 && hour < atHour - GUARD_HOURS && hour >= atHour - USUAL_HOURS,
  );
  if (known.length < LEAST_HOURS) return null;
  const rates = known.map(({ k, n }) => k / n);
  const weights = known.map(({ hour, n }) => n * 0.5 ** ((atHour - hour) / HALF_LIFE_HOURS));
  const level = weightedMedian(rates, weights) ?? 0;
  return Math.min(1, Math.max(0, level + dailyPattern(known, level, atHour)));
}

/** How much this hour of the day usually lies above the level. */
function dailyPattern(known: readonly HourShare[], level: number, atHour: number): number {
  const slots = new Map<number, number[]>();
  for (const { hour, k, n } of known) {
    const slot = slots.get(hour % 24) ?? [];
    slot.push(k / n - level);
    slots.set(hour % 24, slot);
  }
  const here = slots.get(atHour % 24) ?? [];
  if (here.length < LEAST_DAYS) return 0;
  const several = [...slots.values()].filter((values) => values.length >= LEAST_DAYS);
  const middles = several.map((values) => median(values) ?? 0);
  const noise = several.reduce((sum, values) => sum + varianceOfMean(values), 0) / several.length;
  return patternShrinkage(middles, MEDIAN_NOISE * noise) * (median(here) ?? 0);
}

function varianceOfMean(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return squares / (values.length - 1) / values.length;
}
