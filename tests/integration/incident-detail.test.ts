import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Contribution, incidentReply } from "../../lib/contract/read-incidents.ts";
import type { Change } from "../../lib/domain/handshake.ts";
import { readIncidentDetail } from "../../lib/read/incident-detail.ts";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";
import { type StoredFleet, storedFleet, type Told } from "../support/stored.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ONSET = Date.UTC(2026, 10, 24, 14, 2);
/** The store's own clock: what it still keeps is reckoned from here. */
let now = ONSET + 10 * MINUTE;

let fleet: StoredFleet;
beforeEach(async () => {
  now = ONSET + 10 * MINUTE;
  fleet = await storedFleet(() => now);
});
afterEach(() => fleet.destroy());

const SCOPE: StoredIncident["scope"] = {
  endpoints: ["shop"],
  nodes: null,
  regions: null,
  families: null,
  protocols: null,
};
const incident = (parts: Partial<StoredIncident>): StoredIncident => ({
  id: "i1",
  class: "page",
  family: "resumption",
  state: "open",
  openedMs: ONSET + 2 * MINUTE,
  onsetMs: ONSET,
  updatedMs: ONSET + 2 * MINUTE,
  resolvedMs: null,
  reopened: 0,
  scope: SCOPE,
  departure: {
    signal: "resume",
    observed: 0.2,
    expected: 0.7,
    trials: 1_000,
    sigmas: 30,
    windowMs: 10 * MINUTE,
    group: "endpoint:",
    yardstick: "level",
  },
  diagnoses: [{ mode: "unknown", failureModes: [], probability: 1, evidence: [] }],
  suspects: [{ changeId: null, probability: 1, lagMs: null, evidence: [] }],
  acknowledgedBy: null,
  acknowledgedMs: null,
  assignee: null,
  ...parts,
});

async function detail(told: readonly Told[], stored: StoredIncident, changes: readonly Change[] = []) {
  await fleet.tell(told, { changes });
  await fleet.writer.saveIncidents(1, {
    incidents: [stored],
    updates: [{ incidentId: stored.id, atMs: stored.openedMs, kind: "opened", actor: null, text: "opened" }],
  });
  return incidentReply.parse(await readIncidentDetail(fleet.reader, 1, { id: stored.id, nowMs: now }));
}
const minutes = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const of = (list: readonly Contribution[], dimension: Contribution["dimension"]) =>
  Object.fromEntries(list.filter((c) => c.dimension === dimension).map((c) => [c.value, c]));

