import type { EffectReply } from "../contract/read.ts";
import { addResult, type Counts, noCounts, rateOf, resumeShare } from "../domain/rates.ts";
import { difference } from "../stats/difference.ts";
import type { ReadStore, SegmentFilter, StoredChange, TenantId } from "../store/port.ts";

const WINDOW_MS = 900_000;
const BUCKET_MS = 10_000;

/**
 * The measured effect of a change: R in equal windows before and after it, in its scope, with the interval of the
 * difference. The windows are as long as what has passed since, 15 minutes at most. Null for an unknown change.
 */
export async function readEffect(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly id: string; readonly nowMs: number },
): Promise<EffectReply | null> {
  const change = await store.readChange(tenant, request.id);
  if (!change) return null;
  const endMs = change.endMs ?? change.atMs;
  const windowMs = Math.max(0, Math.min(WINDOW_MS, request.nowMs - endMs));
  const before = await countsOf(store, tenant, { change, fromMs: change.atMs - windowMs, toMs: change.atMs });
  const after = await countsOf(store, tenant, { change, fromMs: endMs, toMs: endMs + windowMs });
  const moved = difference(resumeShare(before), resumeShare(after));
  return {
    change,
    windowMs,
    before: pick(before),
    after: pick(after),
    resumeRateBefore: rateOf(resumeShare(before)),
    resumeRateAfter: rateOf(resumeShare(after)),
    difference: moved,
    sentence: sentenceOf(moved),
  };
}

const pick = ({ full, resumed, failed }: Counts) => ({ full, resumed, failed });

async function countsOf(
  store: ReadStore,
  tenant: TenantId,
  at: { change: StoredChange; fromMs: number; toMs: number },
): Promise<Counts> {
  const { endpoint, node, region } = at.change;
  const filter: SegmentFilter = {
    ...(endpoint === null ? {} : { endpoint: [endpoint] }),
    ...(node === null ? {} : { node: [node] }),
    ...(region === null ? {} : { region: [region] }),
  };
  // The bucket in which the change fell belongs to neither side.
  const fromMs = Math.ceil(at.fromMs / BUCKET_MS) * BUCKET_MS;
  const toMs = Math.floor(at.toMs / BUCKET_MS) * BUCKET_MS;
  if (toMs <= fromMs) return noCounts();
  const { rows } = await store.readRollups(tenant, { fromMs, toMs, stepMs: BUCKET_MS, filter });
  return rows.reduce(
    (counts, row) => (row.excluded ? counts : addResult(counts, row, row.count)),
    noCounts(),
  );
}

function sentenceOf(moved: ReturnType<typeof difference>): string {
  if (!moved) return "Not enough handshakes on both sides to say anything yet.";
  const points = Math.abs(moved.value * 100).toFixed(1);
  if (moved.low <= 0 && moved.high >= 0) return "No measurable effect on the resume rate.";
  return moved.value < 0
    ? `The resume rate fell by ${points} points after this change.`
    : `The resume rate rose by ${points} points after this change.`;
}
