import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { alertRule } from "../../lib/domain/alert-rule.ts";
import { DEFAULT_COSTS } from "../../lib/domain/cost.ts";
import { measure } from "../../lib/read/alerts/measure.ts";
import { type StoredFleet, storedFleet, type Told } from "../support/stored.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);

let fleet: StoredFleet;
beforeEach(async () => {
  fleet = await storedFleet(() => NOW);
});
afterEach(() => fleet.destroy());

type Input = Parameters<typeof alertRule.parse>[0];
const measured = (part: Record<string, unknown>, span: { fromMs?: number; stepMs?: number } = {}) => {
  const rule = alertRule.parse({ id: "r", title: "R", severity: "page", ...part } as Input);
  const context = { store: fleet.reader, tenant: 1, costs: DEFAULT_COSTS };
  const { fromMs = NOW, stepMs = MINUTE } = span;
  return measure(context, rule, { fromMs, toMs: NOW, stepMs });
};
/** So many offers of a minute, and how many of them were accepted. */
const offers = (
  minutesAgo: number,
  node: string,
  accepted: number,
  of = 100,
  more: Partial<Told> = {},
): Told[] => [
  {
    atMs: NOW - minutesAgo * MINUTE,
    node,
    outcome: "resumed",
    offer: "psk",
    mechanism: "psk",
    count: accepted,
    ...more,
  },
  {
    ...{ atMs: NOW - minutesAgo * MINUTE, node, outcome: "full", offer: "psk", reason: "unknown_key" },
    ...{ count: of - accepted, ...more },
  },
];
const minutes = (from: number, to: number): number[] =>
  Array.from({ length: from - to + 1 }, (_, i) => from - i);
const below = (value: number) => ({
  kind: "threshold",
  metric: "accept_rate",
  direction: "below",
  value,
  window: "5m",
});

describe("a threshold", () => {
  it("is measured by node over its window, and says so", async () => {
    await fleet.tell(minutes(5, 1).flatMap((m) => [...offers(m, "a", 90), ...offers(m, "b", 20)]));
    const [b, a] = (await measured({ by: ["node"], condition: below(0.8) })).sort(
      (x, y) => (x.points[0]?.sample.value ?? 0) - (y.points[0]?.sample.value ?? 0),
    );
    expect(b?.labels).toEqual({ node: "b" });
    expect(b?.points[0]).toMatchObject({ sample: { value: 0.2, breached: true, cleared: false } });
    expect(b?.points[0]?.text).toBe(
      "Accept rate 20.0 %, 500 handshakes in 5m; it should not be below 80.0 %",
    );
    expect(a?.points[0]?.sample).toEqual({ value: 0.9, breached: false, cleared: true });
  });

  it("has no data where there are too few, which is neither bad nor good", async () => {
    await fleet.tell(offers(1, "a", 0, 40));
    const [only] = await measured({ condition: below(0.8) });
    expect(only?.points[0]?.sample).toEqual({ value: null, breached: false, cleared: false });
  });

  it("leaves bots out, unless they are asked for", async () => {
    await fleet.tell([...offers(1, "a", 90), ...offers(1, "a", 0, 900, { family: "bot" })]);
    expect((await measured({ condition: below(0.8) }))[0]?.points[0]?.sample.value).toBe(0.9);
    const bots = await measured({ scope: { family: ["bot"] }, condition: below(0.8) });
    expect(bots[0]?.points[0]?.sample.value).toBe(0);
  });

  it("is measured at every moment of a history as it would have been then", async () => {
    await fleet.tell([
      ...minutes(30, 16).flatMap((m) => offers(m, "a", 90)),
      ...minutes(15, 1).flatMap((m) => offers(m, "a", 10)),
    ]);
    const [only] = await measured({ condition: below(0.5) }, { fromMs: NOW - 20 * MINUTE });
    const breached = only?.points.map(({ sample }) => sample.breached) ?? [];
    expect(breached).toHaveLength(21);
    expect(breached.indexOf(true)).toBe(8);
    expect(breached.slice(8).every(Boolean)).toBe(true);
  });
});

