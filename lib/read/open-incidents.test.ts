import { expect, it } from "vitest";
import type { IncidentRow } from "../contract/read-incidents.ts";
import { incidentTiles, type OpenIncidents, openIncidentsOf, worseFirst } from "./open-incidents.ts";

const row = (id: string, more: Partial<IncidentRow> = {}): IncidentRow => ({
  id,
  class: "page",
  family: "resumption",
  state: "open",
  headline: `${id} fell`,
  openedMs: 0,
  onsetMs: 0,
  updatedMs: 0,
  resolvedMs: null,
  reopened: 0,
  scope: { endpoints: ["shop.example"], nodes: null, regions: null, families: null, protocols: null },
  departure: { signal: "resume", observed: 0.4, expected: 0.8, trials: 100, sigmas: 9, windowMs: 60_000 },
  mode: { mode: "unknown", title: "Unknown", probability: 1 },
  suspect: { changeId: null, title: "", probability: 1 },
  lost: null,
  cpuAtRiskCores: null,
  acknowledgedBy: null,
  acknowledgedMs: null,
  assignee: null,
  ...more,
});
const open = (going: readonly IncidentRow[]): OpenIncidents => {
  const pages = going.filter(({ class: kind }) => kind === "page").length;
  return {
    headroom: null,
    going: [...going].sort(worseFirst),
    pages,
    infos: going.length - pages,
    steps: [{ t: 0, count: 1 }],
  };
};
const tile = (incidents: OpenIncidents, id: string) => incidentTiles(incidents).find((one) => one.id === id);

it("leads with the page that nobody has seen yet and that loses most", () => {
  const told = open([
    row("info", { class: "info", lost: 9_000 }),
    row("seen", { state: "acknowledged", lost: 5_000 }),
    row("small", { lost: 10 }),
    row("big", { lost: 400 }),
  ]);
  expect(openIncidentsOf(told)).toEqual({ pages: 3, infos: 1, worst: { id: "big", headline: "big fell" } });
});

it("leads with nothing where nothing pages", () => {
  expect(openIncidentsOf(open([row("info", { class: "info" })])).worst).toBeNull();
});

it("adds up cores of pages; unknown stays unknown", () => {
  const costly = open([
    row("a", { cpuAtRiskCores: 1.5 }),
    row("b", { cpuAtRiskCores: 0.25 }),
    row("latency"),
    row("info", { class: "info", cpuAtRiskCores: 7 }),
  ]);
  expect(tile(costly, "cpu_at_risk")).toMatchObject({ value: 1.75, count: 2 });
  expect(tile(open([row("latency")]), "cpu_at_risk")).toMatchObject({ value: null, count: 0 });
  expect(tile(costly, "open_incidents")).toMatchObject({ value: 3, count: 4 });
  expect(tile(open([]), "open_incidents")).toMatchObject({ value: 0, note: "none" });
});

it("sets what is free beside what is at risk, where nodes tell it", () => {
  const free = { freeCores: 3.2, cores: 16, nodes: 4 };
  const known = { ...open([row("a", { cpuAtRiskCores: 1.5 })]), headroom: free };
  expect(tile(known, "cpu_at_risk")?.note).toBe("by 1 open; 3.2 cores of 16 free on 4 nodes");
  expect(tile({ ...open([]), headroom: free }, "cpu_at_risk")?.note).toBe(
    "No open incident costs CPU; 3.2 cores of 16 free on 4 nodes",
  );
  expect(tile(open([]), "cpu_at_risk")?.note).toBe("No open incident costs CPU.");
});
