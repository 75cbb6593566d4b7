import { randomBytes } from "node:crypto";
import type { FindingKind } from "../../lib/domain/findings.ts";
import { type Handshake, UNKNOWN_HANDSHAKE } from "../../lib/domain/handshake.ts";
import { MisuseWatcher } from "../../lib/misuse/watcher.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import type { TenantId, WriteStore } from "../../lib/store/port.ts";
import type { Configuration } from "../configuration.ts";
import type { Job } from "../jobs/scheduler.ts";
import type { Hasher } from "../pipeline/hasher.ts";
import type { Intake } from "../pipeline/intake.ts";
import { COUNT_FIELD, type PlainHandshakes } from "../pipeline/plain-handshakes.ts";

const EVERY_MS = 5_000;
/** Findings that were seen within so long are gone on with after a restart. */
const RESTORED_MS = 30 * 86_400_000;
const MOST_RESTORED = 2_000;
const KINDS: readonly FindingKind[] = [
  "ticket_spread",
  "ticket_reuse",
  "cross_name",
  "corrupt_burst",
  "early_data_replay",
  "timing_oracle",
  "alert_spike",
];

export type MisuseOptions = {
  /** Whose handshakes are watched. */
  readonly tenant: TenantId;
  readonly store: Pick<WriteStore, "findings">;
  readonly hasher: Hasher;
  readonly settings: Pick<Settings, "misuseTickets" | "misuseNetworks">;
  readonly configuration: Pick<Configuration, "misuse">;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
};

/**
 * Shows the watcher for misuse every handshake that has become durable, and keeps what it finds. Beside ingest: senders have
 * been answered by then, and what fails here is counted and tried again.
 */
export class Misuse {
  readonly job: Job = { name: "misuse", everyMs: EVERY_MS, run: (nowMs) => this.#turn(nowMs) };
  readonly #options: MisuseOptions;
  readonly #watcher: MisuseWatcher;
  #restored = false;
  #failed = false;

  constructor(options: MisuseOptions) {
    this.#options = options;
    const { hasher, settings, configuration } = options;
    this.#watcher = new MisuseWatcher({
      settings: {
        tickets: settings.misuseTickets,
        leastNetworks: settings.misuseNetworks,
        leastNetworksAt: new Map(Object.entries(configuration.misuse.networks)),
      },
      seed: randomBytes(4).readUInt32LE(),
      idOf: (ticketId, atMs) =>
        hasher.hashIdentifiers({ ...UNKNOWN_HANDSHAKE, outcome: null, atMs, ticketId }).ticketId ?? "",
    });
  }

  /** Hears of handshakes that are durable. Never throws. */
  accepted({ handshakes, plain }: Pick<Intake, "handshakes" | "plain">): void {
    try {
      const nowMs = this.#options.clock();
      for (const handshake of handshakes) this.#watcher.see(handshake, nowMs);
      this.#acceptPlain(plain, nowMs);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Most tell of nothing but that there was a handshake, and an offer. */
  #acceptPlain(plain: PlainHandshakes, nowMs: number): void {
    const { patterns } = plain;
    if (!patterns) return;
    for (let index = 0; index < plain.length; index += 1) {
      const id = plain.idAt(index);
      if (patterns.remarkable[id] === 1) this.#watcher.see(plain.at(index), nowMs);
      else {
        const [atMs, count] = [plain.numberAt(index, 0), plain.numberAt(index, COUNT_FIELD)];
        this.#watcher.seeUnremarkable(patterns.handshakes[id] as Handshake, { atMs, count, nowMs });
      }
    }
  }

  async #turn(nowMs: number): Promise<void> {
    const { findings } = this.#options.store;
    if (!this.#restored) {
      const query = {
        fromMs: nowMs - RESTORED_MS,
        toMs: nowMs + RESTORED_MS,
        limit: MOST_RESTORED,
        kinds: KINDS,
      };
      this.#watcher.book.restore(await findings.readFindings(this.#options.tenant, query));
      this.#restored = true;
    }
    const found = this.#watcher.tick(nowMs);
    try {
      await findings.saveFindings(this.#options.tenant, found, nowMs);
    } catch (error) {
      this.#watcher.book.putBack(found);
      throw error;
    }
    for (const { kind } of found) this.#options.metrics.findings.inc({ kind });
    this.#options.metrics.misuseForgotten.set(this.#watcher.table?.forgotten ?? 0);
  }

  /** A mistake of ours with one handshake is one with many: it is told once. */
  #fail(error: unknown): void {
    const { metrics, log } = this.#options;
    metrics.jobFailures.inc({ job: this.job.name });
    if (!this.#failed) log.error({ job: this.job.name, error: (error as Error).stack }, "job failed");
    this.#failed = true;
  }
}
