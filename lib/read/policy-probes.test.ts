import { expect, it } from "vitest";
import type { MechanismProbe, NodeProbe } from "../domain/probe.ts";
import type { Agreement } from "../store/port-probe.ts";
import { probeFactsOf } from "./policy-probes.ts";

const mechanism = (part: Partial<MechanismProbe> = {}): MechanismProbe => ({
  issued: true,
  accepted: true,
  reason: null,
  tickets: null,
  lifetimeHintS: null,
  ticketBytes: null,
  stateful: null,
  keyNames: [],
  ...part,
});
const probe = (part: Partial<NodeProbe> = {}): NodeProbe => ({
  address: "192.0.2.1:443",
  failure: null,
  timings: [],
  protocols: { TLSv1: false, "TLSv1.1": null, "TLSv1.3": true },
  protocol: "TLSv1.3",
  cipher: "TLS_AES_128_GCM_SHA256",
  group: null,
  alpn: null,
  mechanisms: {
    session_id: mechanism({ issued: false, accepted: null }),
    ticket: mechanism({ lifetimeHintS: 300 }),
    psk: mechanism({ tickets: 2, lifetimeHintS: 7_200 }),
  },
  certificate: null,
  earlyData: { maxBytes: 0, accepted: null, acceptedTwice: null, reason: null },
  otherName: { accepted: null, reason: "not asked for" },
  weakKeys: { candidates: 300, tickets: 2, found: null },
  ...part,
});
const result = (node: string, part: Partial<NodeProbe> = {}, ok = true) => ({
  ...{ targetId: "t", endpoint: "shop", node, atMs: 1_000, ok },
  result: probe(part),
});
const agreement = (part: Partial<Agreement>): Agreement => ({
  ...{ targetId: "t", endpoint: "shop", fromNode: "a", toNode: "b", mechanism: "psk", accepted: true },
  ...{ reason: null, atMs: 1_000 },
  ...part,
});

it("no probe is no fact", () => {
  expect(Object.values(probeFactsOf([], [])).every((fact) => fact === null)).toBe(true);
  const failed = probeFactsOf([result("a", {}, false)], []);
  expect(Object.values(failed).every((fact) => fact === null)).toBe(true);
});

it("nodes are split by what was found; what could not be tried is in neither part", () => {
  const replays = { maxBytes: 16_384, accepted: true, acceptedTwice: true, reason: null };
  const facts = probeFactsOf(
    [
      result("a"),
      result("b", { earlyData: replays, otherName: { accepted: true, reason: null } }),
      result("c", {
        earlyData: { maxBytes: null, accepted: null, acceptedTwice: null, reason: null },
        weakKeys: null,
      }),
      result("d", { weakKeys: { candidates: 300, tickets: 1, found: "zero key" } }),
    ],
    [],
  );
  expect(facts.probedEarlyData?.value).toEqual({ yes: ["b"], no: ["a", "d"] });
  expect(facts.replayed?.value).toEqual({ yes: ["b"], no: [] });
  expect(facts.otherName?.value).toEqual({ yes: ["b"], no: [] });
  expect(facts.weakKeys).toMatchObject({ value: { yes: ["d"], no: ["a", "b"] }, count: 5 });
  expect(facts.probedProtocols?.value).toEqual({
    TLSv1: { yes: [], no: ["a", "b", "c", "d"] },
    "TLSv1.3": { yes: ["a", "b", "c", "d"], no: [] },
  });
  expect(facts.certificates).toBeNull();
});

it("lifetimes are the longest of each version, and a node that issues nothing cannot be resumed at", () => {
  const facts = probeFactsOf(
    [
      result("a"),
      result("b", {
        mechanisms: { ...probe().mechanisms, psk: mechanism({ tickets: 1, lifetimeHintS: 60 }) },
      }),
    ],
    [],
  );
  expect(facts.lifetimeTls12S?.value).toBe(300);
  expect(facts.lifetimeTls13S).toMatchObject({ value: 7_200, count: 2 });
  expect(facts.ticketsPerHandshake?.value).toEqual([
    { node: "a", tickets: 2 },
    { node: "b", tickets: 1 },
  ]);
  expect(facts.probedResumption?.value.session_id).toEqual({ yes: [], no: ["a", "b"] });
});

it("of each pair and mechanism the newest try counts, and one that is refused is enough; session ids and tries that tell nothing do not", () => {
  const facts = probeFactsOf(
    [],
    [
      agreement({ accepted: false, atMs: 1 }),
      agreement({ atMs: 2 }),
      agreement({ mechanism: "ticket", accepted: false }),
      agreement({ mechanism: "session_id", toNode: "c" }),
      agreement({ accepted: null, toNode: "d" }),
    ],
  );
  expect(facts.agreement?.value).toEqual([{ from: "a", to: "b", accepted: 0, offered: 1 }]);
});
