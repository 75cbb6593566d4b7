/** Figures in sentences, as people read them: plain English, UTC. */
import { rateOf, type Share } from "./rates.ts";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 1,204. */
export function inWhole(value: number): string {
  return whole.format(value);
}

/** 41.3 %, of a ratio. */
export function inPercent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}

/** 41.3 % (1,204 of 2,915); "nothing" where there are no trials. */
export function inShare(share: Share): string {
  const rate = rateOf(share);
  return rate === null ? "nothing" : `${inPercent(rate)} (${inWhole(share.k)} of ${inWhole(share.n)})`;
}

/** 54.8 points, of the difference of two ratios; without its sign. */
export function inPoints(difference: number): string {
  return `${Math.abs(difference * 100).toFixed(1)} points`;
}

/** 11.4 cores, 0.0031 cores. */
export function inCores(cores: number): string {
  const size = Math.abs(cores);
  return `${cores.toFixed(size < 0.01 ? 4 : size < 1 ? 2 : 1)} cores`;
}

/** 14:02 UTC, with its day where it is another than `nearMs`'s. */
export function inUtc(ms: number, nearMs = ms): string {
  const text = new Date(ms).toISOString();
  const clock = `${text.slice(11, 16)} UTC`;
  return text.slice(0, 10) === new Date(nearMs).toISOString().slice(0, 10)
    ? clock
    : `${text.slice(0, 10)} ${clock}`;
}

/** 45 s, 12 min, 3.5 h, 2 days. */
export function inLength(ms: number): string {
  if (ms < 90_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Number((ms / 3_600_000).toFixed(1))} h`;
  return `${Math.round(ms / 86_400_000)} days`;
}

/** a, b and c; of more than `most` only the first, and how many there are. */
export function inList(names: readonly string[], most = 3): string {
  if (names.length > most)
    return `${names.slice(0, most - 1).join(", ")} and ${names.length - most + 1} more`;
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** A text that came from outside as one line: what breaks lines, steers terminals or turns the direction of writing becomes a space. */
export function inOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}
