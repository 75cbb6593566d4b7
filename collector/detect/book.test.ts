import { expect, it } from "vitest";
import type { DetectorEvent, Suspect } from "../../lib/detect/types.ts";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";
import { idOf, type Told } from "./belief.ts";
import { IncidentBook, type Save } from "./book.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const T = Date.UTC(2026, 10, 24, 12);

const suspect = (changeId: string | null): Suspect => ({
  changeId,
  probability: 0.9,
  lagMs: null,
  evidence: [],
});
const told = (id: string, atMs: number, more: Partial<Told["explanation"]> & Partial<Told> = {}): Told => {
  const { scope, onsetMs = atMs - 2 * MINUTE, suspects = [suspect(null)], diagnoses, ...event } = more;
  const nowhere = { nodes: null, regions: null, families: null, protocols: null };
  return {
    ...{ type: "opened", id, atMs, class: "page", family: "resumption" },
    departure: {
      ...{ signal: "resume", group: "endpoint:", yardstick: "before" },
      ...{ observed: 0.4, expected: 0.7, trials: 1_000, sigmas: 9, windowMs: 300_000 },
    },
    explanation: {
      scope: scope ?? { endpoints: ["shop"], ...nowhere },
      ...{ onsetMs, suspects },
      diagnoses: diagnoses ?? [{ mode: "unknown", failureModes: [], probability: 1, evidence: [] }],
    },
    ...event,
  };
};
const at = (...endpoints: string[]) => ({
  scope: { endpoints, nodes: null, regions: null, families: null, protocols: null },
});
const end = (id: string, atMs: number): DetectorEvent => ({ type: "resolved", id, atMs, reason: "calm" });

/** A store in memory that keeps as the real one does where nobody else acts. */
class Kept {
  readonly incidents = new Map<string, StoredIncident>();
  readonly steps: string[] = [];
  book = new IncidentBook();

  get all(): StoredIncident[] {
    return [...this.incidents.values()];
  }

  save({ incidents, updates }: Save): void {
    for (const incident of incidents) this.incidents.set(incident.id, incident);
    this.steps.push(...updates.map(({ kind }) => kind));
  }

  take(nowMs: number, ...events: DetectorEvent[]): void {
    this.save(this.book.take(events, this.all, nowMs));
  }

  /** A new detector: history is told again, then settled. */
  restart(nowMs: number, ...history: DetectorEvent[]): void {
    this.book = new IncidentBook();
    this.book.recall(history, this.all);
    this.save(this.book.settle(this.all, nowMs));
  }
}

it("opens, refines where something changed, and resolves", () => {
  const kept = new Kept();
  kept.take(T, told("i1", T));
  kept.take(T + 5 * MINUTE, told("i1", T + 5 * MINUTE, { type: "refined" }));
  expect(kept.steps).toEqual(["opened"]);
  kept.take(T + 10 * MINUTE, told("i1", T + 10 * MINUTE, { type: "refined", suspects: [suspect("c1")] }));
  kept.take(T + HOUR, end("i1", T + HOUR));
  expect(kept.steps).toEqual(["opened", "refined", "resolved"]);
  expect(kept.all).toMatchObject([{ state: "resolved", resolvedMs: T + HOUR, suspects: [suspect("c1")] }]);
});

it("one cause is one incident: over when its last part is", () => {
  const kept = new Kept();
  const cause = { suspects: [suspect("c1")] };
  kept.take(T, told("i1", T, cause), told("i2", T, { ...cause, ...at("api") }));
  kept.take(T, told("i3", T, { suspects: [suspect("c2")], ...at("www") }));
  expect(kept.all.map(({ scope }) => scope.endpoints)).toEqual([["api", "shop"], ["www"]]);
  kept.take(T + HOUR, end("i1", T + HOUR));
  expect(kept.all[0]?.state).toBe("open");
  kept.take(T + 2 * HOUR, end("i2", T + 2 * HOUR));
  expect(kept.all[0]).toMatchObject({ state: "resolved", resolvedMs: T + 2 * HOUR });
});

it("without a change, the same known mode at the same time is one cause; an unknown one is none", () => {
  const kept = new Kept();
  const mode = {
    diagnoses: [{ mode: "stek_desync", failureModes: ["FM-01"], probability: 0.8, evidence: [] }],
  };
  kept.take(T, told("i1", T, mode), told("i2", T, { ...mode, ...at("api") }));
  kept.take(T + HOUR, told("i3", T + HOUR, { ...mode, ...at("www") }), told("i4", T + HOUR, at("a")));
  kept.take(T + HOUR, told("i5", T + HOUR, at("b")));
  expect(kept.all.map(({ scope }) => scope.endpoints)).toEqual([["api", "shop"], ["www"], ["a"], ["b"]]);
});

it("pages and notes, and families of signals, are never mixed", () => {
  const kept = new Kept();
  kept.take(T, told("i1", T), told("i2", T, { class: "info" }), told("i3", T, { family: "latency" }));
  expect(kept.all).toHaveLength(3);
});

