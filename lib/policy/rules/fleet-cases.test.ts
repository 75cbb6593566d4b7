import { describe, expect, it } from "vitest";
import { type Cases, judgeCases } from "../../../tests/support/policy-cases.ts";
import {
  DAY_MS,
  fact,
  HOUR_MS,
  key,
  keys,
  known,
  NOW,
  ROTATED,
  split,
} from "../../../tests/support/policy-facts.ts";
import type { FindingKind } from "../../domain/findings.ts";
import { ruleOf } from "../registry.ts";

const only13 = fact({ "TLSv1.3": 1_000 });
const only12 = fact({ "TLSv1.2": 1_000 });
const finding = (kind: FindingKind) =>
  fact([{ kind, severity: "high" as const, node: "edge-1", count: 3, lastMs: NOW }]);
const ends = (inS: number, keyBits: number | null = 2_048, keyType = "rsa") =>
  fact([{ node: "edge-1", validToMs: NOW + inS * 1_000, keyType, keyBits }]);
const event = (
  keyName: string,
  action: "destroyed" | "revoked" | "promoted",
  hoursAgo: number,
  actor: string | null = "ann",
) => ({
  keyName,
  node: null,
  atMs: NOW - hoursAgo * HOUR_MS,
  action,
  actor,
});
const refused = (hoursAgo: number) => ({
  firstRefusedMs: NOW - hoursAgo * HOUR_MS,
  lastRefusedMs: NOW - hoursAgo * HOUR_MS,
});
const oneNode = ROTATED.filter(({ node }) => node === "edge-1");
const loaded = (count: number) =>
  keys(Array.from({ length: count }, (_, i) => key(`k${i}`, "edge-1", { lastLoadedMs: NOW })));

