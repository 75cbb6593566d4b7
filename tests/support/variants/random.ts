/** Draws that are equal on every machine. */
export type Dice = () => number;

export function normal(random: Dice): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export function binomial(random: Dice, n: number, p: number): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  const mean = n * p;
  if (Math.min(mean, n - mean) > 12) {
    const drawn = Math.round(mean + Math.sqrt(mean * (1 - p)) * normal(random));
    return Math.min(n, Math.max(0, drawn));
  }
  let hits = 0;
  for (let i = 0; i < n; i += 1) if (random() < p) hits += 1;
  return hits;
}

export function poisson(random: Dice, mean: number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let product = random();
  let n = 0;
  while (product > limit) {
    product *= random();
    n += 1;
  }
  return n;
}

export const between = (random: Dice, low: number, high: number): number => low + (high - low) * random();

export function pick<T>(random: Dice, from: readonly T[]): T {
  const one = from[Math.floor(random() * from.length)];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}

/** Part of the clients that have come back within `hours`: log-normal (DOMAIN 4.0, law 2). */
export function returnedWithin(hours: number, medianHours: number): number {
  if (hours <= 0) return 0;
  const z = Math.log(hours / medianHours) / 1.5;
  return 1 / (1 + Math.exp(-1.702 * z));
}
