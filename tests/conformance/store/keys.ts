/** The scenarios of keys that every engine of the store port has to pass. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KeyEvent } from "../../../lib/domain/keys.ts";
import { EMPTY_COMMIT, type WriteStore } from "../../../lib/store/port.ts";
import type { CommittedKey } from "../../../lib/store/port-keys.ts";
import type { Engine } from "./suite.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Start of a bucket of ten minutes. */
const NOW = Math.floor(Date.UTC(2026, 10, 24, 12) / (10 * MINUTE)) * 10 * MINUTE;
const KEEP = {
  tenSecondsMs: HOUR,
  minutesMs: 14 * DAY,
  hoursMs: 400 * DAY,
  samplesMs: HOUR,
  batchesMs: HOUR,
};

const sight = (part: Partial<CommittedKey> = {}): CommittedKey => {
  const firstMs = part.firstMs ?? NOW;
  return {
    bucketStartMs: Math.floor(firstMs / (10 * MINUTE)) * 10 * MINUTE,
    ...{ endpoint: "shop", node: "n1", keyName: "k1", use: "accepted", count: 1, source: "native" },
    ...{ firstMs, lastMs: part.lastMs ?? firstMs, lifetimeHintS: null },
    ...part,
  };
};
const event = (part: Partial<KeyEvent> = {}): KeyEvent => ({
  ...{ id: "e1", atMs: NOW, endpoint: "shop", node: null, keyGroup: "eu", keyName: "k1", action: "revoked" },
  ...{ actor: "ann", reason: "leaked" },
  ...part,
});

/** Runs the scenarios over an engine. */
export function keysConformance(make: () => Promise<Engine>): void {
  let engine: Engine;
  let store: WriteStore;
  const add = (keys: readonly CommittedKey[], keyEvents: readonly KeyEvent[] = []) =>
    store.commit(
      1,
      { ...EMPTY_COMMIT, keys, keyEvents: keyEvents.map((one) => ({ ...one, via: "native" })) },
      NOW,
    );
  const sightings = (query: { sinceMs?: number; limit?: number; endpoint?: string; node?: string } = {}) =>
    store.keys.readSightings(1, { sinceMs: 0, limit: 100, ...query });
  const uses = (query: { fromMs?: number; toMs?: number; stepMs?: number; endpoint?: string } = {}) =>
    store.keys.readUses(1, { fromMs: 0, toMs: NOW + DAY, stepMs: 10 * MINUTE, ...query });

  describe("keys", () => {
    beforeEach(async () => {
      engine = await make();
      store = await engine.open(() => NOW);
    });
    afterEach(async () => {
      await store.close();
      await engine.destroy();
    });

    it("adds uses up by ten minutes and by key, node and use, in whatever order they come", async () => {
      const late = NOW + 25 * MINUTE;
      await add([sight({ count: 3, firstMs: late, source: "b", lifetimeHintS: 600 })]);
      await add([sight({ count: 2, lastMs: NOW + MINUTE, source: "a", lifetimeHintS: 300 })]);
      await add([sight({ use: "refused", node: null, endpoint: null }), sight({ firstMs: late, count: 4 })]);
      const known = { endpoint: "shop", node: "n1", keyName: "k1" };
      expect(await sightings()).toEqual([
        {
          ...known,
          ...{ use: "accepted", firstMs: NOW, lastMs: late, count: 9, source: "native", lifetimeHintS: 600 },
        },
        {
          ...{ endpoint: null, node: null, keyName: "k1", use: "refused", firstMs: NOW, lastMs: NOW },
          ...{ count: 1, source: "native", lifetimeHintS: null },
        },
      ]);
      const rows = (await uses({ endpoint: "shop" })).map(({ bucketStartMs, count }) => [
        bucketStartMs,
        count,
      ]);
      expect(rows).toEqual([
        [NOW, 2],
        [NOW + 20 * MINUTE, 7],
      ]);
      const hour = { bucketStartMs: NOW, ...known, use: "accepted", count: 9 };
      expect(await uses({ stepMs: HOUR, endpoint: "shop" })).toEqual([hour]);
    });

    it("narrows by place, moment and number, and keeps tenants apart", async () => {
      await add([sight(), sight({ node: "n2", firstMs: NOW + MINUTE }), sight({ endpoint: "api" })]);
      expect((await sightings({ node: "n2" })).map(({ node }) => node)).toEqual(["n2"]);
      expect(await sightings({ endpoint: "shop" })).toHaveLength(2);
      expect(await sightings({ sinceMs: NOW + 1 })).toHaveLength(1);
      expect(await sightings({ limit: 2 })).toHaveLength(2);
      expect(await uses({ toMs: NOW })).toEqual([]);
      expect(await store.keys.readSightings(2, { sinceMs: 0, limit: 9 })).toEqual([]);
      expect(await store.keys.readUses(2, { fromMs: 0, toMs: NOW + DAY, stepMs: HOUR })).toEqual([]);
    });

    it("keeps what was said of keys once, by whoever said it", async () => {
      await add([], [event()]);
      await add([], [event({ reason: "again" })]);
      await store.keys.recordKeyEvent(1, event({ id: "e2", atMs: NOW + 1 }), { nowMs: NOW, via: "console" });
      const window = { fromMs: NOW, toMs: NOW + DAY, limit: 10 };
      expect(await store.keys.readKeyEvents(1, window)).toEqual([
        { ...event(), via: "native", recordedMs: NOW },
        { ...event({ id: "e2", atMs: NOW + 1 }), via: "console", recordedMs: NOW },
      ]);
      expect(await store.keys.readKeyEvents(1, { ...window, toMs: NOW + 1 })).toHaveLength(1);
      expect(await store.keys.readKeyEvents(2, window)).toEqual([]);
    });

    it("writes nothing of a commit that fails", async () => {
      const broken = { bucketStartMs: null } as unknown as CommittedKey;
      await expect(add([sight(), { ...sight(), ...broken }])).rejects.toThrow();
      expect(await sightings()).toEqual([]);
      expect(await uses()).toEqual([]);
    });

    it("forgets uses first, made-up names with them, and history at last", async () => {
      await add(
        [sight(), sight({ use: "refused" }), sight({ keyName: "made-up", use: "refused" })],
        [event()],
      );
      await store.retain(NOW + 15 * DAY, KEEP);
      expect(await uses()).toEqual([]);
      expect((await sightings()).map(({ keyName, use }) => `${keyName} ${use}`).sort()).toEqual([
        "k1 accepted",
        "k1 refused",
      ]);
      await store.retain(NOW + 401 * DAY, KEEP);
      expect(await sightings()).toEqual([]);
      expect(await store.keys.readKeyEvents(1, { fromMs: 0, toMs: NOW + DAY, limit: 9 })).toEqual([]);
    });
  });
}
