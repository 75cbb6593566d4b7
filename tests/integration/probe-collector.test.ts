import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { probeTargetBody, specOfBody } from "../../lib/contract/probe.ts";
import { SettingsError } from "../../lib/runtime/settings.ts";
import { DATABASE_NAME } from "../../lib/store/open.ts";
import { openWriteStore } from "../../lib/store/open-writer.ts";
import type { StoredProbeTarget } from "../../lib/store/port-probe.ts";
import { startCollector, type TestCollector, totalsOf, until } from "../support/collector.ts";
import { ProbeLab, specOf, ticketKey } from "../support/probe-lab.ts";
import { hasProgram } from "../support/process.ts";

let lab: ProbeLab;
let collector: TestCollector | undefined;
beforeEach(async () => {
  lab = await ProbeLab.start();
});
afterEach(async () => {
  await collector?.destroy();
  collector = undefined;
  await lab.destroy();
});

async function configured(yaml: string): Promise<string> {
  const file = lab.path("reprise.yaml");
  await writeFile(file, yaml);
  return file;
}

const all = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 1_000 };
const BOTH = "ssl_protocols TLSv1.2 TLSv1.3;";

describe.skipIf(!hasProgram("nginx"))("the collector's prober", () => {
  it("probes what is configured, keeps what it found, and counts none of it as customers", async () => {
    await lab.write("a.key", ticketKey());
    const keyed = `${BOTH} ssl_session_ticket_key ${lab.path("a.key")};`;
    const [a, b] = [await lab.nginx("edge-1", keyed), await lab.nginx("edge-2", BOTH)];
    const configFile = await configured(`
probe:
  - endpoint: shop.example
    nodes:
      - { name: edge-1, address: "${a.address}" }
      - { name: edge-2, address: "${b.address}" }
    every: 30s
    timeout: 10s
    tryOldProtocols: false
    handshakesPerMinute: 600
`);
    collector = await startCollector({ configFile });
    const { probes, keys } = collector.store;
    await until(async () => (await probes.readNewestProbes(1)).length === 2, 40_000);
    const results = await probes.readNewestProbes(1);
    expect(results.map(({ endpoint, node, ok }) => [endpoint, node, ok])).toEqual([
      ["shop.example", "edge-1", true],
      ["shop.example", "edge-2", true],
    ]);
    const agreements = await probes.readAgreements(1, all);
    const across = agreements.filter(({ fromNode, toNode }) => fromNode !== toNode);
    expect(across).toContainEqual(
      expect.objectContaining({
        mechanism: "psk",
        accepted: false,
        reason: "unknown_key",
        endpoint: "shop.example",
      }),
    );
    // The keys of both nodes are in the key history, by the hash that the results show too.
    await until(async () => (await keys.readSightings(1, { sinceMs: 0, limit: 100 })).length >= 2);
    const sightings = await keys.readSightings(1, { sinceMs: 0, limit: 100 });
    const issued = sightings.find(({ use, node }) => use === "issued" && node === "edge-1");
    expect(issued?.source).toBe("prober");
    const [{ result } = { result: null }] = results;
    expect(result).toMatchObject({ mechanisms: { psk: { keyNames: [issued?.keyName] } } });
    // Nothing of it is a finding, and nothing counts as customers.
    expect(await collector.store.findings.readFindings(1, all)).toEqual([]);
    expect(await totalsOf(collector)).toEqual({});
    const metrics = await (await fetch(`${collector.url}/metrics`)).text();
    expect(metrics).toMatch(/reprise_probe_handshakes_total\{outcome="resumed"\} [1-9]/);
    expect(metrics).toContain("reprise_probe_rounds_total 1");
  });

  it("takes up targets of the console, leaves paused ones alone, and forgets what the file no longer names", async () => {
    const node = await lab.nginx("edge-1", BOTH);
    collector = await startCollector();
    const { probes } = collector.store;
    const target = (id: string, paused: boolean): StoredProbeTarget => ({
      ...{ id, origin: "console", endpoint: id, paused, createdMs: 1, updatedMs: 1 },
      spec: specOf([node], { handshakesPerMinute: 600 }),
    });
    await probes.saveProbeTarget(1, target("paused", true));
    await probes.saveProbeTarget(1, target("active", false));
    await until(async () => (await probes.readNewestProbes(1)).length === 1, 40_000);
    expect((await probes.readNewestProbes(1)).map(({ targetId }) => targetId)).toEqual(["active"]);
    const { dataDir } = collector;
    await collector.close();
    const entry = `{ endpoint: shop.example, nodes: [{ name: edge-1, address: "${node.address}" }] }`;
    const configFile = await configured(`probe: [${entry}]`);
    const again = await startCollector({ configFile, dataDir });
    const listed = async (store: TestCollector["store"]) =>
      (await store.probes.readProbeTargets(1)).map(({ origin, endpoint }) => `${origin} ${endpoint}`).sort();
    expect(await listed(again.store)).toEqual([
      "configuration shop.example",
      "console active",
      "console paused",
    ]);
    await again.close();
    collector = await startCollector({ dataDir });
    expect(await listed(collector.store)).toEqual(["console active", "console paused"]);
  });

  it("notes a new certificate as a change, once", async () => {
    const node = await lab.nginx("edge-1", BOTH);
    collector = await startCollector();
    const { dataDir } = collector;
    await collector.close();
    // A result of earlier, with another certificate.
    const earlier = await openWriteStore({ file: join(dataDir, DATABASE_NAME), clock: Date.now });
    const result = { certificate: { fingerprint256: "AA" } };
    const at = { targetId: "t", endpoint: "shop", node: "edge-1", atMs: Date.now() - 60_000, ok: true };
    await earlier.probes.saveProbes(1, { results: [{ ...at, result }], agreements: [] });
    await earlier.probes.saveProbeTarget(1, {
      ...{ id: "t", origin: "console", endpoint: "shop", paused: false, createdMs: 1, updatedMs: 1 },
      spec: specOf([node], { handshakesPerMinute: 600 }),
    });
    await earlier.close();
    collector = await startCollector({ dataDir });
    const { store } = collector;
    const changes = () => store.readChanges(1, { ...all, fromMs: 0 });
    await until(async () => (await changes()).length > 0, 40_000);
    expect(await changes()).toMatchObject([
      {
        kind: "certificate",
        endpoint: "shop",
        node: "edge-1",
        title: "New certificate at edge-1",
        via: "prober",
      },
    ]);
  });

  it("stops in the middle of a round, and while a server does not answer", async () => {
    const address = "127.0.0.1:9";
    collector = await startCollector();
    await collector.store.probes.saveProbeTarget(1, {
      ...{ id: "t", origin: "console", endpoint: "x", paused: false, createdMs: 1, updatedMs: 1 },
      spec: specOf([{ name: "n", address }], { handshakesPerMinute: 1 }),
    });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const begunMs = performance.now();
    await collector.close();
    expect(performance.now() - begunMs).toBeLessThan(10_000);
  });
});

