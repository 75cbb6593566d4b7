import { parseWireCache, parseWireChange, parseWireHandshake } from "../../collector/sources/native/parse.ts";
import { decodeWireKey } from "../../collector/sources/native/parse-key.ts";
import type { Decoded } from "../../collector/sources/source.ts";
import { parseJson } from "../../lib/runtime/json.ts";
import { fuzz } from "./fuzz.ts";
import { checkTaken } from "./promises.ts";
import { writtenLines } from "./seeds.ts";

const CHANGES = [
  {
    ts: 1764000000123,
    kind: "key_rotation",
    title: "rotated",
    node: "edge-1",
    id: "c-1",
    detail: "a\nb",
    ref: "https://x/1",
  },
  {
    ts: "2025-11-24T16:00:00Z",
    endTs: "2025-11-24T16:05:00+01:00",
    kind: "deploy",
    title: "v17",
    actor: "ci",
  },
];
const CACHES = [
  {
    ts: 1764000000123,
    endpoint: "shop.example",
    node: "edge-1",
    cache: "shared",
    hits: 12,
    misses: 3,
    entries: 40,
  },
  { ts: "2025-11-24T16:00:00Z", inserts: 1, evictions: 0, capacity: 20000, timeoutS: 300, hits: null },
];

const KEYS = [
  {
    ts: 1764000000123,
    keyName: "15305de2a0b1c2d3e4f5061728394a5b",
    node: "edge-1",
    action: "issued",
    count: 3,
  },
  {
    ts: "2025-11-24T16:00:00Z",
    keyName: "k-17",
    endpoint: "shop.example",
    action: "loaded",
    lifetimeHintS: 420,
  },
  { ts: 1764000000123, keyName: "a".repeat(96), action: "accepted" },
];

const PARSERS: readonly (readonly [string, readonly string[], (value: unknown) => Decoded])[] = [
  [
    "handshakes",
    writtenLines("native"),
    (value) => {
      const parsed = parseWireHandshake(value);
      return parsed.ok
        ? { kind: "handshake", handshake: parsed.value }
        : { kind: "refused", reason: parsed.reason };
    },
  ],
  [
    "changes",
    CHANGES.map((change) => JSON.stringify(change)),
    (value) => {
      const parsed = parseWireChange(value);
      return parsed.ok
        ? { kind: "change", change: parsed.value }
        : { kind: "refused", reason: parsed.reason };
    },
  ],
  [
    "caches",
    CACHES.map((cache) => JSON.stringify(cache)),
    (value) => {
      const parsed = parseWireCache(value);
      return parsed.ok ? { kind: "cache", cache: parsed.value } : { kind: "refused", reason: parsed.reason };
    },
  ],
  [
    "keys",
    KEYS.map((key) => JSON.stringify(key)),
    (value) => {
      const decoded = decodeWireKey(value);
      // What was said of a key is no line of a source: it is bounded like a change.
      return decoded.kind === "keyEvent" ? { kind: "ignored", why: "irrelevant" } : decoded;
    },
  ],
];

for (const [name, seeds, parse] of PARSERS)
  fuzz({
    name: `native-${name}`,
    kind: "text",
    seeds: seeds.map((line) => Buffer.from(line)),
    start: () => (input) => {
      const line = input.toString("utf8");
      const value = jsonOf(line);
      if (value !== undefined) checkTaken(parse(value), line, "native");
    },
  });

function jsonOf(line: string): unknown {
  try {
    return parseJson(line);
  } catch {
    return undefined;
  }
}
