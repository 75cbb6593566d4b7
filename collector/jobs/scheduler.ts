import type { Clock } from "../../lib/runtime/clock.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";

export type Job = {
  readonly name: string;
  readonly everyMs: number;
  readonly run: (nowMs: number) => Promise<void>;
};

/** Runs jobs again and again, each never twice at once; a failure is counted and the next turn tries again. */
export class Scheduler {
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Map<string, Promise<void>>();
  readonly #tools: { clock: Clock; log: Logger; metrics: Metrics };

  constructor(tools: { clock: Clock; log: Logger; metrics: Metrics }) {
    this.#tools = tools;
  }

  start(jobs: readonly Job[]): void {
    for (const job of jobs) this.#timers.push(setInterval(() => void this.turn(job), job.everyMs));
  }

  /** One turn of a job; joins the one that is still running. */
  turn(job: Job): Promise<void> {
    const running = this.#running.get(job.name);
    if (running) return running;
    const turn = job
      .run(this.#tools.clock())
      .catch((error: Error) => {
        this.#tools.metrics.jobFailures.inc({ job: job.name });
        this.#tools.log.error({ job: job.name, error: error.message }, "job failed");
      })
      .finally(() => this.#running.delete(job.name));
    this.#running.set(job.name, turn);
    return turn;
  }

  /** No new turns; resolves when the running ones are over. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running.values());
  }
}
