import type { EffectReply } from "../contract/read.ts";
import { addResult, type Counts, noCounts, rateOf, resumeShare } from "../domain/rates.ts";
import { difference } from "../stats/difference.ts";
import {
  RESOLUTIONS_MS,
  type ReadStore,
  type SegmentFilter,
  type StoredChange,
  type TenantId,
} from "../store/port.ts";

const WINDOW_MS = 900_000;
/** Whole stored buckets on each side, where they are too wide for the usual windows. */
const COARSE_BUCKETS = 3;

/**
 * The measured effect of a change: R in equal windows before and after it, in its scope, with the interval of the
 * difference. The windows are as long as what has passed since, 15 minutes at most (three hours where only hours are kept). Null for an unknown change.
 */
export async function readEffect(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly id: string; readonly nowMs: number },
): Promise<EffectReply | null> {
  const change = await store.readChange(tenant, request.id);
  if (!change) return null;
  const endMs = change.endMs ?? change.atMs;
  const elapsedMs = Math.max(0, request.nowMs - endMs);
  const resolutionMs = await resolutionAt(store, tenant, change.atMs - WINDOW_MS);
  // An old change is known by the hour only, so its windows are some hours long instead of minutes.
  const windowMs = Math.min(Math.max(WINDOW_MS, COARSE_BUCKETS * resolutionMs), elapsedMs);
  const sides = { change, resolutionMs };
  const before = await countsOf(store, tenant, {
    ...sides,
    fromMs: change.atMs - windowMs,
    toMs: change.atMs,
  });
  const after = await countsOf(store, tenant, { ...sides, fromMs: endMs, toMs: endMs + windowMs });
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

/** The finest resolution still kept for a moment, milliseconds. */
async function resolutionAt(store: ReadStore, tenant: TenantId, fromMs: number): Promise<number> {
  const stepMs = RESOLUTIONS_MS[0];
  const { resolutionMs } = await store.readRollups(tenant, { fromMs, toMs: fromMs + stepMs, stepMs });
  return resolutionMs;
}

const pick = ({ full, resumed, failed }: Counts) => ({ full, resumed, failed });

async function countsOf(
  store: ReadStore,
  tenant: TenantId,
  at: { change: StoredChange; resolutionMs: number; fromMs: number; toMs: number },
): Promise<Counts> {
  const { endpoint, node, region } = at.change;
  const filter: SegmentFilter = {
    ...(endpoint === null ? {} : { endpoint: [endpoint] }),
    ...(node === null ? {} : { node: [node] }),
    ...(region === null ? {} : { region: [region] }),
  };
  // The bucket in which the change fell belongs to neither side.
  const stepMs = at.resolutionMs;
  const fromMs = Math.ceil(at.fromMs / stepMs) * stepMs;
  const toMs = Math.floor(at.toMs / stepMs) * stepMs;
  if (toMs <= fromMs) return noCounts();
  const { rows } = await store.readRollups(tenant, { fromMs, toMs, stepMs, filter });
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
