import { type CacheSample, UNKNOWN_HANDSHAKE } from "../../lib/domain/handshake.ts";
import type { CounterState, SourceKey } from "../../lib/store/port.ts";
import {
  breach,
  emptyIntake,
  type Intake,
  refuse,
  type TimeWindow,
  timeProblem,
} from "../pipeline/intake.ts";
import { cacheProblem, isName } from "../pipeline/names.ts";
import { counterOrigin, type MetricSource, type Observation } from "../sources/metric-source.ts";
import { compare, type Reading } from "./reading.ts";
import type { Senders } from "./senders.ts";
import { spread } from "./spread.ts";

/** One delivery of a sender's statistics. */
export type Delivery = {
  readonly source: MetricSource;
  readonly key: SourceKey;
  readonly observations: readonly Observation[];
  /** Why numbers of this sender were refused before they became observations, with how many. */
  readonly refusals?: ReadonlyMap<string, number>;
};

/**
 * What a delivery brings, compared with what is known of its sender: handshakes, cache readings, new totals, breaches.
 * Changes nothing; the totals count as known once the intake is durable.
 */
export function countDelivery(delivery: Delivery, known: Senders, window: TimeWindow): Intake {
  const { source, key } = delivery;
  const intake = emptyIntake(key, counterOrigin(source));
  for (const [reason, count] of delivery.refusals ?? [])
    for (let index = 0; index < count; index += 1) refuse(intake, index, { reason, line: null });
  const sender = known.view(key);
  const inOrder = delivery.observations
    .map((observation, index) => ({ observation, index }))
    .sort((a, b) => a.observation.atMs - b.observation.atMs);
  for (const { observation, index } of inOrder) {
    const problem =
      timeProblem(observation.atMs, window) ?? nameProblem(observation) ?? sender.problem(observation.scope);
    if (problem !== null) {
      refuse(intake, index, { reason: problem, line: null });
      continue;
    }
    const reading = compare(observation, {
      source: key.source,
      sender: key.sender,
      keepsCounters: source.keepsCounters ?? false,
      generation: source.generation ?? null,
      ...sender.before(observation),
    });
    if (reading.kind === "nothing") intake.ignored += 1;
    else sender.remember(take(intake, { source, observation, reading }));
  }
  intake.counters.push(...sender.changed());
  return intake;
}

type NewReading = Extract<Reading, { kind: "reading" }>;

/** Takes a new reading into the intake; answers the state that it leaves behind. */
function take(
  intake: Intake,
  of: {
    source: MetricSource;
    observation: Observation;
    reading: NewReading;
  },
): CounterState {
  const { source, observation, reading } = of;
  const before = intake.handshakes.length + intake.caches.length;
  if (reading.breach !== null) breach(intake, "counters_monotone", `${observation.scope}: ${reading.breach}`);
  const meaning = source.interpret(reading.increases);
  for (const { invariant, detail } of meaning.breaches)
    breach(intake, invariant, `${observation.scope}: ${detail}`);
  const { endpoint, node, region } = observation;
  for (const { count, protocol, ...result } of meaning.handshakes)
    for (const part of spread(count, reading.fromMs, observation.atMs))
      intake.handshakes.push({
        ...UNKNOWN_HANDSHAKE,
        ...result,
        ...part,
        endpoint,
        node,
        region,
        protocol: protocol ?? observation.protocol,
      });
  const cache = source.cacheOf?.(observation) ?? null;
  if (cache !== null && cacheProblem(cache) === null) intake.caches.push(...cacheReadings(cache, reading));
  if (intake.handshakes.length + intake.caches.length === before) intake.ignored += 1;
  return withoutHeldBack(reading.state, meaning.heldBack ?? {});
}

/**
 * A cache reading as it can be compared with the one before: whether its counters grew, began at zero in between (said
 * by a reading of that moment), or say nothing of what was since (their totals then are not known).
 */
function cacheReadings(cache: CacheSample, { totals, fromMs }: NewReading): CacheSample[] {
  if (totals === "grown") return [cache];
  const known = totals === "begun" ? 0 : null;
  const between = { hits: known, misses: known, inserts: known, evictions: known, entries: null };
  return [{ ...cache, ...between, atMs: Math.min(fromMs + 1, cache.atMs) }, cache];
}

function nameProblem({ scope, endpoint, node, region }: Observation): string | null {
  return [scope, endpoint, node, region].every((name) => name === null || isName(name))
    ? null
    : "a name is longer than 253 characters, or holds some that do not show";
}

/** The state as if what was held back had not been read yet. */
function withoutHeldBack(state: CounterState, heldBack: Readonly<Record<string, number>>): CounterState {
  const totals: Record<string, number> = { ...state.totals };
  for (const [name, held] of Object.entries(heldBack)) {
    const total = totals[name];
    if (total !== undefined) totals[name] = Math.max(0, total - held);
  }
  return { ...state, totals };
}