describe("a rotation without overlap on one node", () => {
  const rotation: Change = {
    ...{ id: "r1", kind: "key_rotation", atMs: ONSET - MINUTE, endMs: null, endpoint: "shop", node: "n1" },
    ...{ region: null, title: "Rotated the key of n1", detail: null, ref: null, actor: "ops" },
  };
  const stored = incident({
    scope: { ...SCOPE, nodes: ["n1"] },
    departure: {
      ...incident({}).departure,
      ...{ signal: "accept", observed: 0.2625, expected: 0.875, trials: 800_000, group: "node:n1" },
    },
    diagnoses: [
      {
        mode: "rotation_gap",
        failureModes: ["FM-03"],
        probability: 0.9,
        evidence: [{ text: "unknown keys", weight: 3 }],
      },
      { mode: "unknown", failureModes: [], probability: 0.1, evidence: [] },
    ],
    suspects: [
      { changeId: "r1", probability: 0.95, lagMs: MINUTE, evidence: [] },
      { changeId: null, probability: 0.05, lagMs: null, evidence: [] },
    ],
  });

  /**
   * A minute of n1: 100,000 handshakes of Chrome, 80,000 offer a PSK, 70,000 resume; of those that do not, 10,000 tickets
   * are expired. Ages of tickets are even from 0 to 1,000 s, so F_age(u) = u / 1,000 s: since the onset 70,000 x u / 1,000 resume.
   * n2: 50,000 of iOS over TLS 1.2, whose offers cannot be seen; 30,000 resume by session id, as ever.
   */
  const minute = (i: number): Told[] => {
    const atMs = ONSET + i * MINUTE;
    const resumed = i < 0 ? 70_000 : 70 * (60 * i + 30);
    const n1 = { atMs, node: "n1", offer: "psk" } as const;
    const n2 = { atMs, node: "n2", family: "ios", protocol: "TLSv1.2" } as const;
    const ages = i < 0 ? minutes(1, 21).map((j) => 50 * j) : [];
    return [
      ...ages.map((ageS): Told => ({ ...n1, outcome: "resumed", mechanism: "psk", count: 3_500, ageS })),
      ...(i < 0 ? [] : [{ ...n1, outcome: "resumed", mechanism: "psk", count: resumed } as const]),
      { ...n1, outcome: "full", reason: "expired", count: 10_000 },
      ...(i < 0 ? [] : [{ ...n1, outcome: "full", reason: "unknown_key", count: 70_000 - resumed } as const]),
      { ...n1, outcome: "full", offer: "none", count: 20_000 },
      { ...n2, outcome: "resumed", mechanism: "session_id", count: 30_000 },
      { ...n2, outcome: "full", count: 20_000 },
    ];
  };
  const told = (): Told[] => minutes(-60, 10).flatMap(minute);
  // Since the onset n1 resumed 70 x (60 x 45 + 300) = 210,000 of 1,000,000, where 700,000 would have.
  const LOST = 490_000;

  it("says what and how much, in one sentence and in cores", async () => {
    const { incident: row, cost } = await detail(told(), stored, [rotation]);
    expect(row.headline).toBe(
      "Accept rate at shop on n1: 26.3 % of 800,000 offers, where 87.5 % was expected, since 14:02 UTC; 0.21 cores of extra handshakes",
    );
    expect(row.lost).toBe(LOST);
    // 490,000 x (680 - 427) us in 600 s.
    expect(row.cpuAtRiskCores).toBeCloseTo(0.2066, 4);
    expect(cost).toEqual({
      cpuAtRiskCores: row.cpuAtRiskCores,
      sentence:
        "0.21 cores more than expected in the last 10 min: 817 handshakes a second would have resumed, and cost 253 µs more each by the cost table (ecdsa_p256).",
    });
  });

  it("splits the drop: all of it is acceptance, and none is mix", async () => {
    const { decomposition } = await detail(told(), stored, [rotation]);
    // 15 minutes before, as long as what is younger is compared with; 10 since.
    expect(decomposition?.before).toMatchObject({
      r: { k: 1_050_000, n: 1_500_000, value: 0.7 },
      o: { k: 1_200_000, n: 1_500_000, value: 0.8 },
      a: { k: 1_050_000, n: 1_200_000, value: 0.875 },
    });
    expect(decomposition?.after).toMatchObject({
      r: { k: 210_000, n: 1_000_000 },
      o: { k: 800_000, n: 1_000_000 },
      a: { k: 210_000, n: 800_000, value: 0.2625 },
    });
    expect(decomposition?.byOffers).toBe(0);
    expect(decomposition?.byAcceptance).toBeCloseTo(-0.49);
    expect(decomposition?.mix).toBe(0);
    expect(decomposition?.rate).toBeCloseTo(-0.49);
  });

  it("finds where: the node among its peers, its protocol, its mechanism and the reason", async () => {
    const { contributions } = await detail(told(), stored, [rotation]);
    const carries = { lost: expect.closeTo(LOST, 3), lostShare: expect.closeTo(1, 9) };
    const loses = { lost: expect.closeTo(0, 3), lostShare: expect.closeTo(0, 9) };
    expect(of(contributions, "node")).toMatchObject({
      n1: { ...carries, before: { k: 1_050_000, n: 1_500_000 }, after: { k: 210_000, n: 1_000_000 } },
      n2: loses,
    });
    expect(of(contributions, "protocol")).toMatchObject({ "TLSv1.3": carries, "TLSv1.2": loses });
    expect(of(contributions, "family")).toMatchObject({ chrome: carries, ios: loses });
    expect(of(contributions, "mechanism")).toMatchObject({
      psk: { ...carries, before: { k: 1_050_000, n: 2_250_000 } },
      session_id: loses,
    });
    expect(of(contributions, "reason")).toMatchObject({
      unknown_key: { ...carries, before: { k: 0 }, after: { k: LOST, n: 1_500_000 } },
      expired: loses,
      no_offer: loses,
      null: loses,
    });
    expect(of(contributions, "endpoint")).toMatchObject({ shop: carries });
  });

  it("draws the signal with what was expected, and gaps as gaps", async () => {
    const { course } = await detail(told(), stored, [rotation]);
    const at = (t: number) => course.find((point) => point.t === t);
    expect(at(ONSET - MINUTE)).toMatchObject({ value: 0.875, count: 80_000, expected: 0.875 });
    expect(at(ONSET + 5 * MINUTE)).toMatchObject({ value: 23_100 / 80_000, count: 80_000, expected: 0.875 });
    expect(course[0]?.t).toBe(ONSET - HOUR);
    expect(course.length).toBe(70);
    for (const point of course) expect(point.low).not.toBeUndefined();
  });

  it("predicts from the ages of tickets when it is over, and sees it go so", async () => {
    const { recovery } = await detail(told(), stored, [rotation]);
    expect(recovery).toMatchObject({ basis: "measured", verdict: "as_predicted", fromMs: ONSET });
    // 90 % of ages are below 900 s.
    const etaS = ((recovery?.eta?.atMs ?? 0) - ONSET) / 1_000;
    expect(etaS).toBeGreaterThan(900 * 0.9);
    expect(etaS).toBeLessThan(900 * 1.1);
    expect(recovery?.actual.map(({ value }) => value)).toEqual(
      minutes(0, 10).map((i) => (70 * (60 * i + 30)) / 100_000),
    );
    expect(recovery?.sentence).toMatch(
      /^By the ages of 4,200,000 tickets .* by 14:1\d UTC .* So far it goes so: 35\.7 %/,
    );
  });

  it("says why, and what to do: the change, and the advice of the mode", async () => {
    const reply = await detail(told(), stored, [rotation]);
    expect(reply.suspects.map(({ change }) => change?.title ?? null)).toEqual([
      "Rotated the key of n1",
      null,
    ]);
    expect(reply.diagnoses[0]).toMatchObject({ title: "Keys were rotated without keeping the previous one" });
    expect(reply.advice.first).toMatch(/^Watch capacity/);
    expect(reply.advice).toMatchObject({ runbook: "docs/runbooks/FM-03.md" });
    expect(reply.updates).toEqual([
      { atMs: ONSET + 2 * MINUTE, kind: "opened", actor: null, text: "opened" },
    ]);
  });

  it("says so when it does not recover", async () => {
    now = ONSET + HOUR;
    const stuck = minutes(-60, 60).flatMap((i) =>
      i < 2 ? minute(i) : minute(2).map((t) => ({ ...t, atMs: ONSET + i * MINUTE })),
    );
    const { recovery } = await detail(stuck, stored, [rotation]);
    expect(recovery?.verdict).toBe("not_recovering");
    expect(recovery?.sentence).toContain("It is not recovering as predicted: 10.5 %");
  });
});

