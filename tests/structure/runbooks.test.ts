import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ADVICE, runbookOf } from "../../lib/detect/advice.ts";

const SECTIONS = ["Confirm with Reprise", "First action", "Do not", "Afterwards", "Sources"];
/** One page, as printed. */
const MOST_LINES = 60;

/** What is done on purpose, whatever mode it answers. */
const PROCEDURES = ["emergency-rotation.md"];

it("there is a runbook for every failure mode, and no other but procedures", () => {
  const expected = [...[...ADVICE.keys()].map((mode) => `${mode}.md`), ...PROCEDURES].sort();
  expect(readdirSync("docs/runbooks").sort()).toEqual(expected);
});

it.each([...ADVICE])("the runbook of %s says what the incident page says, on one page", (mode, advice) => {
  const text = readFileSync(runbookOf(mode), "utf8");
  expect(text.startsWith(`# ${mode}: ${advice.title}\n`)).toBe(true);
  expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual(SECTIONS);
  expect(text).toContain(`\n${advice.first}\n`);
  for (const sentence of advice.doNot) expect(text).toContain(`\n- ${sentence}\n`);
  for (const { mode: other } of advice.lookAlikes) expect(text).toContain(`[${other}](${other}.md)`);
  expect(text.split("\n").length).toBeLessThanOrEqual(MOST_LINES);
  const lines = text.split("\n");
  expect(lines.filter((line) => line.length > 200)).toEqual([]);
});

it("the metrics and dimensions that runbooks name can be asked for", async () => {
  const { METRICS, GROUPINGS } = await import("../../lib/contract/read.ts");
  const texts = readdirSync("docs/runbooks").map((name) => readFileSync(`docs/runbooks/${name}`, "utf8"));
  const asked = texts.flatMap((text) => [...text.matchAll(/\/api\/series\?([\w=&.,]+)/g)]);
  expect(asked.length).toBeGreaterThan(5);
  for (const [, query = ""] of asked) {
    const params = new URLSearchParams(query);
    expect(METRICS).toContain(params.get("metric"));
    for (const by of params.get("by")?.split(",") ?? []) expect(GROUPINGS).toContain(by);
  }
});

it("procedures fit a page too, and the modes that they answer lead to them", () => {
  for (const name of PROCEDURES) {
    expect(readFileSync(`docs/runbooks/${name}`, "utf8").split("\n").length).toBeLessThanOrEqual(MOST_LINES);
    const leading = ["FM-07", "FM-08"].filter((mode) =>
      readFileSync(runbookOf(mode), "utf8").includes(`(${name})`),
    );
    expect(leading).toEqual(["FM-07", "FM-08"]);
  }
});
