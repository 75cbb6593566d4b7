import type { Clock } from "../../lib/runtime/clock.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import { DEFAULT_TENANT, type TenantId, type WriteStore } from "../../lib/store/port.ts";
import { evaluation } from "../alerting/alerting.ts";
import type { Configuration } from "../configuration.ts";
import type { ThreadData } from "../detect/thread.ts";
import { Misuse } from "../misuse/misuse.ts";
import type { Hasher } from "../pipeline/hasher.ts";
import type { PipelineOptions } from "../pipeline/pipeline.ts";
import type { ConfiguredTarget } from "../probe/target.ts";
import type { Receptions } from "../reception.ts";
import { Detection } from "./detect.ts";
import { KeyWatch } from "./keys.ts";
import { Prober } from "./probe.ts";
import { type Job, Scheduler } from "./scheduler.ts";

/** A tenant that was made is worked for this soon, or with its first telemetry. */
const LOOK_MS = 10_000;

export type TenantsOptions = {
  readonly store: WriteStore;
  readonly hasher: Hasher;
  readonly secret: Buffer;
  readonly settings: Settings;
  readonly configuration: Configuration;
  /** How the detector's threads open the store. */
  readonly thread: Omit<ThreadData, "tenant">;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
};

type Hears = Pick<PipelineOptions, "committed" | "accepted">;
type Work = {
  readonly detection: Detection | null;
  readonly misuse: Misuse | null;
  readonly scheduler: Scheduler;
  prober: Prober | null;
};

/**
 * What is done for each tenant beside taking its telemetry: detection, misuse, keys, probes and alerts. Tenants share nothing of it, so
 * that what fails for one leaves the others; one that has no telemetry yet has no detector's thread.
 */
export class Tenants {
  /** Looks for tenants that were made since. */
  readonly job: Job = { name: "tenants", everyMs: LOOK_MS, run: () => this.#look() };
  readonly #options: TenantsOptions;
  readonly #works = new Map<TenantId, Work>();
  #receptions: Receptions | null = null;
  #stopped = false;

  constructor(options: TenantsOptions) {
    this.#options = options;
  }

  /** What hears of a tenant's telemetry; from then on it is worked for. */
  hears(tenant: TenantId): Hears {
    const { detection, misuse } = this.#workOf(tenant);
    return {
      ...(detection ? { committed: detection.committed.bind(detection) } : {}),
      ...(misuse ? { accepted: misuse.accepted.bind(misuse) } : {}),
    };
  }

  /** Begins for all tenants that there are. Targets of the configuration are the default tenant's. */
  async start(receptions: Receptions, probed: readonly ConfiguredTarget[]): Promise<void> {
    this.#receptions = receptions;
    await this.#begin(DEFAULT_TENANT, probed);
    await this.#look();
  }

  /** Lets a tenant's detector judge what has come by now, and not at its next look. */
  async detect(tenant: TenantId): Promise<void> {
    const { detection, scheduler } = this.#workOf(tenant);
    if (detection) await scheduler.turn(detection.job);
  }

  /** No new work; resolves when what is under way is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const works = [...this.#works.values()];
    await Promise.all(works.map(({ prober }) => prober?.stop()));
    await Promise.all(works.map(({ detection }) => detection?.stop()));
    await Promise.all(works.map(({ scheduler }) => scheduler.stop()));
  }

  async #look(): Promise<void> {
    for (const { tenant } of await this.#options.store.people.readTenants())
      if (!this.#works.get(tenant)?.prober) await this.#begin(tenant, []);
  }

  async #begin(tenant: TenantId, probed: readonly ConfiguredTarget[]): Promise<void> {
    if (this.#stopped || !this.#receptions) return;
    const { store, hasher, clock, metrics, log } = this.#options;
    const work = this.#workOf(tenant);
    const { pipeline } = await this.#receptions.of(tenant);
    work.prober = new Prober({ tenant, store, pipeline, hasher, clock, metrics, log });
    work.scheduler.start([
      new KeyWatch(store, tenant).job,
      evaluation(tenant, this.#options),
      ...(work.detection ? [work.detection.job] : []),
      ...(work.misuse ? [work.misuse.job] : []),
    ]);
    await work.prober.start(probed);
  }

  #workOf(tenant: TenantId): Work {
    const known = this.#works.get(tenant);
    if (known) return known;
    const { store, hasher, settings, configuration, clock, metrics, log } = this.#options;
    const tools = { store, clock, metrics, log };
    const thread = { ...this.#options.thread, tenant };
    const work: Work = {
      detection: settings.detect
        ? new Detection({ ...tools, thread, lazy: tenant !== DEFAULT_TENANT })
        : null,
      misuse: settings.misuse ? new Misuse({ ...tools, tenant, hasher, settings, configuration }) : null,
      scheduler: new Scheduler(tools),
      prober: null,
    };
    this.#works.set(tenant, work);
    return work;
  }
}
