/** Starts of processes, and the early data that was accepted right after (H19). */
import type { StartFact } from "../policy/facts.ts";
import type { ReadStore, StoredChange, TenantId } from "../store/port.ts";

/** Starts of one endpoint that are looked at, the newest ones. */
const MOST_STARTS = 10;
const LOOKED_AT_MS = 60_000;
const STEP_MS = 10_000;

/** The newest starts within reach of ten-second buckets. A bucket in which the start lies tells of both sides, and is left out. */
export async function readStarts(
  store: ReadStore,
  tenant: TenantId,
  of: { readonly endpoint: string; readonly changes: readonly StoredChange[]; readonly nowMs: number },
): Promise<StartFact[]> {
  const starts: StartFact[] = [];
  const over = of.changes.filter(
    ({ kind, atMs }) => (kind === "reload" || kind === "deploy") && atMs + LOOKED_AT_MS <= of.nowMs,
  );
  for (const { atMs, node } of over.slice(0, MOST_STARTS)) {
    const fromMs = Math.ceil(atMs / STEP_MS) * STEP_MS;
    const { rows, resolutionMs } = await store.readRollups(tenant, {
      fromMs,
      toMs: fromMs + LOOKED_AT_MS,
      stepMs: STEP_MS,
      filter: { endpoint: [of.endpoint], ...(node === null ? {} : { node: [node] }) },
    });
    if (resolutionMs > STEP_MS) continue;
    const accepted = rows
      .filter(({ earlyData }) => earlyData === "accepted")
      .map(({ bucketStartMs, count }) => ({
        fromS: (bucketStartMs - atMs) / 1_000,
        toS: (bucketStartMs + STEP_MS - atMs) / 1_000,
        count,
      }));
    starts.push({ node, atMs, accepted });
  }
  return starts;
}
