import { MAX_COUNT } from "../../lib/contract/ingest.ts";
import type { CounterState } from "../../lib/store/port.ts";
import type { Observation } from "../sources/metric-source.ts";

/** The clocks of a proxy and of the collector may differ this much, milliseconds. */
const CLOCK_SKEW_MS = 30_000;
/** Start times are told in whole seconds. */
const START_GRAIN_MS = 1_000;

/** Which counters a reading is compared with. */
export type Before = {
  readonly source: string;
  readonly sender: string;
  /** The last reading of the same scope; null at first sight. */
  readonly state: CounterState | null;
  /** When the sender's statistics were last read before this reading; null when never. */
  readonly lastReadMs: number | null;
  /** As the source says of itself. */
  readonly keepsCounters: boolean;
  readonly generation: string | null;
};

/** What a reading adds to the one before. */
export type NewReading = {
  readonly kind: "reading";
  readonly state: CounterState;
  /** Whole increases by name; names that did not move are absent. */
  readonly increases: Readonly<Record<string, number>>;
  /** They happened in [fromMs, state.atMs). */
  readonly fromMs: number;
  /** How the totals came from those before: grown, begun again at zero, or nobody knows. */
  readonly totals: "grown" | "begun" | "unknown";
  /** Why the totals cannot be those of one running process, in words; null where they can. */
  readonly breach: string | null;
};
/** `nothing`: equal or older than what is known, said before. */
export type Reading = NewReading | { readonly kind: "nothing" };

/**
 * Compares a reading with the one before. Totals that fell, or a later start, are a restart: the new totals then are the
 * increase, as the process began after the last reading. A first sight is a baseline only, except of a process that
 * began since. Pure.
 */
export function compare(observation: Observation, before: Before): Reading {
  const totals = wholeNumbers(observation.totals, Math.floor);
  const { state } = before;
  if (state !== null && observation.atMs <= state.atMs) return { kind: "nothing" };
  const supposed = beginningOf(observation, { totals, before });
  const told = moved(wholeNumbers(observation.increases, Math.round));
  const increases = sum(moved(increasesOf(totals, { state, beginning: supposed })), told);
  const huge = Object.entries(increases).find(([, count]) => count > MAX_COUNT);
  const beginning: Beginning = huge ? { kind: "broken", why: `${huge[0]} rose by ${huge[1]}` } : supposed;
  return {
    kind: "reading",
    state: {
      source: before.source,
      sender: before.sender,
      scope: observation.scope,
      atMs: observation.atMs,
      startedMs: observation.startedMs ?? (beginning.kind === "goes_on" ? (state?.startedMs ?? null) : null),
      totals: { ...remembered(state, beginning), ...totals },
    },
    increases: huge ? {} : increases,
    fromMs: fromMs(observation, { before, beginning }),
    totals: COURSE[beginning.kind],
    breach: beginning.kind === "broken" ? beginning.why : null,
  };
}

type Beginning =
  | { readonly kind: "goes_on" | "first_sight" | "began_since" | "lost_a_little" }
  | { readonly kind: "broken"; readonly why: string };

const COURSE = {
  goes_on: "grown",
  first_sight: "grown",
  began_since: "begun",
  lost_a_little: "unknown",
  broken: "unknown",
} as const satisfies Record<Beginning["kind"], string>;

/** How this reading's counters stand to those of the reading before. */
function beginningOf(
  observation: Observation,
  at: { totals: Readonly<Record<string, number>>; before: Before },
): Beginning {
  const { state, lastReadMs, keepsCounters, generation } = at.before;
  const { startedMs } = observation;
  if (state === null) {
    const isNew = startedMs !== null && lastReadMs !== null && startedMs + START_GRAIN_MS > lastReadMs;
    return { kind: isNew ? "began_since" : "first_sight" };
  }
  if (generation !== null && at.totals[generation] !== state.totals[generation])
    return { kind: "began_since" };
  const fallen = Object.keys(at.totals).find((name) => (at.totals[name] ?? 0) < (state.totals[name] ?? 0));
  if (keepsCounters) return { kind: fallen === undefined ? "goes_on" : "lost_a_little" };
  if (startedMs === null || state.startedMs === null)
    return { kind: fallen === undefined ? "goes_on" : "began_since" };
  if (startedMs > state.startedMs) {
    if (startedMs + CLOCK_SKEW_MS > state.atMs) return { kind: "began_since" };
    return { kind: "broken", why: "another process, begun before the last reading, answers in turn" };
  }
  if (startedMs < state.startedMs)
    return { kind: "broken", why: "an older process than the last one answers" };
  if (fallen === undefined) return { kind: "goes_on" };
  const [was, is] = [state.totals[fallen], at.totals[fallen]];
  return {
    kind: "broken",
    why: `${fallen} fell from ${was} to ${is}, though its process was not started again`,
  };
}

/** Totals of names that this reading does not tell. All counters of a scope begin again together. */
function remembered(state: CounterState | null, beginning: Beginning): Readonly<Record<string, number>> {
  if (state === null || beginning.kind === "broken" || beginning.kind === "lost_a_little") return {};
  if (beginning.kind === "goes_on") return state.totals;
  return Object.fromEntries(Object.keys(state.totals).map((name) => [name, 0]));
}

function increasesOf(
  totals: Readonly<Record<string, number>>,
  at: { state: CounterState | null; beginning: Beginning },
): Readonly<Record<string, number>> {
  if (at.beginning.kind === "began_since") return totals;
  if (at.beginning.kind !== "goes_on" || at.state === null) return {};
  const last = at.state.totals;
  // A name that the scope did not show before has no baseline yet.
  return Object.fromEntries(
    Object.entries(totals).flatMap(([name, total]) => {
      const base = last[name];
      return base === undefined ? [] : [[name, total - base]];
    }),
  );
}

function fromMs(observation: Observation, at: { before: Before; beginning: Beginning }): number {
  const { atMs, startedMs } = observation;
  const lastMs = at.before.state?.atMs ?? at.before.lastReadMs ?? atMs;
  if (at.beginning.kind !== "began_since" || startedMs === null || startedMs >= atMs) return lastMs;
  return Math.max(lastMs, startedMs);
}

/** Numbers that can be counts; others are left out. */
export function wholeNumbers(
  of: Readonly<Record<string, number>>,
  whole: (value: number) => number,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(of)
      .map(([name, value]) => [name, whole(value)] as const)
      .filter(([, value]) => value >= 0 && Number.isSafeInteger(value)),
  );
}

const moved = (of: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value > 0));

function sum(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const both: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b)) both[name] = (both[name] ?? 0) + value;
  return both;
}
