import { afterAll, beforeAll, expect, it } from "vitest";
import { readStarts } from "../../lib/read/policy-starts.ts";
import type { StoredChange } from "../../lib/store/port.ts";
import { type StoredFleet, storedFleet } from "../support/stored.ts";

const NOW = Math.floor(Date.now() / 10_000) * 10_000;
/** Four seconds into a bucket of ten. */
const START = NOW - 600_000 + 4_000;

let fleet: StoredFleet;
beforeAll(async () => {
  fleet = await storedFleet(() => NOW);
  const early = { outcome: "resumed", mechanism: "psk", offer: "psk", earlyData: "accepted" } as const;
  await fleet.tell([
    // In the bucket of the start itself: before or after, nobody can tell.
    { ...early, atMs: START + 1_000, count: 7 },
    { ...early, atMs: START + 8_000, count: 2 },
    { ...early, atMs: START + 8_000, count: 3, node: "n2" },
    { ...early, atMs: START + 30_000, earlyData: "rejected", count: 5 },
    { ...early, atMs: START + 90_000, count: 9 },
  ]);
});
afterAll(() => fleet.destroy());

const change = (part: Partial<StoredChange>): StoredChange => ({
  ...{
    id: "c",
    kind: "reload",
    atMs: START,
    endMs: null,
    endpoint: "shop",
    node: null,
    region: null,
    title: "Reload",
  },
  ...{ detail: null, ref: null, actor: null, recordedMs: START, via: "console" },
  ...part,
});
const starts = (changes: readonly StoredChange[]) =>
  readStarts(fleet.reader, 1, { endpoint: "shop", changes, nowMs: NOW });

it("tells the early data that was accepted in the whole steps after a start", async () => {
  expect(await starts([change({})])).toEqual([
    { node: null, atMs: START, accepted: [{ fromS: 6, toS: 16, count: 5 }] },
  ]);
  expect((await starts([change({ node: "n2" })]))[0]?.accepted).toEqual([{ fromS: 6, toS: 16, count: 3 }]);
});

it("looks at starts only, and at none that is not a minute old", async () => {
  expect(await starts([change({ kind: "key_rotation" }), change({ atMs: NOW - 30_000 })])).toEqual([]);
});

it("looks at ten starts at most", async () => {
  const many = Array.from({ length: 15 }, (_, i) => change({ id: `c${i}`, kind: "deploy" }));
  expect(await starts(many)).toHaveLength(10);
});
