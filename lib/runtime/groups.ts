/**
 * What groups of an identity provider may do, in the file that REPRISE_CONFIG names:
 *
 *     groups:
 *       - { group: sre, tenant: default, role: operator }
 *       - { group: sre-leads, tenant: "*", role: admin }    # in every tenant
 */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { ROLES } from "../domain/roles.ts";
import { SettingsError } from "./settings.ts";
import { parseYaml } from "./yaml.ts";

const name = z.string().min(1).max(253);

/** The `groups` part of the configuration file; tenant "*" stands for every one. */
export const groupsPart = z
  .array(z.strictObject({ group: name, tenant: name.default("default"), role: z.enum(ROLES) }))
  .max(1_000);
export type GroupRole = z.infer<typeof groupsPart>[number];

/** What else stands in the file is the collector's and checked there. */
const fileWithGroups = z.looseObject({ groups: groupsPart.optional() });

/** The groups of the file that REPRISE_CONFIG names; none where there is none. Throws SettingsError with file, line and field. */
export function loadGroups(path: string): readonly GroupRole[] {
  if (path === "") return [];
  if (!existsSync(path)) throw new SettingsError(`REPRISE_CONFIG names ${path}, which does not exist.`);
  return parseYaml(readFileSync(path, "utf8"), path, fileWithGroups).groups ?? [];
}