describe("a drop", () => {
  it("is against the day before", async () => {
    await fleet.tell([
      ...minutes(15, 1).flatMap((m) => [...offers(m, "a", 50), ...offers(m + 24 * 60, "a", 80)]),
    ]);
    const [only] = await measured({
      condition: { kind: "drop", metric: "accept_rate", against: "day", points: 0.2 },
    });
    expect(only?.points[0]?.sample.value).toBeCloseTo(0.3, 9);
    expect(only?.points[0]?.text).toContain("30.0 points below 80.0 % the day before");
  });

  it("is against what is expected at the mix that came, and not known without a history", async () => {
    const rule = { condition: { kind: "drop", metric: "resume_rate", against: "expected", points: 0.2 } };
    await fleet.tell(minutes(15, 1).flatMap((m) => offers(m, "a", 50)));
    expect((await measured(rule))[0]?.points[0]?.sample.value).toBeNull();
    await fleet.tell(minutes(24, 2).flatMap((h) => offers(h * 60, "a", 80, 100)));
    const after = (await measured(rule))[0]?.points[0];
    expect(after?.sample.value).toBeCloseTo(0.3, 2);
    expect(after?.sample.breached).toBe(true);
  });
});

describe("a burn", () => {
  const burn = (more: object = {}) => ({
    condition: {
      ...{ kind: "burn", metric: "accept_rate", objective: 0.9 },
      ...{ fast: { window: "5m", factor: 3 }, slow: { window: "1h", factor: 2 }, ...more },
    },
  });

  it("needs both windows, and is over when the fast one is calm", async () => {
    await fleet.tell(minutes(5, 1).flatMap((m) => offers(m, "a", 50)));
    expect((await measured(burn()))[0]?.points[0]?.sample.breached).toBe(true);
    await fleet.tell(minutes(60, 6).flatMap((m) => offers(m, "a", 95)));
    expect((await measured(burn()))[0]?.points[0]?.sample.breached).toBe(false);
  });

  it("calls nobody for who came", async () => {
    const day = 24 * 60;
    await fleet.tell(
      minutes(60, 1).flatMap((m) => [
        ...offers(m + day, "a", 95, 100, { family: "ios" }),
        ...offers(m + day, "a", 1, 10, { family: "curl" }),
        ...offers(m, "a", 95, 100, { family: "ios" }),
        ...offers(m, "a", 40, 400, { family: "curl" }),
      ]),
    );
    expect((await measured(burn()))[0]?.points[0]?.sample.breached).toBe(true);
    const [told] = await measured(burn({ mostMixShare: 0.2 }));
    expect(told?.points[0]?.sample).toMatchObject({ breached: false, cleared: true });
    expect(told?.points[0]?.text).toContain("is who came");
  });
});

describe("absence", () => {
  it("is of what was heard before, and ends with a handshake", async () => {
    await fleet.tell([...offers(120, "gone", 1), ...offers(1, "here", 1)]);
    const found = await measured({ by: ["node"], condition: { kind: "absence", window: "15m" } });
    const of = (node: string) => found.find(({ labels }) => labels.node === node)?.points[0];
    expect(of("gone")?.sample).toMatchObject({ breached: true, cleared: false });
    expect(of("here")?.sample).toMatchObject({ breached: false, cleared: true });
    expect(of("gone")?.text).toContain("no handshake for more than");
    const [exact] = await measured({ condition: { kind: "absence", window: "1m" } });
    expect(exact?.points[0]?.text).toBe("heard within the last 1m");
  });
});

describe("a cache", () => {
  const cache = (minutesAgo: number, inserts: number, evictions: number) => ({
    ...{ atMs: NOW - minutesAgo * MINUTE, endpoint: "shop", node: "a", cache: "ssl", hits: 0, misses: 0 },
    ...{ inserts, evictions, entries: 20_000, capacity: 20_000, timeoutS: 300 },
  });
  it("keeps sessions for entries over inserts a second, if it evicts at all", async () => {
    await fleet.tell([], { caches: [cache(10, 0, 0), cache(0, 200 * 600, 180 * 600)] });
    const condition = { kind: "cache_residency", leastShare: 0.5 };
    const [only] = await measured({ condition });
    expect(only?.points[0]?.sample.value).toBeCloseTo(100 / 300, 6);
    expect(only?.points[0]?.sample.breached).toBe(true);
    expect(only?.labels).toEqual({ endpoint: "shop", node: "a", cache: "ssl" });
  });
});

it("cpu at risk is measured as cores", async () => {
  await fleet.tell(minutes(24, 2).flatMap((h) => offers(h * 60, "a", 800, 1_000, { protocol: "TLSv1.3" })));
  await fleet.tell(minutes(10, 1).flatMap((m) => offers(m, "a", 0, 60_000, { protocol: "TLSv1.3" })));
  const condition = {
    kind: "threshold",
    metric: "cpu_at_risk",
    direction: "above",
    value: 0.1,
    window: "10m",
  };
  const [only] = await measured({ condition });
  expect(only?.points[0]?.sample.value).toBeCloseTo((0.8 * 1_000 * 253) / 1e6, 2);
  expect(only?.points[0]?.sample.breached).toBe(true);
});
