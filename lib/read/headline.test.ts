import { expect, it } from "vitest";
import { fullHeadline } from "./headline.ts";

const onsetMs = Date.UTC(2026, 10, 24, 14, 2);
const nowMs = onsetMs + 3_600_000;

it("adds the moment, and the cost where it is worth a word", () => {
  const of = (cores: number | null, at = nowMs) =>
    fullHeadline("Accept rate fell", { onsetMs, nowMs: at, cores });
  expect(of(11.42)).toBe("Accept rate fell, since 14:02 UTC; 11.4 cores of extra handshakes");
  expect(of(0.004)).toBe("Accept rate fell, since 14:02 UTC");
  expect(of(null)).toBe("Accept rate fell, since 14:02 UTC");
  expect(of(null, nowMs + 86_400_000)).toBe("Accept rate fell, since 2026-11-24 14:02 UTC");
});
