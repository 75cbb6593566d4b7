import fc from "fast-check";
import { expect, it } from "vitest";
import { inTurn, pairsInTurn } from "./pairs.ts";

it("takes all pairs of a small pool in every round, and none of one node", () => {
  expect(pairsInTurn(3, { most: 10, round: 5, seed: "x" })).toHaveLength(6);
  expect(pairsInTurn(1, { most: 10, round: 0, seed: "x" })).toEqual([]);
  expect(pairsInTurn(0, { most: 10, round: 0, seed: "x" })).toEqual([]);
});

it("gives every pair its turn, in as many rounds as it takes and no more", () => {
  const cases = fc.record({
    nodes: fc.integer({ min: 2, max: 40 }),
    most: fc.integer({ min: 1, max: 60 }),
    seed: fc.string(),
  });
  fc.assert(
    fc.property(cases, ({ nodes, most, seed }) => {
      const total = nodes * (nodes - 1);
      const rounds = Math.ceil(total / Math.min(total, most));
      const seen = new Set<string>();
      for (let round = 0; round < rounds; round += 1)
        for (const { from, to } of pairsInTurn(nodes, { most, round, seed })) {
          expect(from).not.toBe(to);
          expect(Math.max(from, to)).toBeLessThan(nodes);
          seen.add(`${from} ${to}`);
        }
      expect(seen.size).toBe(total);
    }),
    { numRuns: 300 },
  );
});

it("is the same for the same seed, and starts elsewhere for another", () => {
  const turn = { most: 5, round: 3, seed: "shop" };
  expect(inTurn(1_000, turn)).toEqual(inTurn(1_000, turn));
  expect(inTurn(1_000, turn)).not.toEqual(inTurn(1_000, { ...turn, seed: "pay" }));
});
