import type { SeriesReply } from "@/lib/contract/read.ts";
import type { KeysReply } from "@/lib/contract/read-keys.ts";

/** What spreadsheets take for the beginning of a formula, full-width forms too, behind whatever they skip before it. */
const FORMULA = /^[\s"'\p{Cc}\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u;

/** A cell that no spreadsheet takes for a formula and no comma breaks. */
function cell(value: string | number | null): string {
  if (value === null) return "";
  const text = String(value);
  const safe = typeof value === "string" && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A series answer as CSV: one line a point; gaps are empty cells. */
export function seriesCsv(reply: SeriesReply): string {
  const head = ["time", ...reply.by, "q", reply.metric, "count", "low", "high"];
  const lines = reply.series.flatMap((series) =>
    series.points.map((point) => [
      new Date(point.t).toISOString(),
      ...reply.by.map((name) => series.key[name] ?? null),
      series.q ?? null,
      point.value,
      point.count,
      point.low ?? null,
      point.high ?? null,
    ]),
  );
  return csvLines([head, ...lines]);
}

/** Lines of cells as CSV (RFC 4180). */
export function csvLines(lines: readonly (readonly (string | number | null)[])[]): string {
  return `${lines.map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}

const timeOf = (ms: number | null | undefined): string | null =>
  ms == null ? null : new Date(ms).toISOString();

/** Keys as CSV: one line for each key at each node. */
export function keysCsv(reply: KeysReply): string {
  const uses = ["issued", "accepted", "refused", "loaded"] as const;
  const head = ["key", "endpoint", "node", "state", "basis", "since", "lifetime_s"];
  for (const use of uses) head.push(`${use}_first`, `${use}_last`, use);
  const lines = reply.keys.flatMap(({ keyName, lifetimeS, places }) =>
    places.map((at) => [
      ...[keyName, at.endpoint, at.node, at.state, at.basis, timeOf(at.sinceMs), lifetimeS],
      ...uses.flatMap((use) => [timeOf(at[use]?.firstMs), timeOf(at[use]?.lastMs), at[use]?.count ?? 0]),
    ]),
  );
  return csvLines([head, ...lines]);
}
