import type { SeriesReply } from "@/lib/contract/read.ts";

/** A cell that no spreadsheet takes for a formula and no comma breaks. */
function cell(value: string | number | null): string {
  if (value === null) return "";
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === "string" ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
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
