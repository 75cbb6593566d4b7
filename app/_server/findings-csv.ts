import type { FindingsReply } from "@/lib/contract/read-security.ts";
import { csvLines } from "./csv.ts";

/** Findings as CSV: one line each, its evidence in one cell. */
export function findingsCsv({ findings }: FindingsReply): string {
  const head = [
    ...["id", "kind", "severity", "state", "endpoint", "node", "first", "last", "count", "title", "evidence"],
    "acknowledged_by",
  ];
  const time = (ms: number): string => new Date(ms).toISOString();
  const lines = findings.map((f) => [
    ...[f.id, f.kind, f.severity, f.state, f.endpoint, f.node, time(f.firstMs), time(f.lastMs), f.count],
    f.title,
    f.evidence.map(({ label, value }) => `${label}: ${value}`).join("; "),
    f.acknowledgedBy,
  ]);
  return csvLines([head, ...lines]);
}
