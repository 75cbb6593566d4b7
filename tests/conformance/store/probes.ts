/** The scenarios of the prober's targets and results that every engine of the store port has to pass. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WriteStore } from "../../../lib/store/port.ts";
import type { Agreement, StoredProbeResult, StoredProbeTarget } from "../../../lib/store/port-probe.ts";
import type { Engine } from "./suite.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 24, 12);
const KEEP = { tenSecondsMs: DAY, minutesMs: 14 * DAY, hoursMs: 400 * DAY, samplesMs: DAY, batchesMs: DAY };

const target = (part: Partial<StoredProbeTarget> = {}): StoredProbeTarget => ({
  ...{ id: "t1", origin: "console", endpoint: "shop", paused: false, spec: { nodes: ["é", null] } },
  ...{ createdMs: NOW, updatedMs: NOW },
  ...part,
});
const result = (part: Partial<StoredProbeResult> = {}): StoredProbeResult => ({
  ...{ targetId: "t1", endpoint: "shop", node: "n1", atMs: NOW, ok: true, result: { failure: null } },
  ...part,
});
const agreement = (part: Partial<Agreement> = {}): Agreement => ({
  ...{ targetId: "t1", endpoint: "shop", fromNode: "n1", toNode: "n2", mechanism: "psk" },
  ...{ accepted: true, reason: null, atMs: NOW },
  ...part,
});

/** Runs the scenarios over an engine. */
export function probesConformance(make: () => Promise<Engine>): void {
  let engine: Engine;
  let store: WriteStore;
  beforeEach(async () => {
    engine = await make();
    store = await engine.open(() => NOW);
  });
  afterEach(async () => {
    await store.close();
    await engine.destroy();
  });
  const all = { fromMs: 0, toMs: NOW + DAY, limit: 1_000 };

  describe("targets of the prober", () => {
    it("are kept with their specification, changed, and deleted; each tenant has its own", async () => {
      await store.probes.saveProbeTarget(1, target());
      await store.probes.saveProbeTarget(2, target({ endpoint: "other" }));
      await store.probes.saveProbeTarget(1, target({ paused: true, createdMs: NOW + 1, updatedMs: NOW + 2 }));
      expect(await store.probes.readProbeTargets(1)).toEqual([target({ paused: true, updatedMs: NOW + 2 })]);
      await store.probes.deleteProbeTarget(1, "t1");
      expect(await store.probes.readProbeTargets(1)).toEqual([]);
      expect(await store.probes.readProbeTargets(2)).toHaveLength(1);
    });
  });

  describe("what the prober found", () => {
    it("is read back, the newest of each node and the newest first", async () => {
      const old = result({ atMs: NOW - 60_000 });
      const other = result({ node: "n2", ok: false, result: { failure: { problem: "refused" } } });
      await store.probes.saveProbes(1, { results: [old], agreements: [] });
      await store.probes.saveProbes(1, { results: [result(), other], agreements: [] });
      expect(await store.probes.readNewestProbes(1)).toEqual([result(), other]);
      expect(await store.probes.readProbes(1, { ...all, node: "n1" })).toEqual([result(), old]);
      expect(await store.probes.readProbes(1, { ...all, targetId: "t2" })).toEqual([]);
      expect(await store.probes.readProbes(1, { ...all, limit: 1 })).toHaveLength(1);
      expect(await store.probes.readProbes(1, { ...all, toMs: NOW })).toEqual([old]);
      expect(await store.probes.readNewestProbes(2)).toEqual([]);
    });

    it("keeps accepted, refused and not told apart", async () => {
      const told = [
        agreement(),
        agreement({ accepted: false, reason: "unknown_key", atMs: NOW + 1 }),
        agreement({ accepted: null, reason: "n2: connection refused", atMs: NOW + 2 }),
      ];
      await store.probes.saveProbes(1, { results: [], agreements: told });
      expect(await store.probes.readAgreements(1, all)).toEqual([...told].reverse());
      expect(await store.probes.readAgreements(1, { ...all, endpoint: "pay" })).toEqual([]);
      expect(await store.probes.readAgreements(2, all)).toEqual([]);
    });

    it("goes after its retention", async () => {
      const old = NOW - 15 * DAY;
      await store.probes.saveProbes(1, {
        results: [result({ atMs: old }), result()],
        agreements: [agreement({ atMs: old }), agreement()],
      });
      await store.retain(NOW, KEEP);
      expect(await store.probes.readProbes(1, all)).toEqual([result()]);
      expect(await store.probes.readAgreements(1, all)).toEqual([agreement()]);
    });
  });
}
