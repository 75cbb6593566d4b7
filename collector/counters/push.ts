import type { Grant } from "../../lib/domain/source-token.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import type { MetricSource } from "../sources/metric-source.ts";
import type { Counters } from "./counters.ts";
import { type ObservedGroup, PointGroups } from "./points.ts";

export type PointPushesOptions = {
  readonly counters: Pick<Counters, "submit">;
  readonly sources: readonly MetricSource[];
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly settings: Pick<Settings, "maxPastMs" | "maxFutureMs">;
};

/** From pushed points to the counters' engine: what remote write, OTLP and statsd have in common. */
export class PointPushes {
  readonly #options: PointPushesOptions;

  constructor(options: PointPushesOptions) {
    this.#options = options;
  }

  /** Where the points of one push are collected; `grant` says what its sender may write, null: anything. */
  begin(grant: Grant | null): PointGroups {
    const { sources, clock, settings } = this.#options;
    const { maxPastMs, maxFutureMs } = settings;
    return new PointGroups(sources, { nowMs: clock(), maxPastMs, maxFutureMs }, grant);
  }

  /** Points that no source counts by: told in the collector's own metrics, and nowhere else. */
  ignored(transport: string, points: number): void {
    if (points > 0) this.#options.metrics.events.inc({ source: transport, result: "ignored" }, points);
  }

  /**
   * Makes observations durable, all together. Answers how many the engine refused. Throws a WorldError when nothing
   * of them was kept, or not all; sending them again is safe, since totals that are known say nothing new.
   */
  async submit(groups: readonly ObservedGroup[], transport: string): Promise<number> {
    const replies = await Promise.all(
      groups
        .filter(({ observations, refusals }) => observations.length > 0 || refusals.size > 0)
        .map(({ source, sender, observations, refusals }) =>
          this.#options.counters.submit({
            source,
            key: { source: source.name, transport, sender },
            observations,
            refusals,
          }),
        ),
    );
    const refusedBefore = groups.reduce((sum, { refusals }) => sum + countOf(refusals), 0);
    return replies.reduce((sum, { rejected }) => sum + rejected, 0) - refusedBefore;
  }
}

function countOf(refusals: ReadonlyMap<string, number>): number {
  return [...refusals.values()].reduce((sum, count) => sum + count, 0);
}
