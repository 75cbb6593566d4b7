import type { IngestReply } from "../../lib/contract/ingest.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import type { BatchRecord, CounterState } from "../../lib/store/port.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { countDelivery, type Delivery } from "./counting.ts";
import { Senders } from "./senders.ts";

export type CountersOptions = {
  readonly pipeline: Pick<Pipeline, "submit">;
  /** What the store kept of earlier readings (`readCounters`). */
  readonly states: readonly CounterState[];
  readonly clock: Clock;
  readonly settings: Pick<Settings, "maxPastMs" | "maxFutureMs">;
};

/**
 * Turns totals into counts. A reading and the counts made from it become durable together, so that a reading that failed
 * to be stored is made up for by the next one, and a repeated one counts once, also over a restart of the collector.
 */
export class Counters {
  readonly #options: CountersOptions;
  readonly #senders: Senders;
  /** The last delivery of each sender that is under way: one at a time, since each builds on the one before. */
  readonly #running = new Map<string, Promise<unknown>>();

  constructor(options: CountersOptions) {
    this.#options = options;
    this.#senders = new Senders(options.states);
  }

  /** Makes a delivery durable. Throws a WorldError when that failed; then nothing of it counts as read. */
  async submit(delivery: Delivery, batch: Omit<BatchRecord, "reply"> | null = null): Promise<IngestReply> {
    const { source, sender } = delivery.key;
    const name = JSON.stringify([source, sender]);
    const before = this.#running.get(name) ?? Promise.resolve();
    // The one before answers for its own failure.
    const work = before.then(
      () => this.#count(delivery, batch),
      () => this.#count(delivery, batch),
    );
    this.#running.set(name, work);
    try {
      return await work;
    } finally {
      if (this.#running.get(name) === work) this.#running.delete(name);
    }
  }

  async #count(delivery: Delivery, batch: Omit<BatchRecord, "reply"> | null): Promise<IngestReply> {
    const { pipeline, clock, settings } = this.#options;
    const { maxPastMs, maxFutureMs } = settings;
    const intake = countDelivery(delivery, this.#senders, { nowMs: clock(), maxPastMs, maxFutureMs });
    const reply = await pipeline.submit(intake, batch);
    this.#senders.keep(intake.counters);
    return reply;
  }
}
