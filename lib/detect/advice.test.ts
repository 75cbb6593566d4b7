import { expect, it } from "vitest";
import { OWN_ADVICE } from "./advice/modes.ts";
import { ADVICE, adviceFor, recoversAlongAge, titleOf } from "./advice.ts";
import { MODES as DETECTED } from "./modes/all.ts";

const FAILURE_MODES = Array.from({ length: 38 }, (_, i) => `FM-${String(i + 1).padStart(2, "0")}`);

it("has advice for every failure mode, and for no other", () => {
  expect([...ADVICE.keys()].sort()).toEqual(FAILURE_MODES);
});

it.each(FAILURE_MODES)("%s says what to do first, what not to do, and what looks alike", (mode) => {
  const { title = "", first = "", doNot = [], lookAlikes = [] } = ADVICE.get(mode) ?? {};
  expect(title).toMatch(/^[A-Z].{5,80}[^.]$/);
  expect(first).toMatch(/^[A-Z].{20,}\.$/);
  expect(doNot.length).toBeGreaterThan(0);
  for (const text of doNot) expect(text).toMatch(/^Do not .+\.$/);
  expect(lookAlikes.length).toBeGreaterThan(0);
  for (const { mode: other, tell } of lookAlikes) {
    expect(FAILURE_MODES).toContain(other);
    expect(other).not.toBe(mode);
    expect(tell).toMatch(/^there /);
  }
});

it("advises by the first failure mode that is known, and honestly where none fits", () => {
  const rotation = { mode: "rotation_gap", failureModes: ["FM-03", "FM-08"] };
  expect(titleOf(rotation)).toBe("Keys were rotated without keeping the previous one");
  expect(adviceFor(rotation)).toMatchObject({ runbook: "docs/runbooks/FM-03.md" });
  const unknown = { mode: "unknown", failureModes: [] };
  expect(titleOf(unknown)).toBe("No known failure mode fits");
  expect(adviceFor(unknown)).toMatchObject({
    runbook: null,
    doNot: [expect.stringContaining("rotate"), expect.any(String)],
  });
  expect(titleOf({ mode: "mix_shift", failureModes: ["FM-99"] })).toBe("Mix shift");
});

it("knows which modes recover along the ages of tickets", () => {
  const along = FAILURE_MODES.filter((mode) => recoversAlongAge({ mode, failureModes: [mode] }));
  expect(along).toEqual(["FM-03", "FM-08", "FM-09", "FM-10", "FM-18", "FM-28", "FM-37"]);
});

it.each(DETECTED)("$id, which the detector tells, has a title of its own, advice and a runbook", (mode) => {
  const diagnosis = { mode: mode.id, failureModes: mode.failureModes };
  expect(titleOf(diagnosis)).toBe(mode.title);
  const { first, doNot, runbook } = adviceFor(diagnosis);
  expect(first).toMatch(/\.$/);
  expect(doNot.every((text) => /^Do not .+\.$/.test(text))).toBe(true);
  expect(doNot.length).toBeGreaterThan(0);
  expect(runbook).toBe(`docs/runbooks/${mode.failureModes[0]}.md`);
});

it("keeps no advice of its own for a mode that nobody tells", () => {
  const told = new Set([...DETECTED.map(({ id }) => id), "surge"]);
  expect(Object.keys(OWN_ADVICE).filter((mode) => !told.has(mode))).toEqual([]);
});

it("sees an emptied cache fill along the ages of sessions, and a partition not", () => {
  expect(recoversAlongAge({ mode: "cache_flush", failureModes: ["FM-13"] })).toBe(true);
  expect(recoversAlongAge({ mode: "cache_partition", failureModes: ["FM-13"] })).toBe(false);
});
