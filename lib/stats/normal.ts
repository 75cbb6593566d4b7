/** Beyond this, the tail is asked for by its expansion: 1 - Φ would be 0 in doubles. */
const FAR = 5;

/** ln P(Z >= z) of the standard normal; by `erfc` near the middle, by the asymptotic series in the far tail (Abramowitz & Stegun 26.2.12). */
export function logUpperTail(z: number): number {
  if (z < -FAR) return Math.log1p(-Math.exp(logUpperTail(-z)));
  if (z <= FAR) return Math.log(0.5 * erfc(z / Math.SQRT2));
  const z2 = z * z;
  const series = 1 - 1 / z2 + 3 / z2 ** 2 - 15 / z2 ** 3 + 105 / z2 ** 4;
  return -0.5 * z2 - Math.log(z) - 0.5 * Math.log(2 * Math.PI) + Math.log(series);
}

/** The z whose upper tail has this natural logarithm (< 0). Bisection, to 1e-6; between -8 and 60. */
export function zOfLogTail(logTail: number): number {
  let low = -8;
  let high = 60;
  for (let step = 0; step < 60 && high - low > 1e-6; step += 1) {
    const middle = (low + high) / 2;
    if (logUpperTail(middle) > logTail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Complementary error function, relative error below 1.2e-7 (Numerical Recipes, erfcc: Chebyshev fit). */
export function erfc(x: number): number {
  const z = Math.abs(x);
  const t = 1 / (1 + 0.5 * z);
  const fit = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
    -0.82215223, 0.17087277,
  ];
  let sum = 0;
  for (let i = fit.length - 1; i >= 0; i -= 1) sum = sum * t + (fit[i] ?? 0);
  const value = t * Math.exp(-z * z + sum);
  return x >= 0 ? value : 2 - value;
}
