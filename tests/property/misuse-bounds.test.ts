/** What the watcher for misuse takes in room and survives, whatever comes. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Handshake, UNKNOWN_HANDSHAKE } from "../../lib/domain/handshake.ts";
import {
  EARLY_DATA,
  MECHANISMS,
  OFFERS,
  OUTCOMES,
  PROTOCOLS,
  REJECTION_REASONS,
} from "../../lib/domain/vocabulary.ts";
import { makeWatcher } from "../support/misuse.ts";
import { BEGIN_MS } from "../support/ticket-fleet.ts";

const MB = 1_048_576;
const TICKETS = 2_000_000;

/** What lives, after garbage has been collected, MB. */
function living(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / MB;
}

it("millions of distinct tickets take no more room than the table has, and a theft among them is found", () => {
  const watcher = makeWatcher({ tickets: 1_048_576 });
  const see = (atMs: number, part: Partial<Handshake>): void =>
    watcher.see(
      {
        ...UNKNOWN_HANDSHAKE,
        ...{ atMs, endpoint: "shop.example", node: "edge-1", family: "chrome", protocol: "TLSv1.2" },
        ...{ outcome: "resumed", offer: "ticket", mechanism: "ticket" },
        ...part,
      },
      atMs,
    );
  // Many of them from two places, so that as many are looked at in detail as may be.
  const flood = (from: number, to: number): void => {
    for (let i = from; i < to; i += 1) {
      const atMs = BEGIN_MS + Math.floor(i / 4);
      see(atMs, { ticketId: `flood-${i}`, client: `10.${i & 127}.${(i >> 7) & 255}.1` });
      if (i % 8 === 0) see(atMs, { ticketId: `flood-${i}`, client: `11.${i & 127}.0.1` });
      if (i % 1_000 === 0)
        see(atMs, {
          endpoint: `made-up-${i}.example`,
          ticketId: null,
          outcome: "failed",
          alert: `text ${i}`,
        });
      if (i % 20_000 === 0) watcher.tick(atMs);
    }
  };
  flood(0, TICKETS / 4);
  const before = living();
  flood(TICKETS / 4, TICKETS);
  const grown = living() - before;
  const bytes = watcher.table?.bytes ?? 0;
  expect(bytes).toBeLessThan(48 * MB);
  const found: string[] = [];
  for (let i = 0; i < 20; i += 1) {
    const atMs = BEGIN_MS + TICKETS / 4 + i * 1_000;
    see(atMs, { ticketId: "stolen", client: `198.51.${i}.1` });
    found.push(...watcher.tick(atMs).map(({ kind }) => kind));
  }
  console.log(
    `${TICKETS} tickets: table ${(bytes / MB).toFixed(0)} MB, in all ${(before + grown).toFixed(0)} MB live, ${grown.toFixed(0)} MB more than after a quarter, ${watcher.table?.forgotten} forgotten`,
  );
  expect(found).toContain("ticket_spread");
  expect(grown).toBeLessThan(20);
}, 600_000);

const name = fc.option(
  fc.oneof(
    fc.constantFrom(
      "",
      "shop.example",
      "x".repeat(253),
      "\u0000",
      "\ud83d",
      "日本.example",
      "__proto__",
      "a\u0000b",
    ),
    fc.string({ maxLength: 40, unit: "binary" }),
  ),
  { nil: null },
);
const client = fc.option(
  fc.oneof(
    fc.constantFrom(
      "",
      "1.2.3.4",
      "1.2.3",
      "....",
      ":::::",
      "::ffff:1.2.3.4",
      "[2001:db8::1]:443",
      "fe80::1%eth0",
      "::",
    ),
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ maxLength: 60, unit: "binary" }),
  ),
  { nil: null },
);
const one = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: null });
const number = fc.option(fc.oneof(fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER), fc.nat()), { nil: null });
const handshake: fc.Arbitrary<Handshake> = fc.record({
  ...{ endpoint: name, node: name, region: name, family: name, cipher: name, group: name },
  ...{ keyName: name, alert: name, earlyDataReason: name, client },
  ticketId: fc.option(fc.oneof(fc.string({ maxLength: 20 }), fc.constant("t".repeat(4_096))), { nil: null }),
  ...{ protocol: one(PROTOCOLS), offer: one(OFFERS), outcome: one(OUTCOMES), mechanism: one(MECHANISMS) },
  ...{ reason: one(REJECTION_REASONS), earlyData: one(EARLY_DATA) },
  ...{ handshakeUs: number, ttfbUs: number, ticketAgeS: number },
  atMs: fc.integer({ min: 0, max: 2 * BEGIN_MS }),
  count: fc.constantFrom(1, 7, 1_000_000_000),
});

describe("hostile values", () => {
  it("never throw, and findings hold no raw identifier and are no longer than names are", () => {
    fc.assert(
      fc.property(fc.array(handshake, { maxLength: 60 }), fc.nat(), (list, seed) => {
        const watcher = makeWatcher({ tickets: 64 });
        let nowMs = BEGIN_MS + (seed % 1_000);
        for (const repeated of [1, 2, 3]) {
          for (const each of list) watcher.see({ ...each, atMs: Math.max(each.atMs, nowMs) }, nowMs);
          nowMs += repeated * 61_000;
          for (const finding of watcher.tick(nowMs)) {
            expect(finding.title.length).toBeLessThan(700);
            for (const { label, value } of finding.evidence)
              expect(label.length + value.length).toBeLessThan(400);
            expect(Number.isSafeInteger(finding.count) && finding.count > 0).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
