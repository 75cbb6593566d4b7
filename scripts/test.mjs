/** `npm test`: everything, from a fresh clone. Ends with one line of counts. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import {
  build,
  checkNode,
  generate,
  goOnUnderOwnNode,
  install,
  installPrograms,
  ownPath,
  ROOT,
} from "./steps.mjs";

checkNode();
process.chdir(ROOT);
if (process.env.REPRISE_OWN_NODE !== "1") installPrograms();
await install();
await goOnUnderOwnNode(fileURLToPath(import.meta.url));
await generate();

const reports = mkdtempSync(join(tmpdir(), "reprise-reports-"));
const env = { ...process.env, ...ownPath(), NEXT_TELEMETRY_DISABLED: "1" };
const totals = { passed: 0, failed: 0, skipped: 0 };
const broken = [];
/** Each failed test: its file, its name, and how its message begins. */
const failures = [];
/** The same of tests over real programs that passed when they were tried again. */
const again = [];

check("types of routes", "next", ["typegen"]);
check("types", "tsc", ["--noEmit"]);
check("lint", "biome", ["check", "--colors=off", "--diagnostic-level=error"]);
vitest();
await build();
playwright();

// The last lines are what is left to read of a run elsewhere.
for (const what of again) process.stdout.write(`SECOND TRY: ${what}\n`);
for (const what of [...failures, ...broken]) process.stdout.write(`FAILED: ${what}\n`);
process.stdout.write(
  `${totals.passed} passed, ${totals.failed + broken.length} failed, ${totals.skipped} skipped\n`,
);
process.exit(broken.length || totals.failed ? 1 : 0);

function run(what, command, words, more = {}) {
  process.stdout.write(`\n== ${what}\n`);
  return spawnSync(command, words, { cwd: ROOT, env: { ...env, ...more }, stdio: "inherit" }).status === 0;
}

function check(what, command, words) {
  if (run(what, command, words)) totals.passed += 1;
  else broken.push(what);
}

function vitest() {
  const file = join(reports, "vitest.json");
  const words = [
    "run",
    "--reporter=default",
    "--reporter=json",
    "--reporter=./scripts/second-tries.mjs",
    `--outputFile.json=${file}`,
    "--silent=passed-only",
  ];
  const secondTries = join(reports, "second-tries.json");
  const ok = run("unit, structure, property, conformance and integration tests", "vitest", words, {
    REPRISE_SECOND_TRIES: secondTries,
  });
  if (existsSync(secondTries))
    for (const one of JSON.parse(readFileSync(secondTries, "utf8"))) note(again, one);
  if (!existsSync(file)) return broken.push("vitest");
  const report = JSON.parse(readFileSync(file, "utf8"));
  for (const { name, assertionResults, message } of report.testResults) {
    for (const one of assertionResults)
      if (one.status === "failed")
        note(failures, { file: name, title: one.fullName, message: one.failureMessages.join("\n") });
    if (assertionResults.length === 0 && message)
      note(failures, { file: name, title: "(whole file)", message });
  }
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests;
  totals.skipped += report.numPendingTests + report.numTodoTests;
  if (!ok && report.numFailedTests === 0) broken.push("vitest");
}

function playwright() {
  const file = join(reports, "playwright.json");
  const ok = run("end-to-end tests", "playwright", ["test"], { PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  if (!existsSync(file)) return broken.push("playwright");
  const { stats, suites } = JSON.parse(readFileSync(file, "utf8"));
  for (const spec of suites.flatMap(specsOf)) {
    const failed = spec.tests.flatMap(({ results }) => results).find(({ error }) => error);
    const message = failed?.error.message ?? "";
    if (failed) note(spec.ok ? again : failures, { file: spec.file, title: spec.title, message });
  }
  totals.passed += stats.expected + stats.flaky;
  totals.failed += stats.unexpected;
  totals.skipped += stats.skipped;
  if (!ok && stats.unexpected === 0) broken.push("playwright");
}

/** All specs of a suite of Playwright's report, those of nested suites too. */
function specsOf({ specs = [], suites = [] }) {
  return [...specs, ...suites.flatMap(specsOf)];
}

function note(list, { file, title, message }) {
  const lines = stripVTControlCharacters(message)
    .split("\n")
    .slice(0, 12)
    .map((line) => `    ${line.slice(0, 400)}`);
  list.push(`${relative(ROOT, resolve(ROOT, file))} › ${title}\n${lines.join("\n")}`);
}
