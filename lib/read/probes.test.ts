import { expect, it } from "vitest";
import type { NodeProbe } from "../domain/probe.ts";
import type { ReadStore } from "../store/port.ts";
import type { Agreement, StoredProbeResult, StoredProbeTarget } from "../store/port-probe.ts";
import { readProbeTargets } from "./probes.ts";

const NOW = Date.UTC(2026, 10, 26, 12);
const MINUTE = 60_000;
const nothing = {
  ...{ issued: null, accepted: null, reason: null, tickets: null, lifetimeHintS: null, ticketBytes: null },
  ...{ stateful: null, keyNames: [] },
};
const probe = (failure: NodeProbe["failure"] = null): NodeProbe => ({
  ...{
    address: "10.0.0.1:443",
    failure,
    timings: [],
    protocols: {},
    protocol: null,
    cipher: null,
    group: null,
  },
  ...{ alpn: null, mechanisms: { session_id: nothing, ticket: nothing, psk: nothing }, certificate: null },
  ...{ earlyData: { maxBytes: null, accepted: null, acceptedTwice: null, reason: null } },
  ...{ otherName: { accepted: null, reason: null }, weakKeys: null },
});
const target = (part: Partial<StoredProbeTarget> = {}): StoredProbeTarget => ({
  ...{ id: "t", origin: "console", endpoint: "shop", paused: false, createdMs: 1, updatedMs: 1 },
  spec: {
    ...{ serverName: "shop", otherServerName: null, alpn: [], intervalMs: MINUTE, timeoutMs: 1_000 },
    nodes: ["a", "b", "c"].map((name) => ({ name, address: "10.0.0.1:443" })),
    ...{
      protocols: ["TLSv1.3"],
      tryOldProtocols: true,
      handshakesPerMinute: 60,
      nodesPerRound: 9,
      pairsPerRound: 9,
    },
  },
  ...part,
});
const result = (node: string, atMs: number, found: unknown): StoredProbeResult => ({
  ...{ targetId: "t", endpoint: "shop", node, atMs, ok: true, result: found },
});
const down = { problem: "refused", detail: "connection refused" } as const;

async function view(
  one: StoredProbeTarget,
  newest: readonly StoredProbeResult[],
  agreements: readonly Agreement[] = [],
) {
  const probes = {
    readProbeTargets: async () => [one],
    readNewestProbes: async () => newest,
    readProbes: async () => newest,
    readAgreements: async () => agreements,
  };
  const { targets } = await readProbeTargets({ probes } as Pick<ReadStore, "probes">, 1, NOW);
  const [first] = targets;
  if (!first) throw new Error("no target");
  return first;
}

it("tells waiting, paused, fine, partly, failing and late apart", async () => {
  expect(await view(target(), [])).toMatchObject({ state: "waiting", lastMs: null, nextMs: null });
  expect((await view(target({ paused: true }), [result("a", NOW, probe())])).state).toBe("paused");
  const fine = await view(target(), [result("a", NOW - 20_000, probe())]);
  expect(fine).toMatchObject({ state: "fine", lastMs: NOW - 20_000, nextMs: NOW + 40_000, lastError: null });
  expect(fine.nodes.map(({ node, atMs }) => [node, atMs])).toEqual([
    ["a", NOW - 20_000],
    ["b", null],
    ["c", null],
  ]);
  const partly = await view(target(), [result("a", NOW, probe()), result("b", NOW, probe(down))]);
  expect(partly).toMatchObject({ state: "partly", lastError: "b: connection refused" });
  expect((await view(target(), [result("b", NOW, probe(down))])).state).toBe("failing");
  expect((await view(target(), [result("a", NOW - 10 * MINUTE, probe())])).state).toBe("late");
});

it("shows what cannot be read as not known, and other targets' results not at all", async () => {
  const other = { ...result("b", NOW, probe()), targetId: "other" };
  const seen = await view(target(), [result("a", NOW, { old: "shape" }), other]);
  expect(seen.nodes[0]).toMatchObject({ atMs: NOW, probe: null });
  expect(seen.nodes[1]).toMatchObject({ atMs: null, probe: null });
});

it("takes the newest observation of each pair, of nodes that are still configured", async () => {
  const pair = (fromNode: string, toNode: string, accepted: boolean | null, atMs: number): Agreement => ({
    ...{ targetId: "t", endpoint: "shop", fromNode, toNode, mechanism: "psk", accepted, reason: null, atMs },
  });
  // Newest first, as the store answers.
  const { agreements } = await view(
    target(),
    [],
    [
      ...[
        pair("a", "b", true, 9),
        pair("b", "a", true, 9),
        pair("a", "c", false, 9),
        pair("c", "a", null, 9),
      ],
      ...[pair("c", "b", false, 8), pair("a", "b", false, 1), pair("gone", "a", false, 1)],
    ],
  );
  const [psk] = agreements;
  expect(agreements).toHaveLength(1);
  expect(psk?.cells).toHaveLength(5);
  expect(psk?.misfits).toEqual(["c"]);
  expect(psk?.sentence).toBe("c accepts nobody's sessions and nobody accepts its.");
});
