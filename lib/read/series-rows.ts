import { type SeriesReply, type SeriesRow, UNKNOWN_VALUE } from "../contract/read.ts";

/** A series answer as one list of rows; beside what every row has, each grouping is a column of its own. */
export function seriesRows(reply: SeriesReply): readonly (SeriesRow & Readonly<Record<string, unknown>>)[] {
  return reply.series.flatMap(({ key, q, points }) => {
    const names = reply.by.map((name) => [name, key[name] ?? UNKNOWN_VALUE] as const);
    const words = [...names.map(([, value]) => value), ...(q === undefined ? [] : [`p${q * 100}`])];
    const series = words.join(" ") || reply.metric;
    return points.map(({ t, value, count, low = null, high = null }) => ({
      ...Object.fromEntries(names),
      ...{ time: new Date(t).toISOString(), series, value, count, low, high },
    }));
  });
}
