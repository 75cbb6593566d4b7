import { Counters } from "../../collector/counters/counters.ts";
import { type Intake, replyOf } from "../../collector/pipeline/intake.ts";
import { findMetricSource } from "../../collector/sources/metric-registry.ts";
import type { MetricSource } from "../../collector/sources/metric-source.ts";
import type { CacheSample, Change } from "../../lib/domain/handshake.ts";

/** Counts by endpoint and "outcome mechanism reason". */
export type Counts = Record<string, Record<string, number>>;
export type Turn = {
  readonly counts: Counts;
  readonly caches: readonly CacheSample[];
  readonly breaches: string[];
  readonly changes: readonly Change[];
};

/** Reads bodies of one source one after the other; answers what each reading brought beyond the one before. */
export async function countBodies(
  name: string,
  bodies: readonly { readonly atMs: number; readonly body: string }[],
): Promise<Turn[]> {
  const source = findMetricSource(name);
  if (!source) throw new Error(`no source ${name}`);
  const intakes: Intake[] = [];
  const pipeline = {
    submit: async (intake: Intake) => {
      intakes.push(intake);
      return replyOf(intake);
    },
  };
  const settings = { maxPastMs: Number.MAX_SAFE_INTEGER, maxFutureMs: Number.MAX_SAFE_INTEGER };
  const counters = new Counters({ pipeline, states: [], clock: () => 0, settings });
  for (const { atMs, body } of bodies) await counters.submit(deliveryOf(source, body, atMs));
  return intakes.map(turnOf);
}

function deliveryOf(source: MetricSource, body: string, atMs: number) {
  const at = { atMs, endpoint: null, node: "n", region: null, target: "127.0.0.1:1" };
  const read = source.read(body, at);
  if (!read.ok) throw new Error(read.reason);
  const key = { source: source.name, transport: "scrape", sender: "127.0.0.1:1" };
  return { source, key, observations: read.observations };
}

function turnOf(intake: Intake): Turn {
  const counts: Counts = {};
  for (const { endpoint, outcome, mechanism, reason, count } of intake.handshakes) {
    const words = [outcome, mechanism, reason].filter((word) => word !== null).join(" ");
    const of = counts[endpoint ?? "-"] ?? {};
    counts[endpoint ?? "-"] = { ...of, [words]: (of[words] ?? 0) + count };
  }
  const breaches = [...intake.breaches].map(([invariant, { detail }]) => `${invariant}: ${detail}`);
  return { counts, caches: intake.caches, breaches, changes: intake.changes };
}
