import type { AuditReply } from "@/lib/contract/read-audit.ts";
import { csvLines } from "./csv.ts";

const HEAD = [
  ...["id", "at", "actor", "address", "action", "target_kind", "target_id", "before", "after"],
  ...["prev_hash", "hash"],
];

/** Entries of the audit log as CSV: one line each, rows as JSON in one cell. */
export function auditCsv({ entries }: AuditReply): string {
  const text = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
  const lines = entries.map((e) => [
    ...[e.id, new Date(e.atMs).toISOString(), e.actor, e.address, e.action, e.targetKind, e.targetId],
    ...[text(e.before), text(e.after), e.prevHash, e.hash],
  ]);
  return csvLines([HEAD, ...lines]);
}
