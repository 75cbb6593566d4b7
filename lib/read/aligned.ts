import type { z } from "zod";
import type { Point } from "../contract/read.ts";
import type { AlignedReply, alignedParams } from "../contract/read-effect.ts";
import { rateOf, resumeShare, type Share } from "../domain/rates.ts";
import { inLength, inShare } from "../domain/words.ts";
import { sumShares } from "../stats/decompose.ts";
import { SMALL_COUNT, wilson } from "../stats/interval.ts";
import type { ReadStore, StoredChange, TenantId } from "../store/port.ts";
import { countsBy, resolutionAt } from "./cells.ts";
import { changeFilter } from "./effect.ts";

const DEFAULT_N = 6;
const DEFAULT_AROUND_MS = 1_800_000;
/** Steps on each side where only wide buckets are kept. */
const LEAST_STEPS = 6;
/** How far back changes of the same kind are looked for, and among how many. */
const LOOK_BACK_MS = 90 * 86_400_000;
const MOST_CHANGES = 2_000;
const POINTS_A_SIDE = 60;

/**
 * The resume rate around each of the last changes of the same kind and scope, this one the newest, all moved so that the change is
 * at t = 0, and of all of them together: averages over days hide what each rotation costs (DOMAIN Law 3). The step with
 * the change in it begins at t = 0. Null for an unknown change.
 */
export async function readAligned(
  store: ReadStore,
  tenant: TenantId,
  request: {
    readonly id: string;
    readonly nowMs: number;
    readonly params: z.infer<typeof alignedParams>;
  },
): Promise<AlignedReply | null> {
  const change = await store.readChange(tenant, request.id);
  if (!change) return null;
  const { n = DEFAULT_N, around = DEFAULT_AROUND_MS } = request.params;
  const changes = await lastOfItsKind(store, tenant, { change, n });
  const oldestMs = Math.min(...changes.map(({ atMs }) => atMs)) - around;
  const stepMs = await stepFor(store, tenant, { oldestMs, around });
  const aroundMs = Math.max(Math.ceil(around / stepMs), stepMs > 60_000 ? LEAST_STEPS : 1) * stepMs;
  const courses: { change: StoredChange; shares: Map<number, Share> }[] = [];
  for (const one of changes)
    courses.push({
      change: one,
      shares: await sharesAround(store, tenant, { change: one, stepMs, aroundMs }),
    });
  const times = Array.from({ length: (2 * aroundMs) / stepMs }, (_, i) => i * stepMs - aroundMs);
  const together = new Map(
    times.map((t) => [t, sumShares(courses.map(({ shares }) => shares.get(t) ?? { k: 0, n: 0 }))]),
  );
  return {
    change,
    aroundMs,
    stepMs,
    courses: courses.map((course) => ({
      change: course.change,
      points: pointsOf(times, course.shares, {
        startMs: startOf(course.change, stepMs),
        stepMs,
        nowMs: request.nowMs,
      }),
    })),
    mean: pointsOf(times, together, null),
    sentence: sentenceOf(change, { times, together, stepMs, count: changes.length }),
  };
}

async function lastOfItsKind(
  store: ReadStore,
  tenant: TenantId,
  { change, n }: { change: StoredChange; n: number },
): Promise<StoredChange[]> {
  const { endpoint, node } = change;
  const found = await store.readChanges(tenant, {
    fromMs: change.atMs - LOOK_BACK_MS,
    toMs: change.atMs,
    limit: MOST_CHANGES,
    ...(endpoint === null ? {} : { endpoint }),
    ...(node === null ? {} : { node }),
  });
  const same = found.filter(
    (other) =>
      other.id !== change.id &&
      other.kind === change.kind &&
      other.endpoint === change.endpoint &&
      other.node === change.node &&
      other.region === change.region,
  );
  return [change, ...same.sort((a, b) => b.atMs - a.atMs)].slice(0, n);
}

/** One step for all: the finest that gives few enough points and is still kept for the oldest. */
async function stepFor(
  store: ReadStore,
  tenant: TenantId,
  { oldestMs, around }: { oldestMs: number; around: number },
): Promise<number> {
  const kept = await resolutionAt(store, tenant, { fromMs: oldestMs, leastMs: 60_000 });
  return Math.ceil(Math.max(around / POINTS_A_SIDE, kept) / kept) * kept;
}

/** Start of the step that holds the change. */
const startOf = ({ atMs }: StoredChange, stepMs: number): number => Math.floor(atMs / stepMs) * stepMs;

async function sharesAround(
  store: ReadStore,
  tenant: TenantId,
  { change, stepMs, aroundMs }: { change: StoredChange; stepMs: number; aroundMs: number },
): Promise<Map<number, Share>> {
  const startMs = startOf(change, stepMs);
  const { rows } = await store.readRollups(tenant, {
    fromMs: startMs - aroundMs,
    toMs: startMs + aroundMs,
    stepMs,
    filter: changeFilter(change),
  });
  const counts = countsBy(
    rows.filter(({ excluded }) => !excluded),
    (row) => row.bucketStartMs - startMs,
  );
  return new Map([...counts].map(([t, sum]) => [t, resumeShare(sum)]));
}

type Clock = { readonly startMs: number; readonly stepMs: number; readonly nowMs: number };

function pointsOf(
  times: readonly number[],
  shares: ReadonlyMap<number, Share>,
  clock: Clock | null,
): Point[] {
  return times.map((t) => {
    const share = shares.get(t) ?? { k: 0, n: 0 };
    const interval = wilson(share.k, share.n);
    const partial = clock !== null && clock.startMs + t + clock.stepMs > clock.nowMs;
    return {
      t,
      value: rateOf(share),
      count: share.n,
      ...(interval ?? { low: null, high: null }),
      ...(partial ? { partial: true } : {}),
    };
  });
}

type Together = {
  readonly times: readonly number[];
  readonly together: ReadonlyMap<number, Share>;
  readonly stepMs: number;
  readonly count: number;
};

function sentenceOf(change: StoredChange, { times, together, stepMs, count }: Together): string {
  const of = (t: number): Share => together.get(t) ?? { k: 0, n: 0 };
  const before = sumShares(times.filter((t) => t < 0).map(of));
  const after = times.filter((t) => t >= 0 && of(t).n >= SMALL_COUNT);
  const lowest = after.reduce<number | null>(
    (best, t) => (best === null || (rateOf(of(t)) ?? 1) < (rateOf(of(best)) ?? 1) ? t : best),
    null,
  );
  const last = after.at(-1);
  const kind = change.kind.replaceAll("_", " ");
  const which =
    count === 1 ? `this ${kind}, the only one of its kind here` : `the last ${count} of kind ${kind}`;
  if (before.n === 0 || lowest === null || last === undefined)
    return `Too few handshakes around ${which} to say anything.`;
  const when = lowest === 0 ? "right after it" : `${inLength(lowest)} after it`;
  return `Resume rate around ${which}: ${inShare(before)} before, lowest ${when} with ${inShare(of(lowest))}, and ${inShare(of(last))} at ${inLength(last + stepMs)}.`;
}
