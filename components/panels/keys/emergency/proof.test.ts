import { expect, it } from "vitest";
import type { KeysReply } from "@/lib/contract/read-keys.ts";
import { candidates, eventMs, flushedMs, flushRef, nodesNow, revocationOf } from "./proof.ts";

const OLD = "a".repeat(16);
const NEW = "b".repeat(16);
const at = (node: string, state: string | null) => ({ endpoint: "shop", node, state });

const keys = {
  groups: [{ group: 3, places: ["n1", "n2", "n3"].map((node) => ({ endpoint: "shop", node })) }],
  keys: [
    {
      keyName: NEW,
      group: 3,
      state: "current",
      firstMs: 9,
      places: [at("n1", "current"), at("n2", "staged")],
    },
    {
      keyName: OLD,
      group: 3,
      state: "current",
      firstMs: 1,
      places: [at("n1", "previous"), at("n2", "current")],
    },
    { keyName: "c".repeat(16), group: null, state: null, firstMs: null, places: [] },
  ],
  revocations: [
    { keyName: OLD, revokedMs: 100 },
    { keyName: OLD, revokedMs: 200 },
  ],
  events: [{ keyName: OLD, action: "destroyed", atMs: 300 }],
} as unknown as KeysReply;

it("tells of each node whether it works under another key, the old one, or nobody knows", () => {
  expect(nodesNow(keys, OLD, null).map(({ node, verdict }) => [node, verdict])).toEqual([
    ["n1", "new"],
    ["n2", "old"],
    ["n3", "unknown"],
  ]);
  expect(nodesNow(keys, OLD, "other")).toEqual([]);
  expect(nodesNow(keys, "d".repeat(16), null)).toEqual([]);
});

it("finds what was recorded of a key, and only of it", () => {
  expect(revocationOf(keys, OLD)?.revokedMs).toBe(200);
  expect(revocationOf(keys, NEW)).toBeNull();
  expect([eventMs(keys, OLD, "destroyed"), eventMs(keys, OLD, "revoked")]).toEqual([300, null]);
  const flush = { ref: flushRef(OLD), atMs: 7 } as Parameters<typeof flushedMs>[0][number];
  expect([flushedMs([flush], OLD), flushedMs([flush], NEW)]).toEqual([7, null]);
});

it("offers keys that encrypt first, the youngest of them before the others", () => {
  expect(candidates(keys).map(({ keyName }) => keyName[0])).toEqual(["b", "a", "c"]);
});
