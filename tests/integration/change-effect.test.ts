import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { alignedParams, alignedReply, changeEffectReply } from "../../lib/contract/read-effect.ts";
import type { Change } from "../../lib/domain/handshake.ts";
import { readAligned } from "../../lib/read/aligned.ts";
import { readEffect } from "../../lib/read/effect.ts";
import { type StoredFleet, storedFleet, type Told } from "../support/stored.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 24, 12, 0, 5);
const T = Date.UTC(2026, 10, 24, 11, 30);

let fleet: StoredFleet;
beforeEach(async () => {
  fleet = await storedFleet(() => NOW);
});
afterEach(() => fleet.destroy());

const change = (atMs: number, parts: Partial<Change> = {}): Change => ({
  id: "c1",
  kind: "key_rotation",
  atMs,
  endMs: null,
  endpoint: null,
  node: null,
  region: null,
  title: "Rotated",
  detail: null,
  ref: null,
  actor: null,
  ...parts,
});

/** A minute of one node: `offered` offers of `n`, `accepted` of them resumed by PSK. */
const minute = (
  atMs: number,
  node: string,
  [n, offered, accepted]: readonly [number, number, number],
): Told[] => [
  { atMs, node, outcome: "resumed", mechanism: "psk", offer: "psk", count: accepted },
  { atMs, node, outcome: "full", offer: "psk", reason: "unknown_key", count: offered - accepted },
  { atMs, node, outcome: "full", offer: "none", count: n - offered },
];

const effect = async () =>
  changeEffectReply.parse(await readEffect(fleet.reader, 1, { id: "c1", nowMs: NOW }));

describe("effect by scope", () => {
  it("finds the node that fell among those that did not, and allows for the number of looks", async () => {
    const nodes = ["n1", "n2", "n3", "n4"];
    const told = nodes.flatMap((node) =>
      Array.from({ length: 30 }, (_, i) => T + (i - 15) * MINUTE).flatMap((atMs) =>
        minute(atMs, node, node === "n3" && atMs > T ? [100, 80, 20] : [100, 80, 72]),
      ),
    );
    await fleet.tell(told, { changes: [change(T)] });
    const reply = await effect();
    // Fourteen whole minutes of 100 handshakes and four nodes after T, of 15 before: the minute of the change is at T itself.
    expect(reply.before).toEqual({ full: 4 * 15 * 28, resumed: 4 * 15 * 72, failed: 0 });
    expect(reply.after).toEqual({
      full: 3 * 15 * 28 + 28 + 14 * 80,
      resumed: 3 * 15 * 72 + 72 + 14 * 20,
      failed: 0,
    });
    // Most moved first: the node, then the mechanism, of which the node is a part.
    expect(reply.scopes.slice(0, 2)).toMatchObject([
      { dimension: "node", value: "n3", before: { k: 1_080, n: 1_500 }, after: { k: 352, n: 1_500 } },
      { dimension: "mechanism", value: "psk", before: { k: 4_320, n: 6_000 }, stands: true },
    ]);
    const rows = reply.scopes.filter(({ dimension }) => dimension === "node");
    expect(rows.map(({ value, stands }) => [value, stands])).toEqual([
      ["n3", true],
      ["n1", false],
      ["n2", false],
      ["n4", false],
    ]);
    expect(rows[0]?.difference?.value).toBeCloseTo(352 / 1_500 - 0.72);
    expect(rows[1]?.difference?.value).toBe(0);
    expect(reply.scopes.length).toBe(5);
    expect(reply.comparisons).toBe(5);
    expect(reply.note).toContain("5 comparisons: of their 95 % intervals about 0.3 leave 0 out by chance");
    // O held and A fell.
    expect(reply.offer?.difference?.value).toBe(0);
    expect(reply.accept).toMatchObject({ before: { k: 4_320, n: 4_800 }, after: { k: 3_592, n: 4_800 } });
  });

  it("says nothing of O and A where offers cannot be seen", async () => {
    await fleet.tell(
      [-1, 1].flatMap((at): Told[] => [
        { atMs: T + at * MINUTE, outcome: "resumed", mechanism: "session_id", count: 500 },
        { atMs: T + at * MINUTE, outcome: "full", count: 500 },
      ]),
      { changes: [change(T)] },
    );
    const reply = await effect();
    expect([reply.offer, reply.accept]).toEqual([null, null]);
    expect(reply.sentence).toBe("No measurable effect on the resume rate.");
  });

  it("is not shaken by a rate that always varied more than counts do", async () => {
    // 80 and 60 % in turns before; 65 % after is nothing new, though 15 x 1,000 counts alone would swear to it.
    const before = Array.from({ length: 60 }, (_, i) =>
      minute(T - (i + 1) * MINUTE, "n1", [1_000, 1_000, i % 2 ? 800 : 600]),
    );
    const after = Array.from({ length: 15 }, (_, i) =>
      minute(T + i * MINUTE, "n1", [1_000, 1_000, i % 2 ? 755 : 605]),
    );
    await fleet.tell([...before, ...after].flat(), { changes: [change(T)] });
    const reply = await effect();
    expect(reply.difference?.value).toBeLessThan(-0.01);
    expect(reply.sentence).toBe("No measurable effect on the resume rate.");
  });
});

