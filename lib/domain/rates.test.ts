import fc from "fast-check";
import { expect, it } from "vitest";
import type { Result } from "./handshake.ts";
import { acceptShare, addResult, failureShare, noCounts, offerShare, rateOf, resumeShare } from "./rates.ts";
import { MECHANISMS, OFFERS, OUTCOMES } from "./vocabulary.ts";

const BLIND: Result = {
  outcome: "full",
  offer: null,
  mechanism: null,
  reason: null,
  earlyData: null,
  earlyDataReason: null,
};
const sum = (...list: readonly [Partial<Result>, number][]) =>
  list.reduce((counts, [part, n]) => addResult(counts, { ...BLIND, ...part }, n), noCounts());

it("R leaves failed handshakes out", () => {
  const counts = sum([{ outcome: "resumed" }, 6], [{}, 4], [{ outcome: "failed" }, 90]);
  expect(rateOf(resumeShare(counts))).toBe(0.6);
  expect(rateOf(failureShare(counts))).toBe(0.9);
});

it("a source that cannot see offers yields A = null, never A = R", () => {
  const counts = sum([{ outcome: "resumed", mechanism: "psk" }, 6], [{}, 4]);
  expect(rateOf(acceptShare(counts))).toBeNull();
  expect(rateOf(offerShare(counts))).toBeNull();
});

it("R = O x A where every offer is known", () => {
  const counts = sum(
    [{ outcome: "resumed", offer: "psk" }, 30],
    [{ offer: "psk" }, 10],
    [{ offer: "none" }, 60],
  );
  expect(rateOf(offerShare(counts))).toBe(0.4);
  expect(rateOf(acceptShare(counts))).toBe(0.75);
  expect(rateOf(resumeShare(counts))).toBeCloseTo(0.3);
});

it("every rate is in [0, 1] or null, whatever is counted", () => {
  const result = fc.record({
    outcome: fc.constantFrom(...OUTCOMES),
    offer: fc.constantFrom(null, ...OFFERS.slice(1)),
    mechanism: fc.constantFrom(null, ...MECHANISMS),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(result, fc.nat(1_000))), (list) => {
      const counts = sum(...list);
      for (const share of [resumeShare, offerShare, acceptShare, failureShare]) {
        const rate = rateOf(share(counts));
        if (rate !== null) expect(rate >= 0 && rate <= 1).toBe(true);
      }
    }),
  );
});
