import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { parseSeries } from "./notation.ts";
import { type AlertState, advance, type Timing } from "./state.ts";

const MINUTE = 60_000;
type Case = {
  readonly name: string;
  readonly below: number;
  readonly clear?: number;
  readonly for?: number;
  readonly keep?: number;
  readonly noData?: "tell" | "ignore";
  readonly noDataAfter?: number;
  readonly series: string;
  /** minute -> what was told then */
  readonly expect: Readonly<Record<string, string>>;
  readonly ends: string;
};
const cases = parse(
  readFileSync(new URL("../../tests/fixtures/alerting/states.yaml", import.meta.url), "utf8"),
) as Case[];

function run(one: Case): { told: Record<string, string>; state: AlertState | null } {
  const timing: Timing = {
    for: (one.for ?? 0) * MINUTE,
    keepFiringFor: (one.keep ?? 0) * MINUTE,
    noData: one.noData ?? "ignore",
    noDataAfter: (one.noDataAfter ?? 5) * MINUTE,
    everyMs: MINUTE,
  };
  const told: Record<string, string> = {};
  let state: AlertState | null = null;
  for (const [minute, value] of parseSeries(one.series).entries()) {
    const breached = value !== null && value < one.below;
    const cleared = value !== null && value >= (one.clear ?? one.below);
    const after = advance(state, { value, breached, cleared }, timing, minute * MINUTE);
    if (after.transition) told[minute] = after.transition;
    state = after.state;
  }
  return { told, state };
}

it.each(cases)("$name", (one) => {
  const { told, state } = run(one);
  expect(told).toEqual(one.expect ?? {});
  expect(state?.phase).toBe(one.ends);
});

it("does not take the time of an interruption for time that was measured", () => {
  const timing: Timing = {
    for: 10 * MINUTE,
    keepFiringFor: 0,
    noData: "ignore",
    noDataAfter: 0,
    everyMs: MINUTE,
  };
  const bad = { value: 0.1, breached: true, cleared: false };
  const pending = advance(null, bad, timing, 0).state;
  const later = advance(pending, bad, timing, 60 * MINUTE);
  expect(later.transition).toBeNull();
  expect(later.state).toMatchObject({ phase: "pending", heldMs: 2 * MINUTE });
});

it("repeats nothing when the clock steps back", () => {
  const timing: Timing = { for: 0, keepFiringFor: 0, noData: "ignore", noDataAfter: 0, everyMs: MINUTE };
  const bad = { value: 0.1, breached: true, cleared: false };
  const fired = advance(null, bad, timing, 10 * MINUTE);
  expect(fired.transition).toBe("fired");
  expect(advance(fired.state, { value: 1, breached: false, cleared: true }, timing, 5 * MINUTE)).toEqual({
    state: fired.state,
    transition: null,
  });
});
