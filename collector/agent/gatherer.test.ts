import { expect, it } from "vitest";
import { UNKNOWN_HANDSHAKE } from "../../lib/domain/handshake.ts";
import { nativeSource } from "../sources/native/source.ts";
import type { Decoded } from "../sources/source.ts";
import { RollupGatherer } from "./gatherer.ts";
import type { Make } from "./inputs.ts";

const NOW = Date.UTC(2026, 10, 24, 12);

it("sends uses of keys folded: the first moment and the last, and all that were counted between them", () => {
  const told: Decoded[] = [0, 1_000, 2_000].map((ms) => ({
    kind: "handshake",
    handshake: {
      ...{ ...UNKNOWN_HANDSHAKE, atMs: NOW + ms, outcome: "resumed", offer: "psk", mechanism: "psk" },
      ...{ keyName: "aa", endpoint: "shop", node: "n1" },
    },
  }));
  const use = { endpoint: "shop", node: "n1", keyName: "bb", use: "issued", lifetimeHintS: 60 } as const;
  told.push({ kind: "key", key: { ...use, atMs: NOW, count: 1 } });
  const decoder = { decode: () => told.shift() ?? { kind: "ignored" as const, why: "irrelevant" as const } };
  const settings = { maxPastMs: 86_400_000, maxFutureMs: 60_000 };
  const make = { deps: { settings }, config: { node: "n1" } } as unknown as Make;
  const gatherer = new RollupGatherer(make, { source: nativeSource, decoder });
  for (let line = 0; line < 4; line += 1) gatherer.line("a line", NOW + 5_000);
  const [part] = gatherer.take();
  const keys = (part?.body ?? "").split("\n").flatMap((line) => JSON.parse(line).key ?? []);
  const accepted = { endpoint: "shop", node: "n1", keyName: "aa", action: "accepted", lifetimeHintS: null };
  expect(keys).toEqual([
    { ...accepted, ts: NOW, count: 1 },
    { ...accepted, ts: NOW + 2_000, count: 2 },
    { endpoint: "shop", node: "n1", keyName: "bb", action: "issued", lifetimeHintS: 60, ts: NOW, count: 1 },
  ]);
  expect(gatherer.take()).toEqual([]);
});
