import type { RuleVerdict } from "@/lib/contract/read-policy.ts";
import type { Severity } from "@/lib/domain/findings.ts";

export const VERDICT_WORDS: Readonly<Record<RuleVerdict["verdict"], string>> = {
  fail: "Fails",
  unknown: "Unknown",
  pass: "Passes",
  not_applicable: "Does not apply",
};

export const SEVERITY_NAMES: Readonly<Record<Severity, string>> = {
  critical: "Critical",
  high: "High",
  medium: "Medium",
  low: "Low",
};

/** Exceptions that end this soon are told. */
export const SOON_MS = 7 * 86_400_000;

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;
const SIZES: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  m: 60,
  min: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
};

/** A length as people enter it, in the largest unit that divides it: 604,800 is "7 d", 90 is "90 s". */
export function lengthText(seconds: number): string {
  const [unit, size] = UNITS.find(([, each]) => seconds % each === 0 && seconds >= each) ?? ["s", 1];
  return `${seconds / size} ${unit}`;
}

/** Seconds of "7 d", "12h", "15 min", "90 s" or a bare number of seconds; null where it cannot be read. */
export function parseLength(text: string): number | null {
  const match = /^\s*(\d{1,10}(?:\.\d+)?)\s*(s|sec|m|min|h|d|w)?\s*$/i.exec(text);
  if (!match) return null;
  const seconds = Number(match[1]) * (SIZES[(match[2] ?? "s").toLowerCase()] ?? 1);
  return Number.isInteger(seconds) ? seconds : null;
}
