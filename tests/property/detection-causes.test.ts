import { describe, expect, it } from "vitest";
import { Detector } from "../../lib/detect/detector.ts";
import type { DetectorEvent, TelemetryRow } from "../../lib/detect/types.ts";
import { BEGIN_MS, BUCKET_MS, HOUR_MS, type Model, SHOP, traffic } from "../support/traffic.ts";

const FULL_US = 30_000;
const RESUMED_US = 12_000;

/** Handshakes that take as long as their outcome says, with something done to each row. */
function run(
  model: Model,
  hours: number,
  change: (row: TelemetryRow, hour: number) => TelemetryRow,
): DetectorEvent[] {
  const detector = new Detector({ bucketMs: BUCKET_MS });
  const events: DetectorEvent[] = [];
  for (const { nowMs, rows } of traffic(model, hours, 21)) {
    for (const row of rows) {
      const eachUs = row.result.outcome === "resumed" ? RESUMED_US : FULL_US;
      const timed = { ...row, handshakeUsSum: row.count * eachUs };
      detector.feed(change(timed, (row.atMs - BEGIN_MS) / HOUR_MS));
    }
    events.push(...detector.tick(nowMs));
  }
  return events;
}

const opened = (events: readonly DetectorEvent[]) =>
  events.flatMap((event) => (event.type === "opened" ? [event] : []));
const during = (hour: number): boolean => hour >= 98 && hour < 100;
const longer = (row: TelemetryRow, factor: number): TelemetryRow => ({
  ...row,
  handshakeUsSum: (row.handshakeUsSum ?? 0) * factor,
});

describe("one cause, one incident", () => {
  const lost: Model = { ...SHOP, effect: ({ hours }) => (during(hours) ? { accept: 0.6 } : {}) };

  it("keys that are lost and handshakes that become slower with them", () => {
    const events = run(lost, 106, (row, hour) => (during(hour) ? longer(row, 1.5) : row));
    const pages = opened(events).filter((event) => event.class === "page");
    expect(pages.map(({ family }) => family)).toHaveLength(1);
    const [page] = pages;
    const last = events.findLast((event) => event.type === "refined" && event.id === page?.id);
    // What is explained is the loss of keys: that handshakes take longer follows.
    expect(last?.type === "refined" && last.departure.signal).not.toBe("full_time");
    expect(events.filter(({ type, id }) => type === "resolved" && id === page?.id)).toHaveLength(1);
  });

  it("slower handshakes hours later are another incident", () => {
    const events = run(lost, 112, (row, hour) => (hour >= 106 && hour < 109 ? longer(row, 1.5) : row));
    const pages = opened(events).filter((event) => event.class === "page");
    expect(pages.map(({ family }) => family)).toEqual(["resumption", "latency"]);
  });
});

describe("an exporter whose results change their meaning", () => {
  it("is told as missing telemetry, not as a fault", () => {
    const events = run(SHOP, 106, (row, hour) => {
      if (!during(hour) || row.result.outcome !== "resumed" || row.segment.node !== "n-2") return row;
      return { ...row, result: { ...row.result, outcome: "full", offer: "none", mechanism: null } };
    });
    const told = opened(events);
    expect(told.filter((event) => event.class === "page")).toEqual([]);
    expect(told.map(({ explanation }) => explanation.diagnoses[0]?.mode)).toEqual(["exporter_changed"]);
    expect(told[0]?.explanation.scope.nodes).toEqual(["n-2"]);
    expect(events.filter(({ type, id }) => type === "resolved" && id === told[0]?.id)).toHaveLength(1);
  });
});
