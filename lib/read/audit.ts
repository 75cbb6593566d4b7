import type { z } from "zod";
import type { AuditEntryView, AuditReply, auditParams } from "../contract/read-audit.ts";
import type { ReadStore } from "../store/port.ts";
import type { AuditEntry } from "../store/port-audit.ts";
import type { Place } from "../store/port-people.ts";
import { ParameterProblem } from "./problem.ts";
import { parseMoment } from "./window.ts";

const MONTH_MS = 30 * 86_400_000;
const DEFAULT_LIMIT = 200;
/** Asks for entries of nobody who was signed in. */
export const NOBODY = "-";

/** Answers /api/audit: what people changed in a tenant, or in the installation itself, within a window (30 days by default), the newest first. Throws ParameterProblem. */
export async function readAuditLog(
  store: ReadStore,
  place: Place,
  request: { readonly params: z.infer<typeof auditParams>; readonly nowMs: number },
): Promise<AuditReply> {
  const { params, nowMs } = request;
  const { actor, action, targetKind, targetId, before, limit = DEFAULT_LIMIT } = params;
  const toMs = parseMoment("to", params.to ?? "now", nowMs);
  const fromMs = params.from === undefined ? toMs - MONTH_MS : parseMoment("from", params.from, nowMs);
  if (fromMs >= toMs) throw new ParameterProblem("from", "from must lie before to");
  const entries = await store.audit.readAudit(place, {
    fromMs,
    // "now" includes what was done in this very millisecond.
    toMs: toMs + 1,
    // One more tells whether there are more.
    limit: limit + 1,
    ...(actor ? { actor: actor === NOBODY ? "" : actor } : {}),
    ...(action ? { action } : {}),
    ...(targetKind ? { targetKind } : {}),
    ...(targetId ? { targetId } : {}),
    ...(before ? { beforeId: before } : {}),
  });
  const shown = entries.slice(0, limit);
  const next = entries.length > limit ? (shown.at(-1)?.id ?? null) : null;
  return { fromMs, toMs, nowMs, entries: shown.map(entryView), next };
}

/** An entry as it is shown: its rows as values. */
export function entryView(entry: AuditEntry): AuditEntryView {
  return { ...entry, before: parsed(entry.before), after: parsed(entry.after) };
}

const parsed = (text: string | null): unknown => (text === null ? null : JSON.parse(text));
