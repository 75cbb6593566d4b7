import { expect, it } from "vitest";
import { type AgreementPair, judgeAgreement } from "./agreement.ts";

/** A matrix from rows of `1` (resumes), `0` (refused), `.` (not measured); nodes are a, b, c, … */
function matrix(...rows: string[]): AgreementPair[] {
  const name = (index: number): string => String.fromCharCode(97 + index);
  return rows.flatMap((row, from) =>
    [...row].map((cell, to) => ({
      ...{ from: name(from), to: name(to) },
      ...{ accepted: cell === "1" ? 1 : 0, offered: cell === "." ? 0 : 1 },
    })),
  );
}

it("says that all agree, with the count of pairs of two nodes", () => {
  const agreement = judgeAgreement(matrix("111", "111", "111"));
  expect(agreement).toMatchObject({ kind: "agree", measured: 6, agreeing: 6, misfits: [], forgetful: [] });
  expect(agreement.sentence).toBe("All 3 nodes resume each other's sessions (6 of 6 pairs).");
});

it("knows nothing of nodes that were not compared", () => {
  expect(judgeAgreement([]).kind).toBe("unknown");
  expect(judgeAgreement(matrix("1.", ".1")).kind).toBe("unknown");
});

it("tells keys that nobody shares from one stale node", () => {
  expect(judgeAgreement(matrix("100", "010", "001")).kind).toBe("unshared");
  const stale = judgeAgreement(matrix("1101", "1101", "0010", "1101"));
  expect(stale.kind).toBe("misfits");
  expect(stale.misfits).toEqual([{ node: "c", refuses: "all", refused: "all" }]);
  expect(stale.sentence).toBe("c accepts nobody's sessions and nobody accepts its.");
});

it("names the node that lacks the newest key while its own is still accepted", () => {
  const late = judgeAgreement(matrix("1110", "1110", "1110", "1111"));
  expect(late.misfits).toEqual([{ node: "d", refuses: "all", refused: "none" }]);
  expect(late.sentence).toBe("d accepts nobody's sessions, but its own are accepted everywhere.");
});

it("names the node whose sessions nobody takes, though it takes the others'", () => {
  const early = judgeAgreement(matrix("1000", "1111", "1111", "1111"));
  expect(early.misfits).toEqual([{ node: "a", refuses: "none", refused: "all" }]);
  expect(early.sentence).toBe("a accepts the others' sessions, but nobody accepts its.");
});

it("names no culprit of two nodes that refuse each other", () => {
  expect(judgeAgreement(matrix("10", "01"))).toMatchObject({ kind: "unshared", misfits: [] });
});

it("of two nodes names the one that refuses what the other issued, when the other way works", () => {
  const one = judgeAgreement(matrix("10", "11"));
  expect(one.misfits).toEqual([{ node: "b", refuses: "all", refused: "none" }]);
});

it("finds several stale nodes, each on its own", () => {
  const two = judgeAgreement(matrix("11100", "11100", "11100", "00010", "00001"));
  expect(two.misfits.map(({ node }) => node)).toEqual(["d", "e"]);
});

it("tells groups that agree within", () => {
  const halves = judgeAgreement(matrix("1100", "1100", "0011", "0011"));
  expect(halves.kind).toBe("groups");
  expect(halves.groups).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
  expect(halves.sentence).toContain("a and b | c and d");
  expect(judgeAgreement(matrix("11100", "11100", "11100", "00011", "00011")).kind).toBe("groups");
});

it("works with pairs that were not measured", () => {
  const sampled = judgeAgreement(matrix("1.10", "11.0", ".110", "0.01"));
  expect(sampled.misfits).toEqual([{ node: "d", refuses: "all", refused: "all" }]);
  const half = judgeAgreement(matrix("1110", "1110", "1110", "...1"));
  expect(half.misfits).toEqual([{ node: "d", refuses: "all", refused: null }]);
  expect(half.sentence).toBe("d accepts nobody's sessions.");
});

it("names nodes that do not resume their own sessions", () => {
  const off = judgeAgreement(matrix("110", "110", "000"));
  expect(off).toMatchObject({ kind: "misfits", forgetful: ["c"] });
  expect(off.sentence).toContain("c does not even resume its own sessions.");
});

it("calls a patchwork a patchwork", () => {
  expect(judgeAgreement(matrix("1010", "0110", "0101", "1001")).kind).toBe("mixed");
});

it("takes shares from telemetry: some too old tickets are no disagreement", () => {
  const share = (from: string, to: string, accepted: number) => ({ from, to, accepted, offered: 100 });
  const seen = judgeAgreement([
    ...[share("a", "b", 88), share("b", "a", 91), share("a", "c", 3), share("c", "a", 2)],
    ...[share("b", "c", 1), share("c", "b", 4)],
  ]);
  expect(seen.misfits.map(({ node }) => node)).toEqual(["c"]);
});

it("finds one stale node among two hundred quickly", () => {
  const size = 200;
  const row = (n: number): string =>
    [...Array(size).keys()].map((m) => ((n === 7) === (m === 7) ? 1 : 0)).join("");
  const name = (n: number): string => `edge-${n}`;
  const pairs = [...Array(size).keys()].flatMap((n) =>
    [...row(n)].map((cell, m) => ({ from: name(n), to: name(m), accepted: Number(cell), offered: 1 })),
  );
  const begunMs = performance.now();
  expect(judgeAgreement(pairs).misfits.map(({ node }) => node)).toEqual(["edge-7"]);
  expect(performance.now() - begunMs).toBeLessThan(3_000);
});
