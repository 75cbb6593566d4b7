/**
 * The Prometheus text exposition format 0.0.4 (prometheus.io, "Exposition formats"): one sample a line, comments after
 * "#". Strict as Prometheus itself is: one line that cannot be read spoils the whole answer, since it may be cut short.
 */
import type { MetricPoint } from "./metric-source.ts";

/** Most samples kept of one answer. */
const MAX_SAMPLES = 100_000;
/** Longest line, characters. */
const MAX_LINE = 65_536;
/** Most labels of one sample. */
const MAX_LABELS = 64;
const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const LABEL_VALUE = /"((?:[^"\\\n]|\\[^\n])*)"/y;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

export type PrometheusText =
  | { readonly ok: true; readonly points: readonly MetricPoint[] }
  | { readonly ok: false; readonly reason: string };

/** Reads the samples whose name is wanted; others are only checked. A sample without a time is of `atMs`. Never throws. */
export function parsePrometheusText(
  text: string,
  at: { readonly atMs: number; readonly wanted: (name: string) => boolean },
): PrometheusText {
  const points: MetricPoint[] = [];
  let number = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end < 0 ? text.length : end).replace(/\r$/, "");
    start = end < 0 ? text.length : end + 1;
    number += 1;
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    const point = parseSample(line, at.atMs);
    if (point === null) return { ok: false, reason: `line ${number} is no Prometheus sample` };
    if (!at.wanted(point.name)) continue;
    if (points.length === MAX_SAMPLES) return { ok: false, reason: `more than ${MAX_SAMPLES} samples` };
    points.push(point);
  }
  return { ok: true, points };
}

function parseSample(line: string, atMs: number): MetricPoint | null {
  if (line.length > MAX_LINE) return null;
  const name = wordAt(NAME, line, 0);
  if (name === null) return null;
  const open = skipBlanks(line, name.length);
  const labelled = line[open] === "{" ? parseLabels(line, open + 1) : { labels: {}, end: name.length };
  if (labelled === null || (labelled.end === name.length && open === name.length)) return null;
  const [text = "", time, ...more] = line
    .slice(labelled.end)
    .trim()
    .split(/[ \t]+/);
  const value = numberIn(text);
  if (value === null || more.length > 0 || !(time === undefined || /^-?\d{1,16}$/.test(time))) return null;
  return {
    name,
    labels: labelled.labels,
    value,
    atMs: time === undefined ? atMs : Number(time),
    kind: "total",
    startedMs: null,
  };
}

/** Labels from behind the "{" on; `end` lies behind the "}". */
function parseLabels(line: string, from: number): { labels: Record<string, string>; end: number } | null {
  const labels: [string, string][] = [];
  let at = skipBlanks(line, from);
  while (line[at] !== "}") {
    const name = wordAt(LABEL_NAME, line, at);
    if (name === null || labels.length === MAX_LABELS) return null;
    at = skipBlanks(line, at + name.length);
    if (line[at] !== "=") return null;
    at = skipBlanks(line, at + 1);
    const quoted = wordAt(LABEL_VALUE, line, at);
    if (quoted === null) return null;
    labels.push([name, unescaped(quoted.slice(1, -1))]);
    at = skipBlanks(line, at + quoted.length);
    if (line[at] === ",") at = skipBlanks(line, at + 1);
    else if (line[at] !== "}") return null;
  }
  return { labels: Object.fromEntries(labels), end: at + 1 };
}

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (line[at] === " " || line[at] === "\t") at += 1;
  return at;
}

/** `\\`, `\"` and `\n` stand for themselves; any other escape is kept as it is written. */
function unescaped(text: string): string {
  return text.replace(/\\([\\"n])/g, (_all, letter: string) => (letter === "n" ? "\n" : letter));
}

function numberIn(text: string): number | null {
  if (NUMBER.test(text)) return Number(text);
  const special = /^([+-]?)inf$/i.exec(text);
  if (special) return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^nan$/i.test(text) ? Number.NaN : null;
}

/** What a sticky expression matches at a place; null for nothing. */
function wordAt(expression: RegExp, line: string, at: number): string | null {
  expression.lastIndex = at;
  return expression.exec(line)?.[0] ?? null;
}
