/**
 * A compact notation for series in rule tests, after the idea of promtool: values separated by blanks, `_` for no data, `x` and a
 * number for repetitions, `->` for a straight line: `0.9x10 0.9->0.4x5 _x3 0.9x20`.
 */

/** The values of a series; null for no data. Throws a RangeError that names the part that cannot be read. */
export function parseSeries(text: string): (number | null)[] {
  return text
    .trim()
    .split(/\s+/)
    .flatMap((part) => {
      const match = /^(_|-?\d+(?:\.\d+)?)(?:->(-?\d+(?:\.\d+)?))?(?:x(\d{1,5}))?$/.exec(part);
      if (!match) throw new RangeError(`"${part}" is no part of a series`);
      const [, from = "_", to, times = "1"] = match;
      const count = Number(times);
      if (from === "_") return Array.from({ length: count }, () => null);
      const [start, end] = [Number(from), Number(to ?? from)];
      return Array.from({ length: count }, (_, i) =>
        count === 1 ? end : start + ((end - start) * i) / (count - 1),
      );
    });
}
