import { expect, it } from "vitest";
import { Detector } from "../../lib/detect/detector.ts";
import type { DetectorEvent } from "../../lib/detect/types.ts";
import { BEGIN_MS, BUCKET_MS, HOUR_MS, type Model, SHOP, traffic } from "../support/traffic.ts";

const hourOf = (atMs: number): number => (atMs - BEGIN_MS) / HOUR_MS;

function pages(model: Model, hours: number, seed: number): (DetectorEvent & { type: "opened" })[] {
  const detector = new Detector({ bucketMs: BUCKET_MS });
  const found: DetectorEvent[] = [];
  for (const { nowMs, rows } of traffic(model, hours, seed)) {
    for (const row of rows) detector.feed(row);
    found.push(...detector.tick(nowMs));
  }
  return found.flatMap((event) =>
    event.type === "opened" && event.class === "page" ? [event as DetectorEvent & { type: "opened" }] : [],
  );
}

const HOLIDAY = { from: 168, to: 192 };
/** A holiday: offices and their services stay away, phones do not, and some who were never there come along all day. */
const VOLUME: Readonly<Record<string, number>> = { java: 0.15, chrome: 0.4, ios: 1.15 };
const holiday = (fault: (at: { hours: number; node: string }) => number = () => 0): Model => ({
  ...SHOP,
  effect: ({ hours, family, node }) => {
    if (hours < HOLIDAY.from || hours >= HOLIDAY.to) return {};
    const slope = Math.min(1, hours - HOLIDAY.from, HOLIDAY.to - hours);
    const volume = 1 + slope * ((VOLUME[family] ?? 1) - 1);
    const newcomers = family === "java" ? 0 : 0.03 * slope;
    return { volume, newcomers, accept: 1 - fault({ hours, node }) };
  },
});

it.each([21, 22])(
  "a day unlike the rest pages nobody, seed %i",
  (seed) => {
    expect(pages(holiday(), 200, seed)).toEqual([]);
  },
  60_000,
);

it("a fault on such a day is found, with its node", () => {
  const found = pages(
    holiday(({ hours, node }) => (node === "n-2" && hours >= 180 && hours < 186 ? 0.3 : 0)),
    190,
    23,
  );
  expect(found).toHaveLength(1);
  expect(hourOf(found[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(180);
  expect(hourOf(found[0]?.atMs ?? 0)).toBeLessThan(181);
  expect(found[0]?.explanation.scope.nodes).toEqual(["n-2"]);
}, 60_000);