const CASES: Cases = {
  H09: [
    ["nobody refused", "pass", { keys: keys(ROTATED) }],
    [
      "one node was late",
      "fail",
      {
        keys: keys(
          ROTATED.map((k) =>
            k.keyName === "k3" && k.node === "edge-2"
              ? {
                  ...k,
                  firstIssuedMs: NOW - 20 * HOUR_MS,
                  firstAcceptedMs: NOW - 20 * HOUR_MS,
                  ...refused(23),
                }
              : k,
          ),
        ),
      },
    ],
    ["a finding", "fail", { keys: keys(ROTATED), findings: finding("single_stage_rotation") }],
    [
      "no rotation",
      "unknown",
      { keys: keys([key("k", "a", { fromH: 9, toH: 0 }), key("k", "b", { fromH: 9, toH: 0 })]) },
    ],
    ["one node", "not_applicable", { keys: keys(oneNode) }],
  ],
  H10: [
    ["three held", "pass", { keys: loaded(3) }],
    ["two held", "fail", { keys: loaded(2) }],
    ["two are enough", "pass", { keys: loaded(2) }, { slots: 2 }],
    ["declared: current and two old", "pass", { intent: { retainedKeys: 2 } }],
    ["declared: no old ones", "fail", { intent: { retainedKeys: 0 } }],
    ["declared: perhaps a next one", "unknown", { intent: { retainedKeys: 1 } }],
  ],
  H11: [
    ["in memory", "pass", { intent: { keyStorage: "memory" } }],
    ["tmpfs", "pass", { intent: { keyStorage: "tmpfs" } }],
    ["wrapped", "pass", { intent: { keyStorage: "kms" } }],
    ["on disk", "fail", { intent: { keyStorage: "disk" } }],
    ["not declared", "unknown", { keys: keys(ROTATED) }],
  ],
  H12: [
    ["not opened", "pass", { weakKeys: split([], ["edge-1"]) }],
    ["opened", "fail", { weakKeys: split(["edge-1"], ["edge-2"]) }],
    ["a finding", "fail", { weakKeys: split([], ["edge-1"]), findings: finding("weak_key") }],
    ["no finding is no test", "unknown", { findings: fact([]) }],
  ],
  H13: [
    ["nobody shares", "pass", { sharedKeys: fact([]), intent: { trustDomain: "shop" } }],
    [
      "the same domain",
      "pass",
      {
        sharedKeys: fact([{ keyName: "k", endpoint: "b", trustDomain: "shop", clientAuth: null }]),
        intent: { trustDomain: "shop" },
      },
    ],
    [
      "another domain",
      "fail",
      {
        sharedKeys: fact([{ keyName: "k", endpoint: "b", trustDomain: "bank", clientAuth: null }]),
        intent: { trustDomain: "shop" },
      },
    ],
    [
      "an undeclared one",
      "unknown",
      {
        sharedKeys: fact([{ keyName: "k", endpoint: "b", trustDomain: null, clientAuth: null }]),
        intent: { trustDomain: "shop" },
      },
    ],
    ["itself undeclared", "unknown", { sharedKeys: fact([]) }],
    ["no keys seen", "unknown", { intent: { trustDomain: "shop" } }],
  ],
  H14: [
    [
      "every pair",
      "pass",
      {
        agreement: fact([
          { from: "a", to: "b", accepted: 1, offered: 1 },
          { from: "b", to: "a", accepted: 1, offered: 1 },
        ]),
      },
    ],
    [
      "no pair",
      "fail",
      {
        agreement: fact([
          { from: "a", to: "b", accepted: 0, offered: 1 },
          { from: "b", to: "a", accepted: 0, offered: 1 },
        ]),
      },
    ],
    ["one current name", "pass", { keys: keys(ROTATED) }],
    [
      "two current names",
      "fail",
      { keys: keys([key("x", "a", { fromH: 9, toH: 0 }), key("y", "b", { fromH: 9, toH: 0 })]) },
    ],
    [
      "a rotation has just begun",
      "unknown",
      { keys: keys([key("x", "a", { fromH: 9, toH: 0 }), key("y", "b", { fromH: 1, toH: 0 })]) },
    ],
    [
      "it takes too long",
      "fail",
      { keys: keys([key("x", "a", { fromH: 9, toH: 0 }), key("y", "b", { fromH: 1, toH: 0 })]) },
      { toleranceS: 3_599 },
    ],
    ["one node", "not_applicable", { keys: keys(oneNode) }],
  ],
  H15: [
    ["one", "pass", { ticketsPerHandshake: fact([{ node: "a", tickets: 1 }]) }],
    ["six", "pass", { ticketsPerHandshake: fact([{ node: "a", tickets: 6 }]) }],
    [
      "none",
      "fail",
      {
        ticketsPerHandshake: fact([
          { node: "a", tickets: 0 },
          { node: "b", tickets: 2 },
        ]),
      },
    ],
    ["seven", "fail", { ticketsPerHandshake: fact([{ node: "a", tickets: 7 }]) }],
    ["seven may be", "pass", { ticketsPerHandshake: fact([{ node: "a", tickets: 7 }]) }, { most: 7 }],
    ["not looked into", "unknown", { protocols: only13 }],
    ["no TLS 1.3", "not_applicable", { protocols: only12 }],
  ],
  H16: [
    ["watched, nothing found", "pass", { findings: fact([]) }],
    ["used again", "fail", { findings: finding("ticket_reuse") }],
    ["used again as often as allowed", "pass", { findings: finding("ticket_reuse") }, { reused: 1 }],
    ["from many networks", "fail", { findings: finding("ticket_spread") }, { reused: 1_000 }],
    ["no TLS 1.3", "not_applicable", { protocols: only12, findings: finding("ticket_reuse") }],
  ],
};

judgeCases(CASES);

describe("severity follows what was found", () => {
  const severityOf = (id: string, facts: Parameters<typeof known>[0]) =>
    ruleOf(id)?.judge(known(facts), {}, NOW).severity;

  it("a key of a week is critical, one of a day is high", () => {
    expect(severityOf("H02", { keys: keys([key("k", "a", { fromH: 168, toH: 0 })]) })).toBe("high");
    expect(severityOf("H02", { keys: keys([key("k", "a", { fromH: 169, toH: 0 })]) })).toBe("critical");
  });

  it("across trust domains with client certificates it is critical", () => {
    const shared = (clientAuth: boolean | null) =>
      fact([{ keyName: "k", endpoint: "b", trustDomain: "bank", clientAuth }]);
    expect(severityOf("H13", { sharedKeys: shared(null), intent: { trustDomain: "shop" } })).toBe("high");
    expect(severityOf("H13", { sharedKeys: shared(true), intent: { trustDomain: "shop" } })).toBe("critical");
    expect(
      severityOf("H13", { sharedKeys: shared(null), intent: { trustDomain: "shop", clientAuth: true } }),
    ).toBe("critical");
  });

  it("a revoked key that is accepted is critical, a ticket from many networks high", () => {
    expect(severityOf("H03", { keys: keys(ROTATED, [event("k2", "revoked", 40)]) })).toBe("critical");
    expect(severityOf("H16", { findings: finding("ticket_spread") })).toBe("high");
    expect(ends(DAY_MS).value).toHaveLength(1);
  });
});