describe("what is no fault of the server", () => {
  it("tells a surge of new clients as mix, with nothing lost and nothing to recover", async () => {
    const told = minutes(-20, 10).flatMap((i): Told[] => {
      const atMs = ONSET + i * MINUTE;
      return [
        { atMs, outcome: "resumed", mechanism: "psk", offer: "psk", count: 700 },
        { atMs, outcome: "full", offer: "none", count: 300 },
        ...(i < 0 ? [] : [{ atMs, family: "go", outcome: "full", offer: "none", count: 1_000 } as const]),
        { atMs, family: "bot", outcome: "full", offer: "none", count: 5_000 },
      ];
    });
    const reply = await detail(told, incident({ class: "info" }));
    expect(reply.decomposition).toMatchObject({
      before: { r: { value: 0.7, n: 15_000 } },
      after: { r: { value: 0.35, n: 20_000 }, o: { value: 0.35 }, a: { value: 1 } },
      byOffers: expect.closeTo(-0.35),
      byAcceptance: 0,
      mix: expect.closeTo(-0.35),
      rate: 0,
    });
    expect(of(reply.contributions, "family")).toMatchObject({
      chrome: { lost: 0 },
      go: { lost: 0, before: null },
    });
    expect(reply.recovery).toBeNull();
    expect(reply.advice.runbook).toBeNull();
  });

  it("leaves O and A unknown where offers cannot be seen", async () => {
    const told = minutes(-20, 10).flatMap((i): Told[] => {
      const atMs = ONSET + i * MINUTE;
      return [
        { atMs, outcome: "resumed", count: i < 0 ? 700 : 100 },
        { atMs, outcome: "full", count: i < 0 ? 300 : 900 },
      ];
    });
    const { decomposition, contributions } = await detail(told, incident({}));
    expect(decomposition).toMatchObject({
      before: { r: { value: 0.7 }, o: null, a: null },
      after: { r: { value: 0.1 }, o: null, a: null },
      ...{ byOffers: null, byAcceptance: null, mix: 0, rate: expect.closeTo(-0.6) },
    });
    // Nothing is known of mechanisms and reasons, so that they explain nothing.
    expect(contributions.map(({ dimension }) => dimension).sort()).toEqual(
      ["endpoint", "family", "node", "protocol", "region"].sort(),
    );
  });
});