describe("targets in the configuration file", () => {
  const refused = async (yaml: string): Promise<string> => {
    const configFile = await configured(yaml);
    const error = await startCollector({ configFile }).then(
      (running) => running.destroy().then(() => null),
      (problem: Error) => problem,
    );
    expect(error).toBeInstanceOf(SettingsError);
    return error?.message ?? "";
  };
  const entry = (more: string) =>
    `probe: [{ endpoint: shop, nodes: [{ name: a, address: "127.0.0.1:443" }], ${more} }]`;

  it("are refused with the field and what is expected", async () => {
    for (const address of ["https://x:443", "x", "x:0", "x:70000", "-x:1", "a b:1", "x:443/path", "::1:443"])
      expect(await refused(`probe: [{ endpoint: s, nodes: [{ name: a, address: "${address}" }] }]`)).toMatch(
        /nodes\.0\.address: host:port is expected/,
      );
    expect(await refused(entry("every: 1s"))).toMatch(/every must be from 30 s to 86400 s/);
    expect(await refused(entry("caFile: /nowhere/ca.pem"))).toMatch(
      /\/nowhere\/ca.pem cannot be read \(ENOENT\)/,
    );
    expect(await refused(entry("certFile: /x"))).toMatch(/certFile and keyFile belong together/);
    expect(await refused(entry("serverName: 10.0.0.1"))).toMatch(/a host name is expected/);
    expect(await refused(entry("handshakesPerMinute: 100000"))).toMatch(/handshakesPerMinute/);
    const node = "{ name: a, address: 127.0.0.1:443 }";
    expect(await refused(`probe: [{ endpoint: s, nodes: [${node}, ${node}] }]`)).toMatch(
      /name may stand once/,
    );
    const twice = `{ endpoint: s, nodes: [${node}] }`;
    expect(await refused(`probe: [${twice}, ${twice}]`)).toMatch(/probed under the same server name twice/);
  });

  it("ask for the endpoint's own name where it can be one", () => {
    const nodes = [{ name: "a", address: "127.0.0.1:443" }];
    const without = probeTargetBody.parse({ endpoint: "shop.example", nodes });
    expect(specOfBody(without).serverName).toBe("shop.example");
    expect(specOfBody({ ...without, endpoint: "the shop" }).serverName).toBeNull();
    expect(specOfBody({ ...without, serverName: null }).serverName).toBeNull();
  });
});
