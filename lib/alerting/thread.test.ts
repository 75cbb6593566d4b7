import { expect, it } from "vitest";
import type { TellReason } from "../domain/alert-phase.ts";
import { NEW_THREAD, type ThreadAlert, type ThreadState, tell } from "./thread.ts";

const S = 1_000;
const TIMING = {
  groupWaitMs: 30 * S,
  groupIntervalMs: 300 * S,
  repeatIntervalMs: 3_600 * S,
  acknowledged: false,
};
const alert = (id: string, firedMs = 0, firing = true): ThreadAlert => ({ id, firing, firedMs });

/** Plays a course of alerts at moments (in seconds) and answers what was told when. */
function play(
  course: readonly (readonly [atS: number, alerts: readonly ThreadAlert[]])[],
  timing = TIMING,
): [number, TellReason][] {
  let state: ThreadState = NEW_THREAD;
  return course.flatMap(([atS, alerts]) => {
    const after = tell(state, alerts, timing, atS * S);
    state = after.state;
    return after.reason ? [[atS, after.reason] as [number, TellReason]] : [];
  });
}

it("waits for more before it tells for the first time, and tells them together", () => {
  expect(
    play([
      [0, [alert("a")]],
      [10, [alert("a"), alert("b")]],
      [30, [alert("a"), alert("b")]],
      [31, [alert("a"), alert("b")]],
    ]),
  ).toEqual([[30, "first"]]);
});

it("never tells what ended before it was told", () => {
  expect(
    play([
      [0, [alert("a")]],
      [20, []],
      [40, [alert("a", 40 * S)]],
      [69, [alert("a", 40 * S)]],
      [70, [alert("a", 40 * S)]],
    ]),
  ).toEqual([[70, "first"]]);
});

it("tells of more and of fewer after the interval, of the end at once", () => {
  expect(
    play([
      [0, [alert("a")]],
      [30, [alert("a")]],
      [60, [alert("a"), alert("b", 60 * S)]],
      [329, [alert("a"), alert("b", 60 * S)]],
      [330, [alert("a"), alert("b", 60 * S)]],
      [400, [alert("b", 60 * S)]],
      [630, [alert("b", 60 * S)]],
      [640, []],
      [650, []],
    ]),
  ).toEqual([
    [30, "first"],
    [330, "more"],
    [630, "fewer"],
    [640, "resolved"],
  ]);
});

it("the same alert firing anew is news", () => {
  expect(
    play([
      [0, [alert("a"), alert("b")]],
      [30, [alert("a"), alert("b")]],
      [400, [alert("a"), alert("b", 390 * S)]],
    ]),
  ).toEqual([
    [30, "first"],
    [400, "more"],
  ]);
});

it("repeats while it lasts, unless somebody has acknowledged it", () => {
  const course = [0, 30, 3_600, 3_630, 3_640, 7_230].map((atS) => [atS, [alert("a")]] as const);
  expect(play(course)).toEqual([
    [30, "first"],
    [3_630, "repeat"],
    [7_230, "repeat"],
  ]);
  expect(play(course, { ...TIMING, acknowledged: true })).toEqual([[30, "first"]]);
});

it("a diagnosis does not wait for the interval", () => {
  const diagnosis = { ...alert("incident", 60 * S), urgent: true };
  expect(
    play([
      [0, [alert("a")]],
      [30, [alert("a")]],
      [60, [alert("a"), diagnosis]],
      [90, [alert("a"), diagnosis]],
    ]),
  ).toEqual([
    [30, "first"],
    [90, "more"],
  ]);
});
