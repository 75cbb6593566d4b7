import type { z } from "zod";
import type { ChangesReply, changesParams, SegmentsReply, segmentsParams } from "../contract/read.ts";
import { DIMENSIONS } from "../domain/vocabulary.ts";
import type { ReadStore, TenantId } from "../store/port.ts";
import { parseFilters } from "./filters.ts";
import { ParameterProblem } from "./problem.ts";
import { parseMoment, parseWindow } from "./window.ts";

const MAX_SEGMENTS = 5_000;
const DEFAULT_SEGMENTS = 500;
const DEFAULT_CHANGES = 500;
const WEEK_MS = 604_800_000;

/** Answers /api/segments. Throws ParameterProblem. */
export async function readSegmentList(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly params: z.infer<typeof segmentsParams>; readonly nowMs: number },
): Promise<SegmentsReply> {
  const { fromMs, toMs } = parseWindow(request.params, request.nowMs);
  const filter = parseFilters(request.params).segment;
  const all = await store.readSegments(tenant, { fromMs, toMs, limit: MAX_SEGMENTS, filter });
  const values = Object.fromEntries(
    DIMENSIONS.map((name) => {
      const sums = new Map<string | null, number>();
      for (const row of all) sums.set(row[name], (sums.get(row[name]) ?? 0) + row.handshakes);
      const list = [...sums].map(([value, handshakes]) => ({ value, handshakes }));
      return [name, list.sort((a, b) => b.handshakes - a.handshakes)];
    }),
  ) as SegmentsReply["values"];
  return { fromMs, toMs, segments: all.slice(0, request.params.limit ?? DEFAULT_SEGMENTS), values };
}

/** Answers /api/changes. Throws ParameterProblem. */
export async function readChangeList(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly params: z.infer<typeof changesParams>; readonly nowMs: number },
): Promise<ChangesReply> {
  const { params, nowMs } = request;
  const toMs = parseMoment("to", params.to ?? "now", nowMs);
  const fromMs = params.from === undefined ? toMs - WEEK_MS : parseMoment("from", params.from, nowMs);
  if (fromMs >= toMs) throw new ParameterProblem("from", "from must lie before to");
  const { endpoint, node } = params;
  const changes = await store.readChanges(tenant, {
    fromMs,
    // "now" includes what was recorded in this very millisecond.
    toMs: toMs + 1,
    limit: params.limit ?? DEFAULT_CHANGES,
    ...(endpoint ? { endpoint } : {}),
    ...(node ? { node } : {}),
  });
  return { fromMs, toMs, changes: [...changes] };
}
