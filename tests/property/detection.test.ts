import { describe, expect, it } from "vitest";
import { Detector } from "../../lib/detect/detector.ts";
import type { DetectorEvent } from "../../lib/detect/types.ts";
import { BEGIN_MS, BUCKET_MS, HOUR_MS, type Model, SHOP, traffic } from "../support/traffic.ts";

const DAYS = 7 * 24;

function run(model: Model, hours: number, seed: number): DetectorEvent[] {
  const detector = new Detector({ bucketMs: BUCKET_MS });
  const events: DetectorEvent[] = [];
  for (const { nowMs, rows } of traffic(model, hours, seed)) {
    for (const row of rows) detector.feed(row);
    events.push(...detector.tick(nowMs));
  }
  return events;
}

const pages = (events: readonly DetectorEvent[]) =>
  events.flatMap((event) => (event.type === "opened" && event.class === "page" ? [event] : []));
const hourOf = (atMs: number) => (atMs - BEGIN_MS) / HOUR_MS;

/** A loss of accepted offers from an hour on, on some nodes. */
const losing = (from: number, to: number, part: (at: { hours: number; node: string }) => number): Model => ({
  ...SHOP,
  effect: ({ hours, node }) => (hours >= from && hours < to ? { accept: 1 - part({ hours, node }) } : {}),
});

describe("nothing is paged", () => {
  it.each([1])("in two weeks of plain binomial counts, seed %i", (seed) => {
    expect(pages(run({ ...SHOP, wander: 0 }, 2 * DAYS, seed))).toEqual([]);
  });

  it.each([4, 5])("in two weeks of a rate that wanders by 2 % from hour to hour, seed %i", (seed) => {
    expect(pages(run({ ...SHOP, wander: 0.02 }, 2 * DAYS, seed))).toEqual([]);
  });

  it("when another client family comes three times as often: the mix moved, no rate did", () => {
    const model: Model = {
      ...SHOP,
      effect: ({ hours, family }) => (family === "chrome" && hours > 150 && hours < 158 ? { volume: 3 } : {}),
    };
    expect(pages(run(model, 170, 7))).toEqual([]);
  });

  it("when new clients come beside the old ones: as many resume as ever", () => {
    const model: Model = {
      ...SHOP,
      effect: ({ hours, family }) =>
        family !== "java" && hours > 150 && hours < 156
          ? { newcomers: Math.sin(((hours - 150) / 6) * Math.PI) }
          : {},
    };
    expect(pages(run(model, 170, 8))).toEqual([]);
  });

  it("when rows come late or never", () => {
    const model: Model = {
      ...SHOP,
      delivery: ({ hours, node }) => {
        if (node === "n-2" && hours > 150 && hours < 152) return 9;
        return hours > 155 && hours < (node === "n-1" ? 157 : 156) ? "lost" : 0;
      },
    };
    const events = run(model, 170, 9);
    expect(pages(events)).toEqual([]);
    // Told as what they are: missing telemetry, from when to when, of whom.
    const notes = events.flatMap((event) =>
      event.type === "opened" && event.family === "telemetry" ? [event] : [],
    );
    expect(notes.map(({ explanation }) => explanation.diagnoses[0]?.mode)).toEqual([
      "telemetry_gap",
      "telemetry_gap",
    ]);
    expect(notes.map(({ explanation }) => explanation.scope.nodes)).toEqual([["n-2"], null]);
    const resolved = events.filter(
      ({ type, id }) => type === "resolved" && notes.some((note) => note.id === id),
    );
    expect(resolved.map(({ atMs }) => Math.round(hourOf(atMs)))).toEqual([152, 157]);
  });
});

