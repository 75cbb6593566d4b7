/** Incidents and the alerts around them: one cause, one thread, with the diagnosis on it. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { DATABASE_NAME } from "../../lib/store/open.ts";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";
import { createTenantOf } from "../../lib/store/tenants.ts";
import { between, MINUTE_MS, offers, playScript, START_MS, type Stage } from "../support/alert-script.ts";

const PAGE = {
  ...{ id: "incident-page", title: "Resumption departed", severity: "page" },
  condition: { kind: "incident" },
} as const;
const LOW = {
  ...{
    id: "low",
    title: "Accept rate is low",
    severity: "ticket",
    by: ["endpoint"],
    for: "2m",
    keepFiringFor: "5m",
  },
  condition: { kind: "threshold", metric: "accept_rate", direction: "below", value: 0.8, window: "5m" },
} as const;
const broken = (from: number, to: number) => (minute: number) =>
  offers(minute >= from && minute < to ? 0.3 : 0.95);

const incident = (minute: number, part: Partial<StoredIncident> = {}): StoredIncident => ({
  ...{ id: "inc-1", class: "page", family: "resumption", state: "open", reopened: 0 },
  ...{ openedMs: START_MS + minute * MINUTE_MS, onsetMs: START_MS + (minute - 5) * MINUTE_MS },
  ...{ updatedMs: START_MS + minute * MINUTE_MS, resolvedMs: null },
  scope: { endpoints: ["shop"], nodes: ["n1"], regions: null, families: null, protocols: null },
  departure: {
    ...{ signal: "accept", group: "endpoint:", yardstick: "before", observed: 0.3, expected: 0.95 },
    ...{ trials: 1_000, sigmas: 20, windowMs: 5 * MINUTE_MS },
  },
  diagnoses: [{ mode: "stek_desync", failureModes: ["FM-02"], probability: 0.9, evidence: [] }],
  suspects: [{ changeId: null, probability: 1, lagMs: null, evidence: [] }],
  ...{ acknowledgedBy: null, acknowledgedMs: null, assignee: null },
  ...part,
});
const opens = (minute: number, part: Partial<StoredIncident> = {}) => ({
  [minute]: (stage: Stage) => stage.incident(incident(minute, part)),
});

it("tells of an incident with its diagnosis, and of its end", async () => {
  const { heard, problems } = await playScript({
    rules: [PAGE],
    ...{ minutes: 40, arrives: broken(5, 25) },
    acts: {
      ...opens(10),
      30: (stage) =>
        stage.incident(incident(10, { state: "resolved", resolvedMs: START_MS + 30 * MINUTE_MS })),
    },
    expect: [
      between(10.5, 11).told("first", ({ title }) => title.startsWith("Accept rate at shop on n1: 30.0 %")),
      between(30, 30.5).told("resolved"),
    ],
  });
  expect(problems).toEqual([]);
  const first = heard[0]?.message;
  expect(first?.thread).toBe("incident:inc-1");
  expect(first?.url).toBe("https://reprise.example/incidents/inc-1");
  expect(first?.diagnosis).toMatchObject({ incidentId: "inc-1", probability: 0.9 });
  expect(first?.diagnosis?.firstAction).not.toBe("");
  expect(first?.diagnosis?.doNots.length).toBeGreaterThan(0);
  expect(first?.diagnosis?.cause).toContain("No recorded change explains this");
  expect(first?.course?.points.length).toBeGreaterThan(5);
  expect(heard[1]?.message.diagnosis?.recovery).toContain("It lasted 25 min");
}, 120_000);

it("names the tenant in its links where there are several", async () => {
  const { heard } = await playScript({
    rules: [PAGE],
    ...{ minutes: 12, arrives: broken(5, 25) },
    acts: {
      0: async ({ fleet, nowMs }) => {
        const told = { name: "second", nowMs, by: "test" };
        await createTenantOf(join(fleet.dataDir, DATABASE_NAME), told);
      },
      ...opens(10),
    },
    expect: [between(10.5, 11).told("first")],
  });
  expect(heard[0]?.message.url).toBe("https://reprise.example/incidents/inc-1?tenant=default");
});

it("an alert that told of it first becomes the incident's thread: one cause, one thread", async () => {
  const { heard } = await playScript({
    rules: [PAGE, LOW],
    ...{ minutes: 45, arrives: broken(5, 25) },
    acts: {
      ...opens(12),
      30: (stage) =>
        stage.incident(incident(12, { state: "resolved", resolvedMs: START_MS + 30 * MINUTE_MS })),
    },
    expect: [],
  });
  const [first, second] = heard;
  expect(first).toMatchObject({ message: { reason: "first", severity: "ticket", diagnosis: null } });
  expect(second).toMatchObject({ message: { reason: "more", severity: "page" } });
  // The diagnosis does not wait for the thread's interval.
  expect(second?.minute).toBeLessThan(13.5);
  expect(second?.message.diagnosis?.incidentId).toBe("inc-1");
  expect(new Set(heard.map(({ message }) => message.thread)).size).toBe(1);
  expect(heard.filter(({ message }) => message.reason === "resolved")).toHaveLength(1);
  expect(heard.at(-1)?.message.reason).toBe("resolved");
}, 120_000);

it("an alert that comes after the incident is told to nobody: the incident has told of it", async () => {
  const { problems } = await playScript({
    rules: [PAGE, LOW],
    ...{ minutes: 20, arrives: broken(5, 20), acts: opens(6) },
    expect: [between(6.5, 7).told("first")],
  });
  expect(problems).toEqual([]);
}, 120_000);

it("an alert about something else is a thread of its own", async () => {
  const { problems } = await playScript({
    rules: [PAGE, LOW],
    ...{ minutes: 20, acts: opens(6) },
    arrives: (minute) => [...broken(5, 20)(minute), ...offers(minute < 5 ? 0.95 : 0.3, { endpoint: "api" })],
    expect: [
      between(6.5, 7).told("first"),
      between(8, 11).told("first", ({ thread }) => thread === "group:endpoint=api"),
    ],
  });
  expect(problems).toEqual([]);
}, 120_000);

it("acknowledging the incident stops its repeats", async () => {
  const acknowledged = { state: "acknowledged" as const, acknowledgedBy: "ann", acknowledgedMs: START_MS };
  const { problems } = await playScript({
    rules: [PAGE],
    route: { repeatInterval: "10m" },
    ...{ minutes: 60, arrives: broken(5, 60) },
    acts: {
      ...opens(10),
      25: async ({ fleet, nowMs }) => {
        const act = { id: "inc-1", action: "acknowledge" as const, actor: "ann", text: null, nowMs };
        expect(await fleet.writer.actOnIncident(1, act)).toMatchObject({ state: acknowledged.state });
      },
    },
    expect: [between(10.5, 11).told("first"), between(20, 21.5).told("repeat")],
  });
  expect(problems).toEqual([]);
}, 120_000);

it("what is only told (a surge of new clients) pages nobody", async () => {
  const { problems } = await playScript({
    rules: [PAGE],
    ...{ minutes: 20, arrives: broken(5, 20), acts: opens(6, { class: "info" }) },
    expect: [],
  });
  expect(problems).toEqual([]);
}, 120_000);