describe("other signals", () => {
  it("tells failures by where more failed than before", async () => {
    const told = minutes(-20, 10).flatMap((i) =>
      ["n1", "n2"].flatMap((node): Told[] => {
        const [atMs, failed] = [ONSET + i * MINUTE, node === "n2" && i >= 0 ? 30 : 10];
        return [
          { atMs, node, outcome: "failed", count: failed },
          { atMs, node, outcome: "full", count: 100 - failed },
        ];
      }),
    );
    const failing = incident({
      family: "failures",
      departure: { ...incident({}).departure, signal: "failure", observed: 0.2, expected: 0.1 },
    });
    const reply = await detail(told, failing);
    expect(reply.decomposition).toBeNull();
    expect(reply.recovery).toBeNull();
    expect(of(reply.contributions, "node")).toMatchObject({
      n2: {
        before: { k: 150, n: 1_500 },
        after: { k: 300, n: 1_000 },
        lost: expect.closeTo(200),
        lostShare: expect.closeTo(1),
      },
      n1: { lost: expect.closeTo(0) },
    });
    expect(reply.course.find(({ t }) => t === ONSET)).toMatchObject({
      value: 0.2,
      count: 200,
      expected: 0.1,
    });
  });

  it("tells slow handshakes by their mean, full ones apart from resumed ones", async () => {
    const told = minutes(-20, 10).flatMap((i): Told[] => {
      const atMs = ONSET + i * MINUTE;
      return [
        { atMs, outcome: "full", count: 10, us: i < 0 ? 9_000 : 30_000 },
        { atMs, outcome: "resumed", count: 90, us: 1_000 },
      ];
    });
    const slow = incident({
      family: "latency",
      departure: { ...incident({}).departure, signal: "full_time", observed: 3.3, expected: 1 },
    });
    const { course, contributions, decomposition, cost } = await detail(told, slow);
    expect(cost.cpuAtRiskCores).toBeNull();
    expect(course.find(({ t }) => t === ONSET)).toMatchObject({ value: 30_000, count: 10, expected: 9_000 });
    expect([contributions, decomposition]).toEqual([[], null]);
  });

  it("shows R beside a rotation that did not come", async () => {
    const told = minutes(-20, 10).flatMap((i): Told[] => [
      { atMs: ONSET + i * MINUTE, outcome: "resumed", count: 70 },
      { atMs: ONSET + i * MINUTE, outcome: "full", count: 30 },
    ]);
    const stopped = incident({
      family: "rotation",
      departure: { ...incident({}).departure, signal: "key_age", observed: 26 * HOUR, expected: 24 * HOUR },
      diagnoses: [{ mode: "rotation_stopped", failureModes: ["FM-05"], probability: 0.97, evidence: [] }],
    });
    const reply = await detail(told, stopped);
    expect(reply.course.find(({ t }) => t === ONSET)).toMatchObject({ value: 0.7, expected: 0.7 });
    expect(reply.incident.headline).toBe(
      "No new ticket key at shop for 26 h, where one came every 24 h, since 14:02 UTC",
    );
    expect(reply.advice.runbook).toBe("docs/runbooks/FM-05.md");
    expect([reply.decomposition, reply.contributions, reply.recovery]).toEqual([null, [], null]);
  });
});

