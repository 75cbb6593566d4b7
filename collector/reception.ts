import type { Clock } from "../lib/runtime/clock.ts";
import type { Logger } from "../lib/runtime/log.ts";
import type { Metrics } from "../lib/runtime/metrics.ts";
import type { Settings } from "../lib/runtime/settings.ts";
import type { TenantId } from "../lib/store/port.ts";
import { Counters } from "./counters/counters.ts";
import { PointPushes } from "./counters/push.ts";
import { Pipeline, type PipelineOptions } from "./pipeline/pipeline.ts";
import type { Formats } from "./sources/formats/configured.ts";
import { METRIC_SOURCES } from "./sources/metric-registry.ts";
import { FindImportsRoute, ImportRoute } from "./transports/import-route.ts";
import { IngestRoutes } from "./transports/ingest-routes.ts";
import { OtlpLogsRoute } from "./transports/otlp/logs-route.ts";
import { OtlpMetricsRoute } from "./transports/otlp/metrics-route.ts";
import type { PushRoute } from "./transports/push-route.ts";
import { RemoteWriteRoute } from "./transports/remote-write/route.ts";

/** What hears of a tenant's telemetry, or passes it on. */
type Hears = Pick<PipelineOptions, "committed" | "accepted" | "forwarding">;

export type ReceptionOptions = Omit<PipelineOptions, "tenant" | keyof Hears> & {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly formats: Formats;
  readonly settings: Settings;
};

/**
 * Everything that one tenant's telemetry goes through. Tenants share nothing here: not what is remembered of streams and
 * counters, not their keys of pushes, not their queues.
 */
export type Reception = {
  readonly pipeline: Pipeline;
  readonly counters: Counters;
  readonly points: PointPushes;
  readonly routes: IngestRoutes;
  readonly pushRoutes: readonly PushRoute[];
};

/** Makes a tenant's reception. Throws a WorldError where its counters cannot be read. */
export async function makeReception(
  tenant: TenantId,
  options: ReceptionOptions,
  hears: Hears = {},
): Promise<Reception> {
  const { store, clock, metrics, formats, settings } = options;
  const pipeline = new Pipeline({ ...options, tenant, ...hears });
  const states = await store.readCounters(tenant);
  const counters = new Counters({ pipeline, states, clock, settings });
  const points = new PointPushes({ counters, sources: METRIC_SOURCES, clock, metrics, settings });
  const pushRoutes = [
    new OtlpMetricsRoute(points),
    new OtlpLogsRoute({ tenant, pipeline, store, clock, metrics, formats, settings }),
    new RemoteWriteRoute({ points, states, clock, settings }),
    new FindImportsRoute(store, tenant),
    new ImportRoute({ tenant, pipeline, store, clock, settings }),
  ];
  const routes = new IngestRoutes({ tenant, pipeline, store, clock, formats, settings });
  return { pipeline, counters, points, routes, pushRoutes };
}

type HearsOf = (tenant: TenantId) => Hears;

/** Receptions by tenant: the default tenant's from the start, those of others with their first push. */
export class Receptions {
  readonly own: Reception;
  readonly #options: ReceptionOptions;
  readonly #hears: HearsOf;
  readonly #byTenant: Map<TenantId, Promise<Reception>>;
  readonly #made: Reception[];

  constructor(tenant: TenantId, own: Reception, options: ReceptionOptions, hears: HearsOf) {
    this.own = own;
    this.#hears = hears;
    this.#options = options;
    this.#made = [own];
    this.#byTenant = new Map([[tenant, Promise.resolve(own)]]);
  }

  /** A tenant's reception. Throws a WorldError where it cannot be made now; the next push tries again. */
  of(tenant: TenantId): Promise<Reception> {
    const known = this.#byTenant.get(tenant);
    if (known) return known;
    const made = makeReception(tenant, this.#options, this.#hears(tenant));
    this.#byTenant.set(tenant, made);
    made.then(
      (reception) => this.#made.push(reception),
      () => this.#byTenant.delete(tenant),
    );
    return made;
  }

  /** Whether any tenant's queue is full. */
  get isAnyFull(): boolean {
    return this.#made.some(({ pipeline }) => pipeline.isFull);
  }

  /** Waits until everything that was taken is durable. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#byTenant.values());
    await Promise.all(this.#made.map(({ pipeline }) => pipeline.drain()));
  }
}
