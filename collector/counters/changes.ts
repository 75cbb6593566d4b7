import type { Change } from "../../lib/domain/handshake.ts";
import type { SourceKey } from "../../lib/store/port.ts";
import type { Meaning, MetricSource, Observation } from "../sources/metric-source.ts";

/** What was seen, and since when: it happened in [fromMs, observation.atMs). */
export type Seen = {
  readonly source: MetricSource;
  readonly key: SourceKey;
  readonly observation: Observation;
  readonly fromMs: number;
};

/**
 * That a process was started again, as its counters show. All frontends of one process tell of the same change, which
 * has one id, also when it is read once more.
 */
export function restartOf({ source, key, observation, fromMs }: Seen): Change {
  const { startedMs, atMs } = observation;
  const name = source.system ?? source.name;
  return {
    ...placeOf(observation),
    id: `${key.source} ${key.sender} began ${startedMs ?? atMs}`.slice(-MAX_ID),
    // A cache back end is no proxy: what began again is the cache.
    kind: source.system === null ? "cache" : "reload",
    atMs: startedMs ?? fromMs,
    endMs: startedMs === null ? atMs : null,
    title: `${name} was restarted or reloaded`,
    detail: startedMs === null ? "Its counters began again at zero between two readings." : null,
  };
}

/** A change that increases tell of. */
export function changeOf(told: NonNullable<Meaning["changes"]>[number], seen: Seen): Change {
  const { key, observation, fromMs } = seen;
  return {
    ...placeOf(observation),
    id: `${key.source} ${key.sender} ${told.kind} ${observation.atMs}`.slice(-MAX_ID),
    kind: told.kind,
    atMs: fromMs,
    endMs: observation.atMs,
    title: told.title,
    detail: "Told by a counter that rose between two readings.",
  };
}

/** Longest id of a change. */
const MAX_ID = 128;

function placeOf({ endpoint, node, region }: Observation) {
  // A process serves all of its endpoints: only where it is known to serve one does the change have one.
  return { endpoint, node, region, ref: null, actor: null };
}
