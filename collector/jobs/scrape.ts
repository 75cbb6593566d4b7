import type { Clock } from "../../lib/runtime/clock.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import type { SourceKey } from "../../lib/store/port.ts";
import type { Counters } from "../counters/counters.ts";
import { emptyIntake, refuse } from "../pipeline/intake.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { fetchTarget } from "../scrape/fetch.ts";
import type { Target } from "../scrape/target.ts";
import { counterOrigin } from "../sources/metric-source.ts";

export type ScraperOptions = {
  readonly counters: Counters;
  readonly pipeline: Pick<Pipeline, "submit" | "isFull">;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
};

/** Longest pause after failures, milliseconds, unless the target is scraped less often anyway. */
const LONGEST_PAUSE_MS = 300_000;
/** Share of a pause by which it varies, so that targets do not come to be asked all at once. */
const JITTER = 0.1;

/** Asks every target for its statistics, each in its own time and never twice at once, until it is stopped. */
export class Scraper {
  readonly #options: ScraperOptions;
  readonly #stopped = new AbortController();
  readonly #timers = new Map<Target, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: ScraperOptions) {
    this.#options = options;
  }

  /** Begins; the first scrapes are spread over each target's interval. */
  start(targets: readonly Target[]): void {
    for (const target of targets)
      this.#schedule(target, { failures: 0, inMs: Math.random() * target.everyMs });
  }

  /** No new scrapes; resolves when those under way are over, which are broken off. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#running);
  }

  /** One scrape; answers why it failed, null when it did not. Never throws. */
  async #scrape(target: Target): Promise<string | null> {
    const { pipeline, clock, log, metrics } = this.#options;
    // What is not read now is in the next reading: better than to wait with an old one.
    if (pipeline.isFull) return this.#failed(target, { problem: "busy", detail: "the collector is busy" });
    const fetched = await fetchTarget(target, this.#stopped.signal);
    if (!fetched.ok) return fetched.problem === "stopped" ? null : this.#failed(target, fetched);
    const { source, endpoint, node, region } = target;
    const at = { atMs: clock(), endpoint, node, region, target: shortName(target) };
    const result = source.read(fetched.body, at);
    if (!result.ok) return this.#failed(target, { problem: "unreadable", detail: result.reason });
    try {
      await this.#options.counters.submit({
        source,
        key: keyOf(target),
        observations: result.observations,
      });
      return null;
    } catch (error) {
      metrics.scrapeFailures.inc({ source: source.name, reason: "not_stored" });
      log.error({ target: target.name, error: (error as Error).message }, "scrape was not stored");
      return "not stored";
    }
  }

  #schedule(target: Target, next: { failures: number; inMs: number }): void {
    if (this.#stopped.signal.aborted) return;
    const turn = (): void => {
      const work = this.#turn(target, next.failures).finally(() => this.#running.delete(work));
      this.#running.add(work);
    };
    this.#timers.set(target, setTimeout(turn, next.inMs));
  }

  async #turn(target: Target, failuresBefore: number): Promise<void> {
    const begunMs = performance.now();
    const failure = await this.#scrape(target);
    const failures = failure === null ? 0 : failuresBefore + 1;
    const pauseMs = pauseAfter(failures, target.everyMs) - (performance.now() - begunMs);
    this.#schedule(target, { failures, inMs: Math.max(0, pauseMs) });
  }

  /** Counts a failure and tells it of the source, so that it shows where people look. */
  async #failed(target: Target, { problem, detail }: { problem: string; detail: string }): Promise<string> {
    const { pipeline, metrics, log } = this.#options;
    metrics.scrapeFailures.inc({ source: target.source.name, reason: problem });
    log.warn({ target: target.name, source: target.source.name, reason: detail }, "scrape failed");
    const intake = emptyIntake(keyOf(target), counterOrigin(target.source));
    refuse(intake, 0, { reason: `scrape: ${detail}`, line: null });
    try {
      if (problem !== "busy") await pipeline.submit(intake);
    } catch (error) {
      log.error({ target: target.name, error: (error as Error).message }, "scrape failure was not stored");
    }
    return detail;
  }
}

/** The pause from one scrape's begin to the next: the interval, doubled for each failure in a row, a little varied. */
export function pauseAfter(failures: number, everyMs: number): number {
  const longestMs = Math.max(LONGEST_PAUSE_MS, everyMs);
  const pauseMs = Math.min(everyMs * 2 ** Math.min(failures, 20), longestMs);
  return failures === 0 ? pauseMs : pauseMs * (1 - JITTER * Math.random());
}

function keyOf(target: Target): SourceKey {
  return { source: target.source.name, transport: "scrape", sender: target.name };
}

/** Host and port, or the file name of a socket. */
function shortName({ address }: Target): string {
  if (address.kind === "http") return address.url.host;
  return address.kind === "tcp" ? `${address.host}:${address.port}` : address.path;
}
