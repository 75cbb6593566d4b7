import type { ChangeEffectReply } from "../contract/read-effect.ts";
import { acceptShare, type Counts, offerShare, rateOf, resumeShare, type Share } from "../domain/rates.ts";
import { overdispersion } from "../stats/overdispersion.ts";
import type {
  ReadStore,
  ResolutionMs,
  RollupRow,
  SegmentFilter,
  StoredChange,
  TenantId,
} from "../store/port.ts";
import { countsBy, countsOf, readCells, resolutionAt } from "./cells.ts";
import { effectByScope } from "./effect-scopes.ts";
import { effectOf } from "./measured.ts";

const WINDOW_MS = 900_000;
/** Whole stored buckets on each side, where they are too wide for the usual windows. */
const COARSE_BUCKETS = 3;
/** How R varies by itself is learned from so many windows before the change. */
const QUIET_WINDOWS = 4;

/**
 * The measured effect of a change: R, O and A in equal windows before and after it, in its scope and by what is in its scope, with
 * intervals of the differences. The windows are as long as what has passed since, 15 minutes at most (three hours where only
 * hours are kept). Null for an unknown change.
 */
export async function readEffect(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly id: string; readonly nowMs: number },
): Promise<ChangeEffectReply | null> {
  const change = await store.readChange(tenant, request.id);
  if (!change) return null;
  const endMs = change.endMs ?? change.atMs;
  const elapsedMs = Math.max(0, request.nowMs - endMs);
  const fromMs = change.atMs - WINDOW_MS;
  const resolutionMs = await resolutionAt(store, tenant, { fromMs, leastMs: 10_000 });
  // An old change is known by the hour only, so its windows are some hours long instead of minutes.
  const windowMs = Math.min(Math.max(WINDOW_MS, COARSE_BUCKETS * resolutionMs), elapsedMs);
  const sides = { filter: changeFilter(change), resolutionMs };
  const before = await rowsOf(store, tenant, {
    ...sides,
    fromMs: change.atMs - windowMs,
    toMs: change.atMs,
  });
  const after = await rowsOf(store, tenant, { ...sides, fromMs: endMs, toMs: endMs + windowMs });
  const spread = await spreadBefore(store, tenant, { ...sides, change });
  const [b, a] = [countsOf(before), countsOf(after)];
  const whole = effectOf(resumeShare(b), resumeShare(a), spread);
  return {
    change,
    windowMs,
    before: pick(b),
    after: pick(a),
    resumeRateBefore: rateOf(resumeShare(b)),
    resumeRateAfter: rateOf(resumeShare(a)),
    difference: whole.difference,
    sentence: sentenceOf(whole.difference),
    offer: ifKnown(offerShare(b), offerShare(a), spread),
    accept: ifKnown(acceptShare(b), acceptShare(a), spread),
    ...effectByScope({ before, after, spread }),
  };
}

const pick = ({ full, resumed, failed }: Counts) => ({ full, resumed, failed });

const ifKnown = (before: Share, after: Share, spread: number) =>
  before.n + after.n === 0 ? null : effectOf(before, after, spread);

/** The scope of a change as a filter of the store. */
export function changeFilter({ endpoint, node, region }: StoredChange): SegmentFilter {
  return {
    ...(endpoint === null ? {} : { endpoint: [endpoint] }),
    ...(node === null ? {} : { node: [node] }),
    ...(region === null ? {} : { region: [region] }),
  };
}

type Side = {
  readonly filter: SegmentFilter;
  readonly resolutionMs: ResolutionMs;
  readonly fromMs: number;
  readonly toMs: number;
};

/** Customers' rows of whole buckets. The bucket in which the change fell belongs to neither side. */
function rowsOf(store: ReadStore, tenant: TenantId, side: Side): Promise<readonly RollupRow[]> {
  const { resolutionMs } = side;
  const fromMs = Math.ceil(side.fromMs / resolutionMs) * resolutionMs;
  const toMs = Math.floor(side.toMs / resolutionMs) * resolutionMs;
  return readCells(store, tenant, { ...side, fromMs, toMs, everybody: false });
}

/** How much more than by counting R varied by itself before the change (DOMAIN 5.6, effective sample). */
async function spreadBefore(
  store: ReadStore,
  tenant: TenantId,
  at: { readonly change: StoredChange; readonly filter: SegmentFilter; readonly resolutionMs: ResolutionMs },
): Promise<number> {
  const stepMs = Math.max(60_000, at.resolutionMs);
  const toMs = Math.floor(at.change.atMs / stepMs) * stepMs;
  const lengthMs = QUIET_WINDOWS * Math.max(WINDOW_MS, COARSE_BUCKETS * at.resolutionMs);
  const { rows } = await store.readRollups(tenant, {
    fromMs: toMs - lengthMs,
    toMs,
    stepMs,
    filter: at.filter,
  });
  const customers = rows.filter(({ excluded }) => !excluded);
  return overdispersion([...countsBy(customers, (row) => row.bucketStartMs).values()].map(resumeShare));
}

function sentenceOf(moved: ChangeEffectReply["difference"]): string {
  if (!moved) return "Not enough handshakes on both sides to say anything yet.";
  const points = Math.abs(moved.value * 100).toFixed(1);
  if (moved.low <= 0 && moved.high >= 0) return "No measurable effect on the resume rate.";
  return moved.value < 0
    ? `The resume rate fell by ${points} points after this change.`
    : `The resume rate rose by ${points} points after this change.`;
}