describe("the last of its kind", () => {
  const aligned = async (query: Record<string, string> = {}) => {
    const params = alignedParams.parse(query);
    return alignedReply.parse(await readAligned(fleet.reader, 1, { id: "c1", params, nowMs: NOW }));
  };
  /** R around a moment: 70 % before, `dip` at it, 10 points more each minute until 70 %. */
  const around = (atMs: number, dip: number): Told[] =>
    Array.from({ length: 20 }, (_, i) => i - 10).flatMap((i) =>
      minute(atMs + i * MINUTE, "n1", [100, 100, i < 0 ? 70 : Math.min(70, dip + 10 * i)]),
    );

  it("lays courses over each other at the change, and averages them by handshakes", async () => {
    const rotations = [0, 1, 2].map((day) => change(T - day * DAY, { id: `c${day + 1}`, endpoint: "shop" }));
    const others = [
      change(T - HOUR, { id: "reload", kind: "reload", endpoint: "shop" }),
      change(T - 2 * HOUR, { id: "elsewhere", endpoint: "api" }),
    ];
    await fleet.tell(
      [0, 1, 2].flatMap((day) => around(T - day * DAY, 10 + 10 * day)),
      {
        changes: [...rotations, ...others],
      },
    );
    await fleet.writer.compact(NOW);
    const reply = await aligned({ around: "600000" });
    expect([reply.stepMs, reply.aroundMs]).toEqual([MINUTE, 10 * MINUTE]);
    expect(reply.courses.map((course) => course.change.id)).toEqual(["c1", "c2", "c3"]);
    expect(reply.courses.map(({ points }) => points.find(({ t }) => t === 0)?.value)).toEqual([
      0.1, 0.2, 0.3,
    ]);
    expect(reply.courses[0]?.points.map(({ t }) => t)).toEqual(
      Array.from({ length: 20 }, (_, i) => (i - 10) * MINUTE),
    );
    expect(reply.mean.find(({ t }) => t === 0)).toMatchObject({ value: 0.2, count: 300 });
    expect(reply.mean.find(({ t }) => t === -MINUTE)).toMatchObject({ value: 0.7, count: 300 });
    expect(reply.sentence).toBe(
      "Resume rate around the last 3 of kind key rotation: 70.0 % (2,100 of 3,000) before, lowest right after it with 20.0 % (60 of 300), and 70.0 % (210 of 300) at 10 min.",
    );
    expect((await aligned({ n: "2" })).courses.length).toBe(2);
  });

  it("shows hours where only hours are kept, and says when it is the only one", async () => {
    const atMs = T - 30 * DAY;
    const told = Array.from({ length: 24 }, (_, i) =>
      minute(atMs + (i - 12) * HOUR, "n1", [100, 100, 70]),
    ).flat();
    await fleet.tell(told, { changes: [change(atMs)] });
    await fleet.writer.compact(NOW);
    const reply = await aligned();
    expect([reply.stepMs, reply.aroundMs, reply.mean.length]).toEqual([HOUR, 6 * HOUR, 12]);
    expect(reply.sentence).toContain("this key rotation, the only one of its kind here");
  });

  it("knows no change that was never told", async () => {
    const params = alignedParams.parse({});
    expect(await readAligned(fleet.reader, 1, { id: "nobody", params, nowMs: NOW })).toBeNull();
  });
});
