import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

/** The labelled scenarios and their scorer lie beside the repository where somebody works on detection. */
const SPLIT = "../shared/anomaly/dev";
const SCORER = "../shared/anomaly/score.mjs";

function whyNot(): string | null {
  if (!process.env.REPRISE_SIMULATION) return "REPRISE_SIMULATION is not set";
  return existsSync(SPLIT) && existsSync(SCORER) ? null : `${SPLIT} is missing`;
}
const reason = whyNot();

it.skipIf(reason !== null)(`beats what is known to be reachable${reason ? ` (${reason})` : ""}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "reprise-anomaly-"));
  const found = join(folder, "found.ndjson");
  const scores = join(folder, "scores.json");
  execFileSync(process.execPath, ["collector/cli/main.ts", "detect", SPLIT, "--out", found]);
  execFileSync(process.execPath, [SCORER, SPLIT, found, "--json", scores, "--no-chance"]);
  const { summary } = JSON.parse(readFileSync(scores, "utf8"));
  rmSync(folder, { recursive: true });
  expect(summary.f1).toBeGreaterThanOrEqual(0.93);
  expect(summary.false_alarms_per_endpoint_week).toBeLessThanOrEqual(0.12);
  expect(summary.delay_median_min).toBeLessThanOrEqual(5);
  expect(summary.attribution_top1).toBeGreaterThanOrEqual(0.89);
  expect(summary.kind_accuracy).toBeGreaterThanOrEqual(0.87);
  expect(summary.sre_score).toBeGreaterThanOrEqual(86.6);
});
