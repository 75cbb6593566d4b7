import { setTimeout as sleep } from "node:timers/promises";
import type { NodeProbe, ProbeSpec } from "../../lib/domain/probe.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import type { TenantId, WriteStore } from "../../lib/store/port.ts";
import type { StoredProbeTarget } from "../../lib/store/port-probe.ts";
import type { Hasher } from "../pipeline/hasher.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { tryEarlyData } from "../probe/early-data.ts";
import type { FindingCounts } from "../probe/findings.ts";
import { shakeHands } from "../probe/handshake.ts";
import { keepRound } from "../probe/keep.ts";
import { Limiter, type LimiterDeps } from "../probe/limiter.ts";
import { Rest } from "../probe/rest.ts";
import { probeRound, type Round, type RoundTarget } from "../probe/round.ts";
import { type ConfiguredTarget, NO_PROBE_FILES } from "../probe/target.ts";

export type ProberOptions = {
  /** Whose targets are probed. */
  readonly tenant: TenantId;
  readonly store: Pick<WriteStore, "probes" | "findings">;
  readonly pipeline: Pick<Pipeline, "submit">;
  readonly hasher: Hasher;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
};

/** How often targets are looked at: what people change in the console counts this soon. */
const LOOK_MS = 2_000;
/** The first rounds after a start are spread over this, or the interval if it is shorter. */
const SPREAD_MS = 20_000;
/** Share of an interval by which it varies. */
const JITTER = 0.1;

type Course = {
  round: number;
  nextMs: number;
  running: boolean;
  readonly rest: Rest;
  /** Fingerprints that nodes showed last. */
  readonly certificates: Map<string, string>;
  readonly counts: FindingCounts;
};

export const systemLimiterDeps: LimiterDeps = {
  now: () => performance.now(),
  // An abort ends the wait, and the work that follows sees it itself.
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

/** Probes every target that is configured or entered in the console, each in its own time, until it is stopped. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #limiter = new Limiter(systemLimiterDeps);
  readonly #stopped = new AbortController();
  readonly #courses = new Map<string, Course>();
  readonly #running = new Set<Promise<void>>();
  #configured = new Map<string, ConfiguredTarget>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** Takes over what is configured, and begins. */
  async start(configured: readonly ConfiguredTarget[]): Promise<void> {
    this.#configured = new Map(configured.map((target) => [target.id, target]));
    await this.#adopt();
    const shown = await this.#options.store.probes.readNewestProbes(this.#options.tenant);
    for (const { targetId, node, result } of shown) {
      const fingerprint = (result as NodeProbe).certificate?.fingerprint256;
      if (fingerprint) this.#courseOf(targetId, SPREAD_MS).certificates.set(node, fingerprint);
    }
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look());
    }, LOOK_MS);
    this.#looking = this.#look();
  }

  /** No new connections; resolves when those under way are broken off. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    clearInterval(this.#timer);
    await this.#looking;
    await Promise.all(this.#running);
  }

  /** Makes the stored targets of the configuration those of the file; who paused one in the console meant it. */
  async #adopt(): Promise<void> {
    const { store, tenant, clock } = this.#options;
    const stored = await store.probes.readProbeTargets(tenant);
    const nowMs = clock();
    for (const { id, origin } of stored)
      if (origin === "configuration" && !this.#configured.has(id))
        await store.probes.deleteProbeTarget(tenant, id);
    for (const { id, endpoint, spec } of this.#configured.values()) {
      const paused = stored.find((target) => target.id === id)?.paused ?? false;
      const target = { id, origin: "configuration", endpoint, paused, spec } as const;
      await store.probes.saveProbeTarget(tenant, { ...target, createdMs: nowMs, updatedMs: nowMs });
    }
  }

  async #look(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    const { store, tenant, clock, log } = this.#options;
    try {
      const targets = await store.probes.readProbeTargets(tenant);
      const active = targets.filter(({ paused }) => !paused);
      this.#forgetAllBut(new Set(active.map(({ id }) => id)));
      for (const target of active) {
        const { intervalMs } = target.spec as ProbeSpec;
        const course = this.#courseOf(target.id, intervalMs);
        if (!course.running && course.nextMs <= clock()) this.#begin(target, course);
      }
    } catch (error) {
      log.error({ error: (error as Error).message }, "targets of the prober could not be read");
    }
  }

  #courseOf(id: string, intervalMs: number): Course {
    const known = this.#courses.get(id);
    if (known) return known;
    const nextMs = this.#options.clock() + Math.random() * Math.min(SPREAD_MS, intervalMs) * JITTER;
    const course = {
      round: 0,
      nextMs,
      running: false,
      rest: new Rest(),
      certificates: new Map(),
      counts: new Map(),
    };
    this.#courses.set(id, course);
    return course;
  }

  #forgetAllBut(active: ReadonlySet<string>): void {
    for (const [id, { running }] of this.#courses)
      if (!running && !active.has(id)) {
        this.#courses.delete(id);
        this.#limiter.forget(id);
      }
  }

  #begin(target: StoredProbeTarget, course: Course): void {
    course.running = true;
    const { intervalMs } = target.spec as ProbeSpec;
    const varied = intervalMs * (1 + JITTER * (Math.random() - 0.5));
    course.nextMs = this.#options.clock() + varied;
    const work = this.#round(target, course).finally(() => {
      course.running = false;
      this.#running.delete(work);
    });
    this.#running.add(work);
  }

  /** One round. Never throws: what the world does is counted and logged, and the next round comes. */
  async #round(target: StoredProbeTarget, course: Course): Promise<void> {
    const { store, tenant, pipeline, clock, log, metrics } = this.#options;
    const spec = target.spec as ProbeSpec;
    try {
      const resting = course.rest.resting(clock());
      const found = await this.#probe({
        ...{ id: target.id, spec, round: course.round, resting },
        files: this.#configured.get(target.id)?.files ?? NO_PROBE_FILES,
      });
      course.round += 1;
      if (this.#stopped.signal.aborted) return;
      for (const { node, probe } of found.nodes) {
        course.rest.note(node, {
          failed: probe.failure !== null,
          intervalMs: spec.intervalMs,
          nowMs: clock(),
        });
        if (probe.failure) metrics.probeFailures.inc({ problem: probe.failure.problem });
      }
      metrics.probeRounds.inc();
      const { certificates, counts } = course;
      const { id, endpoint } = target;
      await keepRound({ id, endpoint, otherServerName: spec.otherServerName }, found, {
        ...{ store, tenant, pipeline, certificates, counts, nowMs: clock() },
      });
    } catch (error) {
      log.error({ endpoint: target.endpoint, error: (error as Error).message }, "a probe was not kept");
    }
  }

  #probe(target: RoundTarget): Promise<Round> {
    const { clock, hasher, metrics } = this.#options;
    const { signal } = this.#stopped;
    const budget = { id: target.id, perMinute: target.spec.handshakesPerMinute, signal };
    return probeRound(target, {
      clock,
      shake: async (request) => {
        const done = await shakeHands(request);
        metrics.probeHandshakes.inc({ outcome: done.ok ? (done.resumed ? "resumed" : "full") : "failed" });
        return done;
      },
      earlyData: tryEarlyData,
      inTurn: (work) => this.#limiter.run(budget, work),
      hashKeyName: (name) => hasher.hashKeyName(name),
      signal,
    });
  }
}
