import { expect, it } from "vitest";
import type { IncidentRow } from "@/lib/contract/read-incidents.ts";
import {
  byUrgency,
  courseWords,
  oddsText,
  partsLabel,
  partsMetric,
  runbookId,
  scopeText,
  signalWords,
  toLane,
} from "./words.ts";

const scope = { endpoints: [], nodes: null, regions: null, families: null, protocols: null };
const row = (id: string, more: Partial<IncidentRow>): IncidentRow => ({
  id,
  class: "page",
  family: "resumption",
  state: "open",
  headline: id,
  openedMs: 0,
  onsetMs: 0,
  updatedMs: 0,
  resolvedMs: null,
  reopened: 0,
  scope,
  departure: { signal: "resume", observed: 0.4, expected: 0.8, trials: 100, sigmas: -9, windowMs: 60_000 },
  mode: { mode: "unknown", title: "Unknown", probability: 1 },
  suspect: { changeId: null, title: "", probability: 1 },
  lost: null,
  cpuAtRiskCores: null,
  acknowledgedBy: null,
  acknowledgedMs: null,
  assignee: null,
  ...more,
});

it("puts what goes on first, pages before infos, and the newest before older ones", () => {
  const rows = [
    row("resolved", { state: "resolved", resolvedMs: 9, openedMs: 9 }),
    row("info", { class: "info", openedMs: 8 }),
    row("acknowledged", { state: "acknowledged", openedMs: 7 }),
    row("older", { openedMs: 1 }),
    row("newer", { openedMs: 5 }),
  ];
  expect(rows.sort(byUrgency).map(({ id }) => id)).toEqual([
    "newer",
    "older",
    "acknowledged",
    "info",
    "resolved",
  ]);
});

it("says a scope by what narrows it", () => {
  expect(scopeText(scope)).toBe("whole fleet");
  expect(
    scopeText({ ...scope, endpoints: ["shop.example"], nodes: ["a", "b", "c", "d"], protocols: [] }),
  ).toBe("shop.example · a, b and 2 more");
});

it("says what evidence does to the odds", () => {
  expect([Math.log(12), -Math.log(3), 0, 20].map(oddsText)).toEqual(["×12", "÷3.0", "×1.0", "×1000+"]);
});

it("knows the detector's signals, and keeps the name of one that it does not", () => {
  expect(signalWords("accept")).toEqual({ label: "Accept rate", measure: "share" });
  expect(signalWords("full_time").measure).toBe("relative");
  expect(signalWords("new_thing").label).toBe("new thing");
});

it("finds the failure mode of a runbook", () => {
  expect([null, "FM-02", "docs/runbooks/FM-13.md", "none"].map(runbookId)).toEqual([
    null,
    "FM-02",
    "FM-13",
    null,
  ]);
});

it("ends in a lane when it was resolved", () => {
  expect(toLane(row("a", { onsetMs: 3, resolvedMs: 8, state: "resolved" }))).toMatchObject({
    onsetMs: 3,
    endMs: 8,
  });
});

it("tells the parts of a drop by R, whichever signal departed", () => {
  const departure = { signal: "unknown_key", observed: 0.7, expected: 0, trials: 9, sigmas: 9, windowMs: 1 };
  const refused = row("refused", { departure });
  expect([partsLabel(refused), partsMetric(refused)]).toEqual(["Resume rate", "resume_rate"]);
  expect(courseWords("unknown_key")).toEqual({ label: "Offers under an unknown key", unit: "ratio" });
  const failures = row("f", { family: "failures", departure: { ...departure, signal: "failure" } });
  expect([partsLabel(failures), partsMetric(failures)]).toEqual(["Failed handshakes", "failure_rate"]);
  const slow = row("s", { family: "latency", departure: { ...departure, signal: "full_time" } });
  expect(partsMetric(slow)).toBeNull();
});

it("shows R beside the age of a key, and durations as such", () => {
  expect(courseWords("key_age")).toEqual({ label: "Resume rate", unit: "ratio" });
  expect(courseWords("full_time").unit).toBe("us");
});