describe("what departs is found", () => {
  it("a step, with its time and scope, once, and is resolved after it", () => {
    const events = run(
      losing(150, 153, () => 0.25),
      160,
      10,
    );
    const [page, ...more] = pages(events);
    expect(more).toEqual([]);
    expect(hourOf(page?.atMs ?? 0)).toBeLessThanOrEqual(150.2);
    expect(hourOf(page?.explanation.onsetMs ?? 0)).toBe(150);
    expect(page?.explanation.scope).toEqual({
      endpoints: ["shop.example"],
      nodes: null,
      regions: null,
      families: null,
      protocols: null,
    });
    const resolved = events.find((event) => event.type === "resolved" && event.id === page?.id);
    expect(hourOf(resolved?.atMs ?? 0)).toBeGreaterThan(153);
    expect(hourOf(resolved?.atMs ?? 0)).toBeLessThan(156);
  });

  it("one sick node of three, by its name", () => {
    const [page, ...more] = pages(
      run(
        losing(150, 155, ({ node }) => (node === "n-2" ? 0.2 : 0)),
        160,
        11,
      ),
    );
    expect(more).toEqual([]);
    expect(hourOf(page?.atMs ?? 0)).toBeLessThanOrEqual(150.5);
    expect(page?.explanation.scope.nodes).toEqual(["n-2"]);
  });

  it("a notch of a quarter of an hour, as one incident", () => {
    const found = pages(
      run(
        losing(150, 150.25, () => 0.5),
        156,
        12,
      ),
    );
    expect(found.map(({ atMs }) => hourOf(atMs) <= 150.25)).toEqual([true]);
  });

  it("a staircase over the nodes, as one incident", () => {
    const begins: Record<string, number> = { "n-1": 150, "n-2": 151, "n-3": 152 };
    const found = pages(
      run(
        losing(150, 156, ({ hours, node }) => (hours >= (begins[node] ?? 0) ? 0.3 : 0)),
        162,
        13,
      ),
    );
    expect(found.map(({ atMs }) => hourOf(atMs) <= 150.5)).toEqual([true]);
  });

  it("a leak of 8 % over a day, within half of it", () => {
    const found = pages(
      run(
        losing(150, 174, ({ hours }) => (0.08 * (hours - 150)) / 24),
        174,
        14,
      ),
    );
    expect(found.length).toBe(1);
    expect(hourOf(found[0]?.atMs ?? 0)).toBeLessThan(162);
  });

  it("a loss that begins while data of another node is missing", () => {
    const model: Model = {
      ...losing(150.5, 154, () => 0.3),
      delivery: ({ hours, node }) => (node === "n-3" && hours > 150 && hours < 152 ? "lost" : 0),
    };
    const found = pages(run(model, 160, 15));
    expect(found.map(({ atMs }) => hourOf(atMs) <= 150.75)).toEqual([true]);
  });
});

it("a loss that somebody accepts is usual from then on, and a further one is found", () => {
  const detector = new Detector({ bucketMs: BUCKET_MS });
  const found: DetectorEvent[] = [];
  const model = losing(150, 300, ({ hours }) => (hours >= 200 ? 0.4 : 0.2));
  for (const { nowMs, rows } of traffic(model, 206, 17)) {
    for (const row of rows) detector.feed(row);
    found.push(...detector.tick(nowMs));
    const [first] = pages(found);
    if (first && hourOf(nowMs) === 151) expect(detector.accept(first.id, nowMs)).toBe(false);
    if (first && hourOf(nowMs) === 170) expect(detector.accept(first.id, nowMs)).toBe(true);
  }
  expect(pages(found).map(({ atMs }) => Math.floor(hourOf(atMs)))).toEqual([150, 200]);
});

describe("what is found does not depend on", () => {
  const model = losing(150, 154, ({ node }) => (node === "n-2" ? 0.35 : 0));
  const plain = pages(run(model, 156, 16));
  const renamed = (names: Readonly<Record<string, string>>): Model => ({
    ...model,
    endpoint: "zz",
    nodes: SHOP.nodes.map((node) => names[node] ?? node),
    effect: (at) => {
      const node = SHOP.nodes.find((name) => names[name] === at.node) ?? at.node;
      return model.effect?.({ ...at, node }) ?? {};
    },
  });

  it("names of endpoints and nodes", () => {
    const found = pages(run(renamed({ "n-1": "Ω", "n-2": "a:b|c", "n-3": "" }), 156, 16));
    expect(found.map(({ atMs }) => atMs)).toEqual(plain.map(({ atMs }) => atMs));
    expect(found.map(({ explanation }) => explanation.scope.nodes)).toEqual([["a:b|c"]]);
    expect(found[0]?.departure.sigmas).toBeCloseTo(plain[0]?.departure.sigmas ?? 0, 9);
  });

  it("the scale of the traffic", () => {
    const larger: Model = {
      ...model,
      classes: SHOP.classes.map((one) => ({ ...one, perMinute: one.perMinute * 20 })),
    };
    const found = pages(run(larger, 156, 16));
    expect(found.map(({ explanation }) => explanation.scope.nodes)).toEqual([["n-2"]]);
    expect(found.map(({ atMs }) => hourOf(atMs) <= 150.2)).toEqual([true]);
  });

  it("fields that a source does not give", () => {
    const detector = new Detector({ bucketMs: BUCKET_MS });
    const found: DetectorEvent[] = [];
    for (const { nowMs, rows } of traffic(
      losing(150, 154, () => 0.35),
      156,
      16,
    )) {
      for (const row of rows) {
        const { outcome, mechanism } = row.result;
        const result = { ...row.result, outcome, mechanism, offer: null, reason: null };
        const segment = { ...row.segment, node: null, region: null, family: null, protocol: null };
        detector.feed({ ...row, result, segment, handshakeUsSum: null, timedCount: 0 });
      }
      found.push(...detector.tick(nowMs));
    }
    expect(pages(found).map(({ atMs }) => hourOf(atMs) <= 150.75)).toEqual([true]);
  });
});
