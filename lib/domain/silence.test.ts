import { expect, it } from "vitest";
import { quietLimitMs, SOONEST_MS, silentSinceMs } from "./silence.ts";

const MINUTE = 60_000;
const every = (minutes: number, times: number) =>
  Array.from({ length: times }, (_, i) => i * minutes * MINUTE);

it("calls a steady sender silent after five minutes, and not before", () => {
  const activeMinutesMs = every(1, 60);
  const lastSeenMs = 59 * MINUTE;
  expect(silentSinceMs({ lastSeenMs, activeMinutesMs }, lastSeenMs + SOONEST_MS)).toBeNull();
  expect(silentSinceMs({ lastSeenMs, activeMinutesMs }, lastSeenMs + SOONEST_MS + 1)).toBe(lastSeenMs);
});

it("gives a sender with long pauses as much longer", () => {
  expect(quietLimitMs(every(30, 20))).toBe(120 * MINUTE);
});

it("takes one outage for no habit", () => {
  const before = every(1, 60);
  const after = before.map((minuteMs) => minuteMs + 600 * MINUTE);
  expect(quietLimitMs([...before, ...after])).toBe(SOONEST_MS);
});

it("does not judge whom it hardly knows", () => {
  expect(silentSinceMs({ lastSeenMs: 0, activeMinutesMs: [0, MINUTE] }, 1e12)).toBeNull();
});
