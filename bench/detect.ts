import { Detector } from "../lib/detect/detector.ts";
import type { TelemetryRow } from "../lib/detect/types.ts";
import type { Result } from "../lib/domain/handshake.ts";

export type DetectRow = { readonly groups: number; readonly feedMs: number; readonly tickMs: number };

const MINUTE_MS = 60_000;
/** Hours that the detector knows before it is measured. */
const KNOWN_HOURS = 30;
const MEASURED = 60;

const RESULTS: readonly Result[] = [
  { outcome: "full", offer: "none", mechanism: null, reason: null, earlyData: null, earlyDataReason: null },
  {
    outcome: "resumed",
    offer: "psk",
    mechanism: "psk",
    reason: null,
    earlyData: null,
    earlyDataReason: null,
  },
  {
    outcome: "full",
    offer: "psk",
    mechanism: null,
    reason: "unknown_key",
    earlyData: null,
    earlyDataReason: null,
  },
  { outcome: "failed", offer: null, mechanism: null, reason: null, earlyData: null, earlyDataReason: null },
];
const COUNTS = [50, 45, 3, 2];

/** A minute of so many segments: ten endpoints' worth of nodes and client families. */
function minuteOf(segments: number, atMs: number): TelemetryRow[] {
  const rows: TelemetryRow[] = [];
  for (let i = 0; i < segments; i += 1)
    for (const [at, result] of RESULTS.entries())
      rows.push({
        atMs,
        segment: {
          endpoint: `e-${Math.floor(i / 25)}`,
          node: `n-${i % 5}`,
          region: `r-${i % 2}`,
          family: `f-${Math.floor(i / 5) % 5}`,
          protocol: "TLSv1.3",
        },
        result,
        count: (COUNTS[at] ?? 1) + ((i + atMs / MINUTE_MS) % 5),
        handshakeUsSum: null,
        timedCount: 0,
      });
  return rows;
}

/** CPU of a minute's rows and of the tick after them, for growing fleets that the detector has known for more than a day. */
export function benchDetect(): DetectRow[] {
  return [125, 250, 500, 1000].map((groups) => {
    const detector = new Detector({ bucketMs: MINUTE_MS });
    let atMs = Date.UTC(2026, 0, 5);
    // Known by hours at first: the same state for a fraction of the time.
    for (let minute = 0; minute < KNOWN_HOURS * 60; minute += minute < (KNOWN_HOURS - 4) * 60 ? 30 : 1) {
      for (const row of minuteOf(groups, atMs + minute * MINUTE_MS)) detector.feed(row);
      detector.tick(atMs + (minute + 1) * MINUTE_MS);
    }
    atMs += KNOWN_HOURS * 60 * MINUTE_MS;
    let feedUs = 0;
    let tickUs = 0;
    for (let minute = 0; minute < MEASURED; minute += 1) {
      const rows = minuteOf(groups, atMs + minute * MINUTE_MS);
      const before = process.cpuUsage();
      for (const row of rows) detector.feed(row);
      const fed = process.cpuUsage(before);
      const between = process.cpuUsage();
      detector.tick(atMs + (minute + 1) * MINUTE_MS);
      const ticked = process.cpuUsage(between);
      feedUs += fed.user + fed.system;
      tickUs += ticked.user + ticked.system;
    }
    return {
      groups,
      feedMs: feedUs / 1000 / MEASURED,
      tickMs: tickUs / 1000 / MEASURED,
    };
  });
}