it("reads what went on for days by the hour, with as long before it", async () => {
  now = ONSET + 48 * HOUR;
  const told = Array.from({ length: 96 }, (_, i) => ONSET + (i - 48) * HOUR).flatMap((atMs): Told[] => [
    { atMs, outcome: "resumed", count: atMs < ONSET ? 70 : 40 },
    { atMs, outcome: "full", count: atMs < ONSET ? 30 : 60 },
  ]);
  await fleet.tell(told);
  await fleet.writer.compact(now);
  const { decomposition, course } = await detail([], incident({}));
  // The hour of the onset belongs to neither side: 47 whole hours since, and 47 before it.
  expect(decomposition).toMatchObject({
    before: { r: { n: 4_700, value: 0.7 } },
    after: { r: { n: 4_700, value: 0.4 } },
  });
  expect(course.length).toBeLessThan(200);
});

it("answers in the first seconds and in an empty store, where nothing is known yet", async () => {
  now = ONSET + 10_000;
  const invalidation = { mode: "rotation_gap", failureModes: ["FM-03"], probability: 1, evidence: [] };
  const reply = await detail([], incident({ diagnoses: [invalidation] }));
  expect(reply.decomposition).toMatchObject({ before: { r: null }, after: { r: null }, mix: null });
  expect([reply.contributions, reply.recovery]).toEqual([[], null]);
  expect(reply.course.every(({ value }) => value === null)).toBe(true);
});

it("compares what is over with itself, not with what came later", async () => {
  now = ONSET + 3 * HOUR;
  const told = minutes(-60, 180).flatMap((i): Told[] => {
    const resumed = i >= 0 && i < 30 ? 10 : 70;
    return [
      { atMs: ONSET + i * MINUTE, outcome: "resumed", count: resumed },
      { atMs: ONSET + i * MINUTE, outcome: "full", count: 100 - resumed },
    ];
  });
  const over = incident({ state: "resolved", resolvedMs: ONSET + 30 * MINUTE });
  const { decomposition, course, incident: row, cost } = await detail(told, over);
  expect(cost.sentence).toBe("It is over: no CPU is at risk any more.");
  expect(decomposition).toMatchObject({
    before: { r: { n: 3_000, value: 0.7 } },
    after: { r: { n: 3_000, value: 0.1 } },
  });
  expect(row).toMatchObject({ lost: 30 * 60, cpuAtRiskCores: 0 });
  // An hour more is shown, so that the recovery can be seen.
  expect(course.at(-1)?.t).toBeLessThan(ONSET + 30 * MINUTE + HOUR);
  expect(course.at(-1)).toMatchObject({ value: 0.7 });
});

it("explains handshakes of no known endpoint by their own name", async () => {
  const told = minutes(-20, 10).flatMap((i): Told[] => [
    { atMs: ONSET + i * MINUTE, endpoint: null, outcome: "resumed", count: i < 0 ? 70 : 10 },
    { atMs: ONSET + i * MINUTE, endpoint: null, outcome: "full", count: i < 0 ? 30 : 90 },
    { atMs: ONSET + i * MINUTE, endpoint: "shop", outcome: "full", count: 500 },
  ]);
  const reply = await detail(told, incident({ scope: { ...SCOPE, endpoints: ["(other)"] } }));
  expect(reply.decomposition).toMatchObject({ after: { r: { n: 1_000, value: 0.1 } } });
});

it("knows no incident that was never told", async () => {
  expect(await readIncidentDetail(fleet.reader, 1, { id: "nobody", nowMs: now })).toBeNull();
});
