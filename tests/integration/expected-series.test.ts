import { afterEach, beforeEach, expect, it } from "vitest";
import { type SeriesReply, seriesParams, seriesReply } from "../../lib/contract/read.ts";
import { readSeries } from "../../lib/read/series.ts";
import { type StoredFleet, storedFleet, type Told } from "../support/stored.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
/** Server CPU that a TLS 1.3 handshake under the default certificate costs more in full (DOMAIN 3.3). */
const EACH_US = 680 - 427;

let fleet: StoredFleet;
beforeEach(async () => {
  fleet = await storedFleet(() => NOW);
});
afterEach(() => fleet.destroy());

const series = async (query: Record<string, string>): Promise<SeriesReply> => {
  const params = seriesParams.parse({ from: "now-1h", step: "1h", ...query });
  return seriesReply.parse(await readSeries(fleet.reader, 1, { params, nowMs: NOW }));
};

/** An hour of an endpoint's family: so many resumed of a thousand. */
function hour(ago: number, endpoint: string, family: string, resumed: number, of = 1_000): Told[] {
  const common = { atMs: NOW - ago * HOUR, endpoint, family, protocol: "TLSv1.3" as const };
  return [
    { ...common, outcome: "resumed", mechanism: "psk", count: resumed },
    { ...common, outcome: "full", count: of - resumed },
  ];
}
const HOURS = Array.from({ length: 72 }, (_, i) => i + 2);

it("expects what is usual at the mix that came: more of a poor endpoint lowers it, and nothing is at risk", async () => {
  await fleet.tell(
    HOURS.flatMap((ago) => [...hour(ago, "good", "ios", 800), ...hour(ago, "poor", "curl", 200)]),
  );
  await fleet.tell([...hour(1, "good", "ios", 800), ...hour(1, "poor", "curl", 600, 3_000)]);
  const expected = await series({ metric: "expected_resume_rate" });
  expect(expected.series[0]?.points[0]?.value).toBeCloseTo((0.8 + 3 * 0.2) / 4, 6);
  expect(expected.series[0]?.points[0]?.count).toBe(4_000);
  const risk = await series({ metric: "cpu_at_risk" });
  expect(risk.series[0]?.points[0]?.value).toBeCloseTo(0, 9);
});

it("costs what did not resume though it was expected to", async () => {
  await fleet.tell(HOURS.flatMap((ago) => hour(ago, "shop", "ios", 800)));
  await fleet.tell(hour(1, "shop", "ios", 300));
  const cores = (500 * EACH_US) / 1e6 / 3_600;
  expect((await series({ metric: "cpu_at_risk" })).series[0]?.points[0]?.value).toBeCloseTo(cores, 9);
  const one = await series({ metric: "cpu_at_risk", endpoint: "shop" });
  expect(one.series[0]?.points[0]?.value).toBeCloseTo(cores, 9);
  const band = (await series({ metric: "expected_resume_rate", endpoint: "shop" })).series[0]?.points[0];
  expect(band?.value).toBeCloseTo(0.8, 9);
  expect(band?.low).toBeGreaterThan(0.77);
  expect(band?.high).toBeLessThan(0.83);
});

it("expects nothing where nothing is known, and leaves gaps gaps", async () => {
  await fleet.tell(hour(1, "shop", "ios", 300));
  const [only] = (await series({ metric: "expected_resume_rate", from: "now-2h" })).series;
  expect(only?.points.map(({ value }) => value)).toEqual([null, null]);
  expect(only?.total).toEqual({ value: null, count: 0 });
  expect((await series({ metric: "cpu_at_risk", endpoint: "nobody" })).series).toEqual([]);
});

it("refuses to be split", async () => {
  await expect(series({ metric: "cpu_at_risk", by: "node" })).rejects.toThrow("cannot be split");
  await expect(series({ metric: "expected_resume_rate", mechanism: "psk" })).rejects.toThrow("does not fit");
});
