/**
 * Over-dispersion learned from what was seen: the variance that residuals have beyond sampling (a random-effects estimate by
 * the method of moments, as DerSimonian and Laird 1986), with older observations forgotten and outliers clipped.
 */
export class Dispersion {
  /** Weight and sum of (squared residual - sampling variance). */
  #weight: number;
  #sum: number;
  readonly #memory: number;

  /** `prior`: the extra variance to believe before anything was seen, worth `priorWeight` observations. */
  constructor(prior: number, priorWeight: number, memory = 300) {
    this.#weight = priorWeight;
    this.#sum = prior * priorWeight;
    this.#memory = memory;
  }

  /** Takes in one residual and the variance that sampling alone gives it. A residual beyond `clipAt` sigmas counts as that. */
  add(residual: number, samplingVariance: number, clipAt = 3.5): void {
    const most = clipAt * clipAt * (samplingVariance + this.extraVariance);
    this.#sum += Math.min(residual * residual, most) - samplingVariance;
    this.#weight += 1;
    if (this.#weight > this.#memory) {
      this.#sum *= this.#memory / this.#weight;
      this.#weight = this.#memory;
    }
  }

  /** Variance beyond sampling, >= 0. */
  get extraVariance(): number {
    return Math.max(0, this.#sum / this.#weight);
  }
}

/** Correlation of a beta-binomial that has this variance beyond sampling in its share: rho = extra / (p (1 - p)), in [0, 1). */
export function correlationOf(extraVariance: number, p: number): number {
  const most = p * (1 - p);
  return most <= 0 ? 0 : Math.min(0.999, Math.max(0, extraVariance / most));
}
