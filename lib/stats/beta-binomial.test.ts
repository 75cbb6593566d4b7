import { describe, expect, it } from "vitest";
import { logBetaBinomial, logLowerBetaBinomial, logUpperBetaBinomial } from "./beta-binomial.ts";
import { logGamma } from "./gamma.ts";
import { logUpperTail, zOfLogTail } from "./normal.ts";

describe("gamma and normal", () => {
  it("ln Γ agrees with factorials and with Γ(1/2) = √π", () => {
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 10);
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 10);
    expect(logGamma(0)).toBeNaN();
  });

  it("tails agree with tables, and z comes back from its tail", () => {
    expect(Math.exp(logUpperTail(1.959963985))).toBeCloseTo(0.025, 7);
    // Φ(-8) = 6.22e-16 and Φ(-10) = 7.62e-24 (Abramowitz & Stegun, table 26.2).
    expect(Math.exp(logUpperTail(8)) / 6.22096e-16).toBeCloseTo(1, 3);
    expect(Math.exp(logUpperTail(10)) / 7.61985e-24).toBeCloseTo(1, 3);
    for (const z of [-3, 0, 1.5, 4.9, 5.1, 12]) expect(zOfLogTail(logUpperTail(z))).toBeCloseTo(z, 4);
  });
});

describe("beta-binomial", () => {
  const cases = [
    { n: 12, p: 0.3, rho: 0 },
    { n: 30, p: 0.05, rho: 0.02 },
    { n: 40, p: 0.6, rho: 0.3 },
  ];

  it.each(cases)("sums to one and has the mean n p and the variance of rho: $n, $p, $rho", (trials) => {
    const mass = Array.from({ length: trials.n + 1 }, (_, k) => Math.exp(logBetaBinomial(k, trials)));
    const mean = mass.reduce((sum, q, k) => sum + q * k, 0);
    const variance = mass.reduce((sum, q, k) => sum + q * (k - mean) ** 2, 0);
    const { n, p, rho } = trials;
    expect(mass.reduce((sum, q) => sum + q, 0)).toBeCloseTo(1, 9);
    expect(mean).toBeCloseTo(n * p, 8);
    expect(variance).toBeCloseTo(n * p * (1 - p) * (1 + (n - 1) * rho), 7);
  });

  it.each(cases)("its tails are sums of its terms: $n, $p, $rho", (trials) => {
    for (let k = 0; k <= trials.n; k += 1) {
      let upper = 0;
      for (let i = k; i <= trials.n; i += 1) upper += Math.exp(logBetaBinomial(i, trials));
      expect(Math.exp(logUpperBetaBinomial(k, trials))).toBeCloseTo(upper, 9);
      const below = k > 0 ? Math.exp(logLowerBetaBinomial(k - 1, trials)) : 0;
      expect(Math.exp(logUpperBetaBinomial(k, trials)) + below).toBeCloseTo(1, 8);
    }
    expect(logUpperBetaBinomial(trials.n + 1, trials)).toBe(Number.NEGATIVE_INFINITY);
  });

  it("is less surprised the more alike trials are", () => {
    const tail = (rho: number) => logUpperBetaBinomial(12, { n: 100, p: 0.02, rho });
    expect(tail(0)).toBeLessThan(tail(0.01));
    expect(tail(0.01)).toBeLessThan(tail(0.1));
  });
});
