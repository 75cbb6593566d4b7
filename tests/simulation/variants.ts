/**
 * Makes variants of a labelled split, to see whether detection holds beyond it:
 *   node tests/simulation/variants.ts SPLIT OUT [seed]
 * Half of OUT are scenarios told anew (other volume, noise, hours, names), half have faults of other kinds planted in.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { dice } from "../support/traffic.ts";
import { KINDS } from "../support/variants/kinds.ts";
import { pick } from "../support/variants/random.ts";
import { retell } from "../support/variants/resample.ts";
import { readScenario, writeScenario } from "../support/variants/scenario.ts";
import { transplant } from "../support/variants/transplant.ts";

/** Scenarios with more rows than this take too long to be worth it. */
const MOST_ROWS = 120_000;
const PLANTED_IN_EACH = 6;

const [split = "", out = "", seedText = "1"] = process.argv.slice(2);
const random = dice(Number(seedText));
const names = readdirSync(split).filter((name) => /^[a-z]\d+$/.test(name));
/** Every kind comes about equally often. */
let hand: string[] = [];
const deal = (): string => {
  if (hand.length === 0) {
    hand = KINDS.map(({ kind }) => ({ kind, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ kind }) => kind);
  }
  return hand.pop() ?? "";
};

for (const [i, name] of names.entries()) {
  const scenario = readScenario(join(split, name));
  if (scenario.rows.length > MOST_ROWS) continue;
  const quiet = scenario.labels.faults.length <= 1;
  if (quiet) {
    const planted = transplant(scenario, Array.from({ length: PLANTED_IN_EACH }, deal), random);
    writeScenario(join(out, `p-${name}`), `p-${name}`, scenario);
    process.stdout.write(`p-${name}: ${planted} planted\n`);
  } else if (i % 2 === Number(seedText) % 2) {
    const scale = pick(random, [0.3, 0.8, 3]);
    const told = retell(scenario, { scale, shiftHours: Math.floor(random() * 24), random });
    writeScenario(join(out, `r-${name}`), `r-${name}`, told);
    process.stdout.write(`r-${name}: volume x ${scale}\n`);
  }
}
