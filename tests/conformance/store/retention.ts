/** The scenarios of retention by tenant, and of what signing in leaves behind, that every engine of the store port has to pass. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Change, Result } from "../../../lib/domain/handshake.ts";
import { EMPTY_COMMIT, type WriteStore } from "../../../lib/store/port.ts";
import type { OneTimeLink } from "../../../lib/store/port-people.ts";
import type { Engine } from "./suite.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 24, 12);
const KEEP = {
  ...{ tenSecondsMs: 6 * HOUR, minutesMs: 14 * DAY, hoursMs: 400 * DAY },
  ...{ samplesMs: 7 * DAY, batchesMs: DAY },
};
const BY = { actor: "ann@shop.example", address: null };

const change = (id: string, atMs: number): Change => ({
  ...{ id, atMs, endMs: null, kind: "deploy", title: id, endpoint: null, node: null, region: null },
  ...{ detail: null, ref: null, actor: null },
});

/** Runs the scenarios over an engine. */
export function retentionConformance(make: () => Promise<Engine>): void {
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

  /** A handshake and a change a day over the last thirty days, of a tenant. */
  async function fill(tenant: number): Promise<void> {
    const origin = { source: "native", system: null, vantage: "log" } as const;
    const where = { endpoint: "shop", node: "a", region: null, family: null, protocol: "TLSv1.3" } as const;
    const result: Result = {
      ...{ outcome: "full" as const, offer: null, mechanism: null, reason: null },
      ...{ earlyData: null, earlyDataReason: null },
    };
    const days = Array.from({ length: 30 }, (_, day) => NOW - day * DAY - HOUR);
    const cell = {
      ...{ segmentId: store.internSegment(tenant, where, origin), resultId: store.internResult(result) },
      ...{ count: 1, handshakeUs: null, ttfbUs: null, ticketAgeS: null },
    };
    const cells = days.map((atMs) => ({ ...cell, bucketStartMs: atMs }));
    await store.commit(tenant, { ...EMPTY_COMMIT, cells }, NOW);
    for (const [day, atMs] of days.entries())
      await store.recordChange(tenant, change(`day ${day}`, atMs), { nowMs: NOW, via: "test" });
  }

  async function held(tenant: number): Promise<{ handshakes: number; changes: number }> {
    const window = { fromMs: NOW - 40 * DAY, toMs: NOW };
    const { rows } = await store.readRollups(tenant, { ...window, stepMs: DAY });
    const changes = await store.readChanges(tenant, { ...window, limit: 100 });
    return { handshakes: rows.reduce((sum, { count }) => sum + count, 0), changes: changes.length };
  }

  describe("retention of a tenant", () => {
    it("shortens what is kept of it, and of nobody else; taken back, it is as before", async () => {
      for (const tenant of [1, 2]) await fill(tenant);
      await store.compact(NOW + HOUR);
      await store.as(BY).retention.saveRetention(1, { historyMs: 10 * DAY, samplesMs: null });
      expect(await store.retention.readRetention(1)).toEqual({ historyMs: 10 * DAY, samplesMs: null });
      expect(await store.retention.readRetention(2)).toEqual({ historyMs: null, samplesMs: null });
      await store.retain(NOW, KEEP);
      expect(await held(1)).toEqual({ handshakes: 10, changes: 10 });
      expect(await held(2)).toEqual({ handshakes: 30, changes: 30 });
      await store.as(BY).retention.saveRetention(1, { historyMs: null, samplesMs: null });
      expect(await store.retention.readRetention(1)).toEqual({ historyMs: null, samplesMs: null });
      const log = await store.audit.readAudit(1, { fromMs: 0, toMs: NOW + DAY, limit: 9 });
      expect(log.map(({ action, before, after }) => [action, before, after])).toEqual([
        ["retention.save", `{"historyMs":${10 * DAY},"samplesMs":null}`, null],
        ["retention.save", null, `{"historyMs":${10 * DAY},"samplesMs":null}`],
      ]);
    });

    it("never lengthens what the installation keeps", async () => {
      await fill(1);
      await store.compact(NOW + HOUR);
      await store.as(BY).retention.saveRetention(1, { historyMs: 4_000 * DAY, samplesMs: null });
      await store.retain(NOW, { ...KEEP, hoursMs: 20 * DAY });
      expect(await held(1)).toEqual({ handshakes: 20, changes: 20 });
    });
  });

  describe("retention of what signing in leaves behind", () => {
    it("takes links that have expired long ago", async () => {
      const link: OneTimeLink = {
        ...{ secretHash: "ab".repeat(32), tenant: 1, userId: null, createdMs: NOW, createdBy: null },
        ...{ purpose: "invite" as const, role: "viewer" as const, expiresMs: NOW + DAY },
      };
      await store.as(BY).people.makeLink(1, link);
      await store.retain(NOW + KEEP.minutesMs, KEEP);
      expect(await store.people.findLink(link.secretHash, NOW)).not.toBeNull();
      const { deleted } = await store.retain(NOW + KEEP.minutesMs + DAY + 1, KEEP);
      expect(deleted.link).toBe(1);
      expect(await store.people.findLink(link.secretHash, NOW)).toBeNull();
    });
  });
}
