/** A day of benign traffic that looks like theft of tickets, without and with a theft in it. */
import { describe, expect, it } from "vitest";
import { makeWatcher, merged, watch } from "../support/misuse.ts";
import { BEGIN_MS, CGNAT, type FleetShape, theft, ticketTraffic } from "../support/ticket-fleet.ts";

const HOUR_MS = 3_600_000;
const SHAPES: readonly (readonly [name: string, shape: FleetShape])[] = [
  ["thousands of clients behind 40 networks", CGNAT],
  ["many that roam between networks", { ...CGNAT, roaming: 0.6, movesAnHour: 3, visitsAnHour: 3 }],
  ["some that leave through pools of 24 networks", { ...CGNAT, pooled: 0.1, visitsAnHour: 3 }],
  ["nearly all TLS 1.2 with parallel connections", { ...CGNAT, tls12: 0.95 }],
];

describe.each(SHAPES)("a day of %s", (name, shape) => {
  it("gives no finding", () => {
    const watcher = makeWatcher();
    let handshakes = 0;
    const counted = (function* () {
      for (const handshake of ticketTraffic(shape, 24, 5)) {
        handshakes += 1;
        yield handshake;
      }
    })();
    const found = watch(watcher, counted);
    const threshold = watcher.spread.background.threshold(6);
    console.log(
      `${name}: ${handshakes} handshakes, threshold ${threshold} networks, ${found.length} findings`,
    );
    expect(found.map(({ title, evidence }) => ({ title, evidence }))).toEqual([]);
  });
});

describe("one ticket from 20 networks", () => {
  it.each([1, 7, 20])("is found in the middle of a day, with a network more every %i seconds", (seconds) => {
    const fromMs = BEGIN_MS + 12 * HOUR_MS;
    const stolen = theft({ fromMs, everyMs: seconds * 1_000, networks: 20 });
    const found = watch(makeWatcher(), merged(ticketTraffic(CGNAT, 14, 9), stolen));
    expect(found.map(({ kind, severity, endpoint }) => ({ kind, severity, endpoint }))).toEqual([
      { kind: "ticket_spread", severity: "high", endpoint: "shop.example" },
    ]);
    const after = ((found[0]?.toldMs ?? 0) - fromMs) / 1_000;
    console.log(`a network every ${seconds} s: told after ${after.toFixed(0)} s; ${found[0]?.title}`);
    expect(after).toBeLessThan(Math.max(60, seconds * 20));
  });

  it("is found by a collector that has just started, once it knows what is usual", () => {
    const fromMs = BEGIN_MS + 60_000;
    const stolen = theft({ fromMs, everyMs: 1_000, networks: 20 });
    const found = watch(makeWatcher(), merged(ticketTraffic(CGNAT, 1, 3), stolen));
    expect(found.map(({ kind }) => kind)).toEqual(["ticket_spread"]);
    expect((found[0]?.toldMs ?? 0) - fromMs).toBeLessThanOrEqual(300_000);
  });

  it("is found with another client family sooner", () => {
    const stolen = theft({ fromMs: BEGIN_MS + 12 * HOUR_MS, everyMs: 5_000, networks: 8 }).map((one, i) => ({
      ...one,
      family: ["chrome", "python", "curl"][i % 3] ?? "curl",
    }));
    const found = watch(makeWatcher(), merged(ticketTraffic(CGNAT, 13, 9), stolen));
    expect(found.map(({ kind }) => kind)).toEqual(["ticket_spread"]);
    expect(found[0]?.title).toContain("3 client families");
  });

  it("is one finding over midnight, and holds nothing raw", () => {
    const midnightMs = Date.UTC(2026, 10, 25);
    const stolen = theft({ fromMs: midnightMs - 60_000, everyMs: 6_000, networks: 20 });
    const found = watch(makeWatcher(), merged(ticketTraffic(CGNAT, 17, 9), stolen));
    expect(found).toHaveLength(1);
    expect(JSON.stringify(found)).not.toMatch(/stolen|198\.51|10\.\d/);
  });
});
