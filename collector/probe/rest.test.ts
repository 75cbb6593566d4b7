import { expect, it } from "vitest";
import { Rest } from "./rest.ts";

const MINUTE = 60_000;

it("leaves a node alone twice as long after each failure, up to an hour, and not at all after a success", () => {
  const rest = new Rest();
  const pauses: number[] = [];
  let nowMs = 0;
  for (let failure = 0; failure < 12; failure += 1) {
    rest.note("a", { failed: true, intervalMs: MINUTE, nowMs });
    const begunMs = nowMs;
    while (rest.resting(nowMs).has("a")) nowMs += 1_000;
    pauses.push(nowMs - begunMs);
  }
  // The second round comes as usual; then every other, every fourth, …
  expect(pauses[0]).toBeLessThan(MINUTE);
  expect(pauses[1]).toBeGreaterThan(MINUTE);
  expect(pauses[3]).toBeGreaterThan(6 * MINUTE);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(60 * MINUTE + 1_000);
  expect(pauses.at(-1)).toBeGreaterThanOrEqual(54 * MINUTE - 1_000);
  rest.note("a", { failed: false, intervalMs: MINUTE, nowMs });
  expect(rest.resting(nowMs).size).toBe(0);
});

it("does not shorten a long interval", () => {
  const rest = new Rest();
  for (let n = 0; n < 5; n += 1) rest.note("a", { failed: true, intervalMs: 7_200_000, nowMs: 0 });
  expect(rest.resting(6_400_000).has("a")).toBe(true);
});
