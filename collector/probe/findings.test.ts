import { expect, it } from "vitest";
import type { NodeProbe } from "../../lib/domain/probe.ts";
import { type FindingCounts, findingsOf } from "./findings.ts";

const clean = {
  address: "10.0.0.1:443",
  otherName: { accepted: false, reason: null },
  earlyData: { maxBytes: 0, accepted: null, acceptedTwice: null, reason: null },
  weakKeys: { candidates: 1_295, tickets: 2, found: null },
} as unknown as NodeProbe;
const target = { id: "t", endpoint: "shop", otherServerName: "pay.example" };

it("finds nothing where nothing is, or where it was not tried", () => {
  const untried = { ...clean, otherName: { accepted: null, reason: "…" }, weakKeys: null };
  const nodes = [clean, untried].map((probe, at) => ({ node: `n${at}`, atMs: 1, probe }));
  expect(findingsOf(target, nodes, new Map())).toEqual([]);
});

it("makes the same finding of the same matter, counted, with its first and last moment", () => {
  const probe = {
    ...clean,
    weakKeys: {
      candidates: 1_295,
      tickets: 2,
      found: "OpenSSL, key of 80 bytes: the encryption key is all zero",
    },
    otherName: { accepted: true, reason: null },
    earlyData: { maxBytes: 16_384, accepted: true, acceptedTwice: true, reason: null },
  };
  const counts: FindingCounts = new Map();
  const first = findingsOf(target, [{ node: "n1", atMs: 10, probe }], counts);
  expect(first.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual([
    ...["weak_key critical", "cross_name high", "early_data_replay high"],
  ]);
  const again = findingsOf(target, [{ node: "n1", atMs: 20, probe }], counts);
  expect(again.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
  expect(again[0]).toMatchObject({ firstMs: 10, lastMs: 20, count: 2, endpoint: "shop", node: "n1" });
  expect(JSON.stringify(again)).not.toContain("keyName");
});
