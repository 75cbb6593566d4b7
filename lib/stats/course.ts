import type { Share } from "../domain/rates.ts";
import { logUpperBetaBinomial } from "./beta-binomial.ts";
import { correlationOf, Dispersion } from "./dispersion.ts";

/** What is learnt fades with this many steps. */
const MEMORY_STEPS = 1_440;
/** A step that strays adds no more than this many times what was usual: an attack does not become the usual at once. */
const MOST_TIMES = 3;

/**
 * The usual share of something in steps of time, with the over-dispersion that it has (lib/stats/dispersion.ts), and how far a
 * step is above it. A share, and not a count: a step with much traffic, or a backlog that comes at once, is no burst.
 */
export class Course {
  #k: number;
  #n: number;
  /** Steps that were learnt. */
  steps = 0;
  readonly #dispersion = new Dispersion(0, 10, MEMORY_STEPS);

  /** `prior`: what to believe before anything was seen; its n says how firmly. */
  constructor(prior: Share = { k: 0.5, n: 100 }) {
    this.#k = prior.k;
    this.#n = prior.n;
  }

  /** The usual share, in (0, 1). */
  get usual(): number {
    return this.#k / this.#n;
  }

  /** ln of how likely a step of at least k in n is, by what was usual (whole, 0 <= k <= n, n > 0). Learns nothing. */
  logTail({ k, n }: Share): number {
    const p = Math.min(0.999, Math.max(1e-6, this.usual));
    const rho = correlationOf(this.#dispersion.extraVariance, p);
    return logUpperBetaBinomial(k, { n, p, rho });
  }

  /** Learns a step. */
  learn({ k, n }: Share): void {
    if (n <= 0) return;
    const p = Math.min(0.999, Math.max(1e-6, this.usual));
    this.#dispersion.add(k / n - p, (p * (1 - p)) / n);
    const fade = 1 - 1 / MEMORY_STEPS;
    const most = Math.max(1, MOST_TIMES * n * p);
    this.#k = this.#k * fade + Math.min(k, most);
    this.#n = this.#n * fade + n;
    this.steps += 1;
  }
}
