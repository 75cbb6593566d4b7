import type { z } from "zod";
import type { FindingsReply, FindingView, findingsParams } from "../contract/read-security.ts";
import { FINDING_KINDS, type FindingKind } from "../domain/findings.ts";
import type { ReadStore, TenantId } from "../store/port.ts";
import type { StoredFinding } from "../store/port-findings.ts";
import { ParameterProblem } from "./problem.ts";
import { parseMoment } from "./window.ts";

const WEEK_MS = 604_800_000;
const DEFAULT_LIMIT = 500;

/** Answers /api/findings: what was found and last seen in a window (a week by default). Throws ParameterProblem. */
export async function readFindingList(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly params: z.infer<typeof findingsParams>; readonly nowMs: number },
): Promise<FindingsReply> {
  const { params, nowMs } = request;
  const toMs = parseMoment("to", params.to ?? "now", nowMs);
  const fromMs = params.from === undefined ? toMs - WEEK_MS : parseMoment("from", params.from, nowMs);
  if (fromMs >= toMs) throw new ParameterProblem("from", "from must lie before to");
  const kinds = kindsOf(params.kind);
  const states = statesOf(params.state);
  const findings = await store.findings.readFindings(tenant, {
    fromMs,
    // "now" includes what was seen in this very millisecond.
    toMs: toMs + 1,
    limit: params.limit ?? DEFAULT_LIMIT,
    ...(kinds ? { kinds } : {}),
    ...(states ? { states } : {}),
    ...(params.endpoint ? { endpoint: params.endpoint } : {}),
  });
  const sources = await store.readSources(tenant);
  return {
    fromMs,
    toMs,
    nowMs,
    findings: findings.map(viewOf),
    sources: sources
      .filter(({ lastHandshake }) => lastHandshake !== null)
      .map(({ source, sender, lastHandshake }) => ({
        source,
        sender,
        tickets: lastHandshake?.ticketId != null,
        clients: lastHandshake?.client != null,
      })),
  };
}

/** A finding as the read API shows it. */
export function viewOf(finding: StoredFinding): FindingView {
  return { ...finding, evidence: finding.evidence.map(({ label, value }) => ({ label, value })) };
}

function kindsOf(text: string | undefined): FindingKind[] | undefined {
  if (!text) return undefined;
  return text.split(",").map((name) => {
    if (!(FINDING_KINDS as readonly string[]).includes(name))
      throw new ParameterProblem("kind", `kind must be of ${FINDING_KINDS.join(", ")}, not "${name}"`);
    return name as FindingKind;
  });
}

function statesOf(state: z.infer<typeof findingsParams>["state"]): StoredFinding["state"][] | undefined {
  if (state === undefined || state === "all") return undefined;
  return state === "unsettled" ? ["open", "acknowledged"] : [state];
}
