/**
 * The editable cost table, in the file that REPRISE_CONFIG names:
 *
 *     costs:
 *       certificate: ecdsa_p256             # what endpoints serve that are not named below
 *       endpoints: { shop.example: rsa_4096 }
 *       cpuUs:                              # server CPU in microseconds, added to the defaults or replacing them
 *         rsa_4096:
 *           TLSv1.2: { full: 4200, resumed: 190 }
 *           TLSv1.3: { full: 4300, resumed: 390 }
 */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { type CostTable, DEFAULT_COSTS } from "../domain/cost.ts";
import { SettingsError } from "./settings.ts";
import { parseYaml } from "./yaml.ts";

const name = z.string().min(1).max(253);
const micros = z.number().min(0).max(1e9);
const cost = z
  .strictObject({ full: micros, resumed: micros })
  .refine(({ full, resumed }) => full >= resumed, "a full handshake cannot cost less than a resumed one")
  .transform(({ full, resumed }) => ({ fullUs: full, resumedUs: resumed }));

/** The `costs` part of the configuration file. */
export const costsPart = z
  .strictObject({
    certificate: name.default(DEFAULT_COSTS.certificate),
    endpoints: z.record(name, name).default({}),
    cpuUs: z.record(name, z.strictObject({ "TLSv1.2": cost, "TLSv1.3": cost })).default({}),
  })
  .transform((costs, context): CostTable => {
    const cpuUs = { ...DEFAULT_COSTS.cpuUs, ...costs.cpuUs };
    for (const [endpoint, type] of [["", costs.certificate], ...Object.entries(costs.endpoints)] as const) {
      if (Object.hasOwn(cpuUs, type)) continue;
      const path = endpoint === "" ? ["certificate"] : ["endpoints", endpoint];
      context.addIssue({ code: "custom", path, message: `${type} has no costs in cpuUs` });
    }
    return { ...costs, cpuUs };
  });

/** What else stands in the file is the collector's and checked there. */
const fileWithCosts = z.looseObject({ costs: costsPart.optional() });

/**
 * The cost table of the file that REPRISE_CONFIG names; the defaults where there is none or it says nothing of costs. Throws
 * SettingsError with file, line and field.
 */
export function loadCosts(path: string): CostTable {
  if (path === "") return DEFAULT_COSTS;
  if (!existsSync(path)) throw new SettingsError(`REPRISE_CONFIG names ${path}, which does not exist.`);
  return parseCosts(readFileSync(path, "utf8"), path);
}

/** The same from a text; `path` is for messages. */
export function parseCosts(text: string, path: string): CostTable {
  return parseYaml(text, path, fileWithCosts).costs ?? DEFAULT_COSTS;
}
