import { describe, expect, it } from "vitest";
import { type Handshake, UNKNOWN_HANDSHAKE } from "../../lib/domain/handshake.ts";
import type { CommittedKey } from "../../lib/store/port-keys.ts";
import { KeyFold, keyUseOf } from "./key-fold.ts";
import { KeyLimit, MOST_NAMES, MOST_PAIRS, MOST_REFUSED_NAMES } from "./key-limit.ts";

const NOW = Date.UTC(2026, 10, 24, 12);
const MINUTE = 60_000;
const handshake = (part: Partial<Handshake>): Handshake => ({
  ...UNKNOWN_HANDSHAKE,
  ...{ atMs: NOW, outcome: "resumed", offer: "psk", mechanism: "psk" },
  ...{ endpoint: "shop", node: "n1", keyName: "aa" },
  ...part,
});
const FULL = { outcome: "full", mechanism: null } as const;

describe("what a handshake says of a key", () => {
  it("was opened when it resumed, and refused when the client offered and the handshake was full", () => {
    expect(keyUseOf(handshake({}))).toBe("accepted");
    expect(keyUseOf(handshake({ mechanism: null, offer: null }))).toBe("accepted");
    expect(keyUseOf(handshake(FULL))).toBe("refused");
    expect(keyUseOf(handshake({ ...FULL, reason: "unknown_key" }))).toBe("refused");
  });

  it("is held where the reason shows that the ticket was opened", () => {
    expect(keyUseOf(handshake({ ...FULL, reason: "expired" }))).toBe("loaded");
    expect(keyUseOf(handshake({ ...FULL, reason: "sni_mismatch" }))).toBe("loaded");
  });

  it("stays untold where nothing was offered, a session id resumed, or the handshake failed", () => {
    expect(keyUseOf(handshake({ ...FULL, offer: "none" }))).toBeNull();
    expect(keyUseOf(handshake({ ...FULL, offer: null }))).toBeNull();
    expect(keyUseOf(handshake({ mechanism: "session_id", offer: "ticket" }))).toBeNull();
    expect(keyUseOf(handshake({ ...FULL, offer: "session_id" }))).toBeNull();
    expect(keyUseOf(handshake({ outcome: "failed", mechanism: null }))).toBeNull();
    expect(keyUseOf(handshake({ ...FULL, reason: "corrupt" }))).toBeNull();
  });
});

describe("folding", () => {
  it("sums per ten minutes, place, name, use and source, with the exact first and last moment", () => {
    const fold = new KeyFold();
    for (const [atMs, count] of [
      [NOW + MINUTE, 2],
      [NOW, 1],
      [NOW + 9 * MINUTE, 4],
      [NOW + 10 * MINUTE, 1],
    ] as const)
      fold.addHandshake(handshake({ atMs, count }), "native");
    fold.addHandshake(handshake({ node: null }), "nghttpx");
    fold.addHandshake(handshake({ keyName: null }), "native");
    expect(fold.take().map((s) => [s.source, s.node, s.bucketStartMs, s.firstMs, s.lastMs, s.count])).toEqual(
      [
        ["native", "n1", NOW, NOW, NOW + 9 * MINUTE, 7],
        ["nghttpx", null, NOW, NOW, NOW, 1],
        ["native", "n1", NOW + 10 * MINUTE, NOW + 10 * MINUTE, NOW + 10 * MINUTE, 1],
      ],
    );
    expect(fold.take()).toEqual([]);
  });

  it("keeps the newest lifetime, whatever order they come in", () => {
    const fold = new KeyFold();
    const told = { endpoint: null, node: "n1", keyName: "aa", use: "issued", count: 1 } as const;
    fold.add({ ...told, atMs: NOW, lifetimeHintS: 100 }, "native");
    fold.add({ ...told, atMs: NOW + MINUTE, lifetimeHintS: null }, "native");
    fold.add({ ...told, atMs: NOW - 0.5 * MINUTE + MINUTE, lifetimeHintS: 200 }, "native");
    fold.add({ ...told, atMs: NOW + 1, lifetimeHintS: 300 }, "native");
    expect(fold.take().map(({ lifetimeHintS }) => lifetimeHintS)).toEqual([200]);
  });
});

describe("the limit of names", () => {
  const sight = (keyName: string, part: Partial<CommittedKey> = {}): CommittedKey => ({
    ...{ bucketStartMs: NOW, endpoint: "shop", node: "n1", keyName, use: "accepted", source: "native" },
    ...{ firstMs: NOW, lastMs: NOW, count: 1, lifetimeHintS: null },
    ...part,
  });
  const many = (n: number, part: Partial<CommittedKey> = {}, prefix = "k") =>
    Array.from({ length: n }, (_, i) => sight(`${prefix}${i}`, part));

  it("counts what a node shows beyond it under (other), for the hour", () => {
    const limit = new KeyLimit();
    const { keys, beyond } = limit.admit(many(1_000), NOW);
    expect(keys).toHaveLength(MOST_NAMES + 1);
    expect(keys.at(-1)).toEqual(sight("(other)", { count: 1_000 - MOST_NAMES }));
    expect(beyond).toBe(1_000 - MOST_NAMES);
    expect(limit.admit([sight("k3"), sight("new")], NOW + MINUTE).keys.map((k) => k.keyName)).toEqual([
      "k3",
      "(other)",
    ]);
    expect(limit.admit([sight("new", { node: "n2" })], NOW).beyond).toBe(0);
    const nextHour = { bucketStartMs: NOW + 60 * MINUTE };
    expect(limit.admit([sight("new", nextHour)], NOW + 60 * MINUTE).beyond).toBe(0);
  });

  it("lets no names that clients make up crowd out real ones", () => {
    const limit = new KeyLimit();
    const made = limit.admit(many(5_000, { use: "refused" }), NOW);
    expect(made.keys).toHaveLength(MOST_REFUSED_NAMES + 1);
    const real = limit.admit([sight("real"), sight("real", { node: "n2", use: "refused" })], NOW);
    expect(real.keys.map(({ keyName }) => keyName)).toEqual(["real", "real"]);
    expect(real.beyond).toBe(0);
  });

  it("keeps a long history's names apart: each hour has its own", () => {
    const limit = new KeyLimit();
    const year = Array.from({ length: 365 }, (_, i) =>
      sight(`day${i}`, { bucketStartMs: NOW - i * 24 * 60 * MINUTE }),
    );
    expect(limit.admit(year, NOW).beyond).toBe(0);
  });

  it("holds a bounded number whatever places are made up", () => {
    const limit = new KeyLimit();
    const places = Array.from({ length: MOST_PAIRS + 5_000 }, (_, i) => sight("k", { node: `n${i}` }));
    const { keys, beyond } = limit.admit(places, NOW);
    expect(keys).toHaveLength(MOST_PAIRS + 1);
    expect(beyond).toBe(5_000);
    expect(keys.at(-1)).toMatchObject({ endpoint: "(other)", node: "(other)", keyName: "(other)" });
  });
});
