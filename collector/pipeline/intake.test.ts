import { describe, expect, it } from "vitest";
import { type CacheSample, type Handshake, UNKNOWN_HANDSHAKE } from "../../lib/domain/handshake.ts";
import type { Decoded } from "../sources/source.ts";
import { emptyIntake, take } from "./intake.ts";
import { isName } from "./names.ts";

const NOW = Date.UTC(2026, 10, 24);
const WINDOW = { nowMs: NOW, maxPastMs: 86_400_000, maxFutureMs: 300_000 };
const ORIGIN = { source: "nginx", system: "nginx", vantage: "log" } as const;
const PLAIN: Handshake = { ...UNKNOWN_HANDSHAKE, atMs: NOW, outcome: "full", endpoint: "shop.example" };

/** The reason for which something is refused; null when it is taken. */
function reasonFor(decoded: Decoded): string | null {
  const intake = emptyIntake({ source: "nginx", transport: "http", sender: "" }, ORIGIN);
  take(intake, decoded, { index: 3, line: "the line", window: WINDOW });
  const taken = intake.handshakes.length + intake.changes.length + intake.caches.length;
  expect(taken + intake.rejected).toBe(1);
  return intake.errors[0]?.reason ?? null;
}
const handshake = (more: Partial<Handshake>): string | null =>
  reasonFor({ kind: "handshake", handshake: { ...PLAIN, ...more } });

describe("what is kept, whichever source told of it", () => {
  it.each([
    "endpoint",
    "node",
    "region",
    "family",
    "cipher",
    "group",
    "alert",
    "earlyDataReason",
    "client",
    "keyName",
  ])("bounds %s", (field) => {
    expect(handshake({ [field]: "x".repeat(253) })).toBeNull();
    expect(handshake({ [field]: "x".repeat(254) })).toBe(`${field} is longer than 253 characters`);
    expect(handshake({ [field]: "shop\u001b[2Jexample" })).toBe(`${field} holds characters that do not show`);
  });

  it("knows what shows from what does not", () => {
    for (const name of ["", "shop.example", "bücher.example", "日本", "🛒.example", "*.example", "a b"])
      expect([name, isName(name)]).toEqual([name, true]);
    for (const name of [
      "a\nb",
      "a\0",
      "\u007f",
      "\u0085",
      "a\u2028b",
      "\u202ecod",
      "\ud83d",
      "\udedd.example",
    ])
      expect([name, isName(name)]).toEqual([name, false]);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])(
    "refuses %s as a duration, an age or a count",
    (n) => {
      for (const field of ["handshakeUs", "ttfbUs", "ticketAgeS"])
        expect(handshake({ [field]: n })).toBe(`${field} is no whole number from 0 up`);
      expect(handshake({ count: n })).toContain("count is no whole number");
    },
  );

  it("bounds changes and cache readings too", () => {
    const place = { endpoint: null, node: null, region: null };
    const rest = { kind: "reload", atMs: NOW, endMs: null, ref: null, actor: null } as const;
    const change = { ...rest, ...place, title: "reloaded", detail: "line one\nline two" };
    expect(reasonFor({ kind: "change", change })).toBeNull();
    expect(reasonFor({ kind: "change", change: { ...change, node: "a\0b" } })).toContain("node holds");
    expect(reasonFor({ kind: "change", change: { ...change, detail: "x".repeat(10_001) } })).toContain(
      "detail is",
    );
    const counts = {
      hits: 1,
      misses: 0,
      inserts: null,
      evictions: null,
      entries: 3,
      capacity: 10,
      timeoutS: null,
    };
    const cache: CacheSample = { atMs: NOW, endpoint: null, node: "edge-1", cache: "shared", ...counts };
    expect(reasonFor({ kind: "cache", cache })).toBeNull();
    expect(reasonFor({ kind: "cache", cache: { ...cache, hits: -1 } })).toContain("hits is no whole number");
    expect(reasonFor({ kind: "cache", cache: { ...cache, cache: "x".repeat(300) } })).toContain(
      "cache is longer",
    );
  });
});
