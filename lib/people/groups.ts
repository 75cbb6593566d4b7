import { type Role, suffices } from "../domain/roles.ts";
import type { GroupRole } from "../runtime/groups.ts";

/** Stands for every tenant in the configuration file. */
export const EVERYWHERE = "*";

/** The groups that a profile of an identity provider lists under `claim`: one text, or several. */
export function groupsOf(profile: Readonly<Record<string, unknown>>, claim: string): readonly string[] {
  const told = profile[claim];
  const list: readonly unknown[] = Array.isArray(told) ? told : [told];
  return list.filter((group): group is string => typeof group === "string");
}

/** The greatest role that these groups give, by the tenant's name or EVERYWHERE. */
export function rolesOf(groups: readonly string[], known: readonly GroupRole[]): ReadonlyMap<string, Role> {
  const roles = new Map<string, Role>();
  for (const { group, tenant, role } of known) {
    const before = roles.get(tenant);
    if (groups.includes(group) && !(before && suffices(before, role))) roles.set(tenant, role);
  }
  return roles;
}
