import { expect, it } from "vitest";
import type { SeriesReply } from "@/lib/contract/read.ts";
import { prepareLatency, prepareResume, prepareVolume } from "./resume.ts";

type Series = SeriesReply["series"][number];
const reply = (series: Series[]): SeriesReply => ({
  metric: "resume_rate",
  unit: "ratio",
  fromMs: 0,
  toMs: 20_000,
  stepMs: 10_000,
  resolutionMs: 10_000,
  by: [],
  series,
  seriesTotal: series.length,
});
const of = (key: Series["key"], values: readonly (number | null)[], q?: number): Series => ({
  key,
  ...(q === undefined ? {} : { q }),
  points: values.map((value, i) => ({ t: i * 10_000, value, count: value === null ? 0 : 40 })),
  total: { value: null, count: 0 },
});

it("stacks mechanisms in a fixed order under their sum, the earlier window moved to now", () => {
  const rate = reply([of({}, [0.6, null])]);
  rate.series[0]?.points.splice(0, 1, { t: 0, value: 0.6, count: 40, low: 0.45, high: 0.74 });
  const by = reply([
    of({ mechanism: null }, [0.1, null]),
    of({ mechanism: "ticket" }, [0.2, null]),
    of({ mechanism: "psk" }, [0.3, null]),
  ]);
  const earlier = reply([
    {
      ...of({}, []),
      points: [{ t: -100_000, value: 0.9, count: 5 }],
    },
  ]);
  const model = prepareResume(rate, by, { previous: earlier, shiftMs: 100_000 });
  expect(model.columns.map((c) => [c.key, c.shape])).toEqual([
    ["psk", "area"],
    ["ticket", "area"],
    ["unknown", "area"],
    ["rate", "line"],
    ["previous", "dashed"],
  ]);
  expect(model.rows[0]).toMatchObject({
    count: 40,
    band: [0.45, 0.74],
    values: { psk: 0.3, ticket: 0.2, unknown: 0.1, rate: 0.6, previous: 0.9 },
  });
  expect(model.rows[1]).toMatchObject({ count: 0, band: null, values: { rate: null } });
});

it("keeps full and resumed time apart, and counts each handshake once however many quantiles", () => {
  const model = prepareLatency(
    reply([
      of({ outcome: "resumed" }, [900, null], 0.95),
      of({ outcome: "resumed" }, [500, null], 0.5),
      of({ outcome: "full" }, [4_000, 4_100], 0.5),
      of({ outcome: "full" }, [9_000, 9_100], 0.95),
      of({ outcome: "failed" }, [1, 1], 0.5),
    ]),
  );
  expect(model.columns.map((c) => c.label)).toEqual(["Full p50", "Full p95", "Resumed p50", "Resumed p95"]);
  expect(model.rows[1]?.values["resumed-0.5"]).toBeNull();
  expect(model.rows[0]?.values).toMatchObject({ "full-0.5": 4_000, "resumed-0.95": 900 });
});

it("turns handshakes of a step into handshakes per second; a gap is no zero", () => {
  const model = prepareVolume(
    reply([of({ outcome: "full" }, [20, null]), of({ outcome: "resumed" }, [50, 10])]),
  );
  expect(model.columns.map((c) => c.key)).toEqual(["resumed", "full"]);
  expect(model.rows.map((row) => row.values)).toEqual([
    { resumed: 5, full: 2 },
    { resumed: 1, full: null },
  ]);
});

it("draws what was expected and its band, and neither where nothing was", () => {
  const rate = reply([of({}, [0.6, 0.5])]);
  const expected = reply([of({}, [0.7, null])]);
  expected.series[0]?.points.splice(0, 1, { t: 0, value: 0.7, count: 40, low: 0.65, high: 0.75 });
  const model = prepareResume(rate, reply([]), { expected, shiftMs: 0 });
  expect(model.columns.map(({ key }) => key)).toEqual(["rate", "expected"]);
  expect(model.rows.map(({ usual }) => usual)).toEqual([[0.65, 0.75], null]);
  const none = prepareResume(rate, reply([]), { expected: reply([of({}, [null, null])]), shiftMs: 0 });
  expect(none.columns.map(({ key }) => key)).toEqual(["rate"]);
  expect(none.rows[0]?.usual).toBeUndefined();
});