it("what comes back within the hour is the same incident again, and acknowledged still", () => {
  const kept = new Kept();
  kept.take(T, told("i1", T));
  kept.take(T + HOUR, end("i1", T + HOUR));
  const [before] = kept.all;
  if (before) kept.incidents.set(before.id, { ...before, acknowledgedBy: "ann", acknowledgedMs: T });
  kept.take(T + 1.5 * HOUR, told("i2", T + 1.5 * HOUR));
  expect(kept.all).toMatchObject([{ id: before?.id, state: "acknowledged", reopened: 1, resolvedMs: null }]);
  kept.take(T + 2 * HOUR, end("i2", T + 2 * HOUR));
  kept.take(T + 4 * HOUR, told("i3", T + 4 * HOUR));
  expect(kept.steps).toEqual(["opened", "resolved", "reopened", "resolved", "opened"]);
});

it("what comes within the hour by another change is another incident", () => {
  const kept = new Kept();
  kept.take(T, told("i1", T, { suspects: [suspect("c1")] }));
  kept.take(T + HOUR, end("i1", T + HOUR));
  kept.take(T + 1.5 * HOUR, told("i2", T + 1.5 * HOUR, { suspects: [suspect("c2")] }));
  expect(kept.steps).toEqual(["opened", "resolved", "opened"]);
});

it("what the detector itself takes up again is the same incident, however long it was over", () => {
  const kept = new Kept();
  kept.take(T, told("i1", T));
  kept.take(T + HOUR, end("i1", T + HOUR));
  kept.take(T + 3.5 * HOUR, told("i1", T + 3.5 * HOUR, { type: "refined" }));
  expect(kept.steps).toEqual(["opened", "resolved", "reopened"]);
  expect(kept.all).toMatchObject([{ state: "open", reopened: 1, resolvedMs: null }]);
});

it("a person's end stays: what the detector says of it afterwards changes nothing", () => {
  const kept = new Kept();
  kept.take(T, told("i1", T));
  const [open] = kept.all;
  if (open) kept.incidents.set(open.id, { ...open, state: "resolved", resolvedMs: T + MINUTE });
  kept.take(T + 5 * MINUTE, told("i1", T + 5 * MINUTE, { type: "refined", suspects: [suspect("c1")] }));
  kept.take(T + HOUR, end("i1", T + HOUR));
  expect(kept.steps).toEqual(["opened"]);
  expect(kept.all).toMatchObject([{ state: "resolved", resolvedMs: T + MINUTE }]);
});

it("a restart opens nothing twice: history finds the same departure under another id and at another minute", () => {
  const kept = new Kept();
  kept.take(T, told("i1", T));
  kept.restart(T + 30 * MINUTE, told("i7", T + 3 * MINUTE));
  kept.take(T + HOUR, told("i7", T + HOUR, { type: "refined" }));
  expect(kept.steps).toEqual(["opened"]);
  kept.take(T + 2 * HOUR, end("i7", T + 2 * HOUR));
  expect(kept.all).toMatchObject([{ state: "resolved", resolvedMs: T + 2 * HOUR }]);
});

it("what ended while nobody looked is over; what began is told, but not what is long past", () => {
  const kept = new Kept();
  kept.take(T, told("i1", T));
  const days = 24 * HOUR;
  const past = [
    told("i2", T - 3 * days, at("a")),
    end("i2", T - 2 * days),
    told("i3", T - 2 * days, at("b")),
  ];
  kept.restart(T + 5 * HOUR, ...past, told("i4", T), end("i4", T + HOUR), told("i5", T + 4 * HOUR, at("c")));
  expect(kept.all.map(({ scope, state }) => [scope.endpoints[0], state])).toEqual([
    ["shop", "resolved"],
    ["c", "open"],
  ]);
  expect(kept.all[0]?.resolvedMs).toBe(T + HOUR);
});

it("an open incident that history does not show is waited for, and taken up or ended", () => {
  for (const returns of [true, false]) {
    const kept = new Kept();
    kept.take(T, told("i1", T));
    kept.restart(T + 10 * MINUTE);
    expect(kept.book.waits).toBe(true);
    const comesBack = told("i1", T + 20 * MINUTE);
    kept.take(T + 20 * MINUTE, ...(returns ? [comesBack] : []));
    kept.take(T + 3 * HOUR);
    expect(kept.all.map(({ state }) => state)).toEqual([returns ? "open" : "resolved"]);
    expect(kept.steps).toEqual(returns ? ["opened"] : ["opened", "resolved"]);
  }
});

it("ids come from what happened, not from when it was looked at", () => {
  expect(idOf(told("i1", T))).toBe(idOf(told("i9", T)));
  expect(idOf(told("i1", T))).toMatch(/^resumption-[0-9a-f]{12}$/);
  expect(idOf(told("i1", T, at("a", "b")))).toBe(idOf(told("i1", T, at("b", "a"))));
  expect(idOf(told("i1", T))).not.toBe(idOf(told("i1", T + MINUTE)));
  expect(idOf(told("i1", T))).not.toBe(idOf(told("i1", T, { class: "info" })));
});
