import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { POST as preview } from "../../app/api/alerts/preview/route.ts";
import { DEFAULT_RULES } from "../../lib/alerting/defaults.ts";
import { previewReply } from "../../lib/contract/read-alerts.ts";
import { type StoredFleet, storedFleet, type Told } from "../support/stored.ts";

const MINUTE = 60_000;
const NOW = Date.now();

let fleet: StoredFleet;
beforeAll(async () => {
  fleet = await storedFleet(Date.now);
  vi.stubEnv("REPRISE_DATA_DIR", fleet.dataDir);
  await fleet.tell(HANDSHAKES);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await fleet.destroy();
});

/** Six hours of offers: refused between five and four hours ago, and between two and one; taken otherwise; none for half an hour. */
const HANDSHAKES: readonly Told[] = Array.from({ length: 360 }, (_, i) => i + 1)
  .filter((minute) => minute < 170 || minute > 200)
  .flatMap((minute): Told[] => {
    const bad = (minute >= 240 && minute < 300) || (minute >= 60 && minute < 120);
    const atMs = NOW - minute * MINUTE;
    return [
      { atMs, outcome: "resumed", offer: "psk", mechanism: "psk", count: bad ? 20 : 95 },
      { atMs, outcome: "full", offer: "psk", reason: "unknown_key", count: bad ? 80 : 5 },
    ];
  });
const LOW = {
  ...{ id: "low", title: "Accept rate is low", severity: "page", by: ["endpoint"], for: "5m" },
  condition: { kind: "threshold", metric: "accept_rate", direction: "below", value: 0.8, window: "5m" },
};

const asked = (body: unknown) =>
  new Request("http://console.test/api/alerts/preview", {
    ...{ method: "POST", body: JSON.stringify(body), headers: { "sec-fetch-site": "same-origin" } },
  });

describe("preview", () => {
  const run = async (rule: object, days = 0.25) =>
    previewReply.parse(await (await preview(asked({ rule, days }))).json());

  it("says how often a rule would have fired, and when", async () => {
    const reply = await run(LOW);
    expect(reply).toMatchObject({ fired: 2, alerts: 1, stepMs: MINUTE, unit: "ratio", limit: 0.8 });
    const [second, first] = reply.firings;
    for (const [firing, from] of [
      [first, 300],
      [second, 120],
    ] as const) {
      // Five minutes of window and five of waiting; the end as soon as the window is good again.
      const began = ((firing?.fromMs ?? 0) - (NOW - from * MINUTE)) / MINUTE;
      const ended = ((firing?.toMs ?? 0) - (NOW - (from - 60) * MINUTE)) / MINUTE;
      expect(began).toBeGreaterThan(4);
      expect(began).toBeLessThan(12);
      expect(ended).toBeGreaterThan(0);
      expect(ended).toBeLessThan(8);
      expect(firing?.labels).toEqual({ endpoint: "shop" });
    }
    expect(reply.withoutData).toBeGreaterThan(15);
    expect(reply.series[0]?.points.some(([, value]) => value === null)).toBe(true);
  });

  it("waits as the rule does, and evaluates a longer time less often", async () => {
    expect((await run({ ...LOW, for: "2h" })).fired).toBe(0);
    const month = await run(LOW, 30);
    expect(month).toMatchObject({ stepMs: 30 * MINUTE, fired: 2 });
    expect(month.series[0]?.points.length).toBeLessThanOrEqual(1_501);
    expect((await preview(asked({ rule: LOW, days: 31 }))).status).toBe(400);
  });

  it("averages over the hour where only hours are kept any more, and says so", async () => {
    const day = NOW - 20 * 24 * 60 * MINUTE;
    const bad = Math.floor(day / (60 * MINUTE)) * 60 * MINUTE;
    const shop = (hour: number): Told[] => [
      {
        atMs: bad + hour * 60 * MINUTE + MINUTE,
        outcome: "resumed",
        offer: "psk",
        mechanism: "psk",
        count: 2_000,
      },
      {
        atMs: bad + hour * 60 * MINUTE + MINUTE,
        outcome: "full",
        offer: "psk",
        count: hour === 0 ? 8_000 : 100,
      },
    ];
    await fleet.tell([-3, -2, -1, 0, 1, 2].flatMap(shop));
    await fleet.writer.compact(NOW);
    const month = await run(LOW, 30);
    const [old] = month.firings.filter(({ fromMs }) => fromMs < NOW - 15 * 24 * 60 * MINUTE);
    expect(month.hoursBeforeMs).toBeGreaterThan(bad);
    expect(Math.abs((old?.fromMs ?? 0) - bad)).toBeLessThanOrEqual(60 * MINUTE);
    expect((old?.toMs ?? 0) - (old?.fromMs ?? 0)).toBeLessThanOrEqual(120 * MINUTE);
    // A twelfth of the hour's ten thousand.
    expect(old?.text).toContain("Accept rate 20.0 %, 833 handshakes");
    expect((await run(LOW)).hoursBeforeMs).toBeNull();
  });

  it("runs every shipped rule", async () => {
    for (const rule of DEFAULT_RULES) expect((await run(rule, 1)).stepMs).toBe(MINUTE);
  }, 120_000);
});
