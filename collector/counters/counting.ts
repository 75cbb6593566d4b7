import { type CacheSample, type Change, UNKNOWN_HANDSHAKE } from "../../lib/domain/handshake.ts";
import type { CounterState, SourceKey } from "../../lib/store/port.ts";
import {
  acceptedOf,
  breach,
  emptyIntake,
  type Intake,
  refuse,
  type TimeWindow,
  timeProblem,
} from "../pipeline/intake.ts";
import { cacheProblem, isName } from "../pipeline/names.ts";
import {
  counterOrigin,
  type Meaning,
  type MetricSource,
  type Observation,
} from "../sources/metric-source.ts";
import { changeOf, restartOf } from "./changes.ts";
import { compareLate, momentWith, newsIn } from "./late.ts";
import type { Whole } from "./parts.ts";
import { compare, type NewReading } from "./reading.ts";
import type { Senders, SenderView } from "./senders.ts";
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
      timeProblem(observation.atMs, window) ?? nameProblem(observation) ?? sender.problem(observation);
    if (problem !== null) {
      refuse(intake, index, { reason: problem, line: null });
      continue;
    }
    const news = newsIn(observation, sender.before(observation));
    const whole = news === null ? SAID_BEFORE : known.parts.join(key, news, source.together ?? []);
    if (whole.missing !== null)
      refuse(intake, index, { reason: `${whole.missing} was missing in the reading before`, line: null });
    if (whole.observation === null) intake.ignored += 1;
    else takeReading(intake, { delivery, sender, observation: whole.observation });
  }
  intake.counters.push(...sender.changed());
  return intake;
}

const SAID_BEFORE: Whole = { observation: null, missing: null };

/** Compares one observation with the last of its scope, and takes what is new. */
function takeReading(
  intake: Intake,
  of: { delivery: Delivery; sender: SenderView; observation: Observation },
): void {
  const { observation, sender } = of;
  const { source, key } = of.delivery;
  const before = sender.before(observation);
  const { state, moment } = before;
  const keepsCounters = source.keepsCounters ?? false;
  const isLate = state !== null && moment !== null && state.atMs === observation.atMs;
  const reading = isLate
    ? compareLate(observation, { state, moment, keepsCounters })
    : compare(observation, { ...key, ...before, keepsCounters, generation: source.generation ?? null });
  if (reading.kind === "nothing") {
    intake.ignored += 1;
    return;
  }
  const taken = acceptedOf(intake);
  const meaning = source.interpret(reading.increases);
  takeBreaches(intake, { observation, reading, meaning });
  takeHandshakes(intake, { observation, reading, meaning });
  const cache = source.cacheOf?.(observation) ?? null;
  if (cache !== null && cacheProblem(cache) === null) intake.caches.push(...cacheReadings(cache, reading));
  const seen = { source, key, observation, fromMs: reading.fromMs };
  for (const told of meaning.changes ?? []) takeChange(intake, changeOf(told, seen));
  if (reading.totals === "begun" && before.state !== null) takeChange(intake, restartOf(seen));
  if (acceptedOf(intake) === taken) intake.ignored += 1;
  const held = withoutHeldBack(reading.state, meaning.heldBack ?? {});
  sender.remember(held, momentWith(observation, reading, isLate ? moment : null));
}

type Read = { readonly observation: Observation; readonly reading: NewReading; readonly meaning: Meaning };

function takeBreaches(intake: Intake, { observation, reading, meaning }: Read): void {
  const { scope } = observation;
  if (reading.breach !== null) breach(intake, "counters_monotone", `${scope}: ${reading.breach}`);
  for (const { invariant, detail } of meaning.breaches) breach(intake, invariant, `${scope}: ${detail}`);
}

function takeHandshakes(intake: Intake, { observation, reading, meaning }: Read): void {
  const { endpoint, node, region, atMs } = observation;
  for (const { count, protocol, ...result } of meaning.handshakes)
    for (const part of spread(count, reading.fromMs, atMs))
      intake.handshakes.push({
        ...UNKNOWN_HANDSHAKE,
        ...result,
        ...part,
        endpoint,
        node,
        region,
        protocol: protocol ?? observation.protocol,
      });
}

/** A change once, however many scopes tell of it. */
function takeChange(intake: Intake, change: Change): void {
  if (!intake.changes.some(({ id }) => id === change.id)) intake.changes.push(change);
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
