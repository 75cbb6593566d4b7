/** How much the prober may do: a budget of handshakes a minute for each target and for all together, and few at once. */
export type Limits = {
  /** Most connections at once, over all targets. */
  readonly atOnce: number;
  /** Most handshakes a minute, over all targets. */
  readonly perMinute: number;
};
export const LIMITS: Limits = { atOnce: 4, perMinute: 600 };

const MINUTE_MS = 60_000;
/** Part of a minute's budget that may be spent at once after a pause. */
const BURST = 0.25;

export type LimiterDeps = {
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  /** Resolves after some milliseconds, or as soon as the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** Lets handshakes through one after the other, in the order in which they came for each target. */
export class Limiter {
  readonly #limits: Limits;
  readonly #deps: LimiterDeps;
  readonly #all: Budget;
  readonly #targets = new Map<string, Budget>();
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(deps: LimiterDeps, limits: Limits = LIMITS) {
    this.#deps = deps;
    this.#limits = limits;
    this.#all = new Budget(limits.perMinute, deps.now());
  }

  /** Does `work` when its turn has come; with an aborted signal at once, so that the work can say that it was stopped. */
  async run<T>(
    target: { readonly id: string; readonly perMinute: number; readonly signal: AbortSignal },
    work: () => Promise<T>,
  ): Promise<T> {
    const { now, sleep } = this.#deps;
    const budget = this.#budgetOf(target.id, target.perMinute);
    // Reserved first, then waited for: whoever comes later waits longer.
    const waitMs = Math.max(budget.reserve(now()), this.#all.reserve(now()));
    if (waitMs > 0 && !target.signal.aborted) await sleep(waitMs, target.signal);
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** Forgets a target that is probed no more. */
  forget(id: string): void {
    this.#targets.delete(id);
  }

  #budgetOf(id: string, perMinute: number): Budget {
    const known = this.#targets.get(id);
    if (known?.perMinute === perMinute) return known;
    const budget = new Budget(perMinute, this.#deps.now());
    this.#targets.set(id, budget);
    return budget;
  }

  async #enter(): Promise<void> {
    // A place is handed over by whoever leaves, so that nobody slips in between.
    if (this.#running < this.#limits.atOnce) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running -= 1;
  }
}

/** A bucket that fills evenly; what is reserved beyond it is owed, and waited for. */
class Budget {
  readonly perMinute: number;
  readonly #capacity: number;
  #left: number;
  #atMs: number;

  constructor(perMinute: number, nowMs: number) {
    this.perMinute = perMinute;
    this.#capacity = Math.max(1, perMinute * BURST);
    this.#left = this.#capacity;
    this.#atMs = nowMs;
  }

  /** Takes one; answers after how many milliseconds it may be used. */
  reserve(nowMs: number): number {
    const filled = ((nowMs - this.#atMs) / MINUTE_MS) * this.perMinute;
    this.#left = Math.min(this.#capacity, this.#left + filled) - 1;
    this.#atMs = nowMs;
    return this.#left >= 0 ? 0 : (-this.#left / this.perMinute) * MINUTE_MS;
  }
}
