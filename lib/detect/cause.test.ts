import { describe, expect, it } from "vitest";
import { type Case, causesBy } from "./cause.ts";
import { MODES } from "./modes/all.ts";
import type { DetectorChange } from "./types.ts";

const ONSET_MS = 1_764_000_000_000;
const MINUTE_MS = 60_000;
const change = (id: string, lagMin: number, more: Partial<DetectorChange> = {}): DetectorChange => ({
  id,
  atMs: ONSET_MS - lagMin * MINUTE_MS,
  kind: "config",
  component: "tls",
  endpoints: ["shop"],
  nodes: null,
  regions: null,
  families: null,
  keyGroup: null,
  ...more,
});
const caseOf = (changes: readonly DetectorChange[], more: Partial<Case> = {}): Case => ({
  endpoint: "shop",
  nodes: null,
  nodesAll: 4,
  families: null,
  onsetMs: ONSET_MS,
  onsetErrorMs: MINUTE_MS,
  changes,
  observedMs: 168 * 60 * MINUTE_MS,
  ...more,
});
const mode = (id: string) => {
  const found = MODES.find((one) => one.id === id);
  if (!found) throw new Error(id);
  return found;
};
const factors = (id: string, of: Case) =>
  Object.fromEntries(causesBy(mode(id), of).map(({ change: { id: name }, factor }) => [name, factor]));

describe("changes as causes", () => {
  it("the nearer to the onset the likelier, and none after it", () => {
    const found = factors(
      "tickets_disabled",
      caseOf([change("near", 2), change("far", 15), change("after", -10)]),
    );
    expect(found.near).toBeGreaterThan(2 * (found.far ?? 0));
    expect(found.after).toBeUndefined();
  });

  it("another endpoint's change hardly counts, another part's not at all", () => {
    const found = factors(
      "tickets_disabled",
      caseOf([
        change("own", 2),
        change("other", 2, { endpoints: ["blog"] }),
        change("waf", 2, { component: "waf" }),
        change("unsaid", 2, { component: null }),
      ]),
    );
    expect(found.own).toBeGreaterThan(50 * (found.other ?? 0));
    expect(found.waf).toBeUndefined();
    expect(found.unsaid).toBeGreaterThan(0);
  });

  it("a change of just the nodes that are hit counts more than one of all, and that more than one of others", () => {
    const found = factors(
      "reload_drops_keys",
      caseOf(
        [
          change("exact", 2, { kind: "deploy", component: "proxy", nodes: ["n-1"] }),
          change("all", 2, { kind: "deploy", component: "proxy" }),
          change("others", 2, { kind: "deploy", component: "proxy", nodes: ["n-2"] }),
        ],
        { nodes: ["n-1"] },
      ),
    );
    expect(found.exact).toBeGreaterThan(2 * (found.all ?? 0));
    expect(found.all).toBeGreaterThan(5 * (found.others ?? 0));
  });

  it("what happens every hour explains less than what happens once", () => {
    const hourly = Array.from({ length: 167 }, (_, i) => change(`old-${i}`, 60 * (i + 1)));
    const rare = factors("tickets_disabled", caseOf([change("c", 2)])).c ?? 0;
    const usual = factors("tickets_disabled", caseOf([change("c", 2), ...hourly])).c ?? 0;
    expect(rare).toBeGreaterThan(50 * usual);
  });
});
