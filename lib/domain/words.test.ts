import { expect, it } from "vitest";
import { inCores, inLength, inList, inPercent, inPoints, inShare, inUtc } from "./words.ts";

it("writes figures with their counts", () => {
  expect(inShare({ k: 1_204, n: 2_915 })).toBe("41.3 % (1,204 of 2,915)");
  expect(inShare({ k: 0, n: 0 })).toBe("nothing");
  expect(inPercent(0.961)).toBe("96.1 %");
  expect(inPoints(-0.5481)).toBe("54.8 points");
  expect([inCores(11.42), inCores(0.0031), inCores(0.41)]).toEqual([
    "11.4 cores",
    "0.0031 cores",
    "0.41 cores",
  ]);
});

it("writes moments in UTC, the day where it is another one", () => {
  const ms = Date.UTC(2026, 10, 24, 14, 2, 40);
  expect(inUtc(ms)).toBe("14:02 UTC");
  expect(inUtc(ms, ms - 86_400_000)).toBe("2026-11-24 14:02 UTC");
});

it("writes lengths and lists", () => {
  expect([45_000, 720_000, 12_600_000, 172_800_000].map(inLength)).toEqual([
    "45 s",
    "12 min",
    "3.5 h",
    "2 days",
  ]);
  expect(
    [[], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]].map((names) => inList(names)),
  ).toEqual(["", "a", "a and b", "a, b and c", "a, b and 2 more"]);
});
