import type { TrafficClass } from "./cell.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Group } from "./group.ts";
import type { Finding } from "./judge.ts";

/** When a finding began, and what time it is. */
export type When = {
  readonly onsetMs: number;
  readonly nowMs: number;
  readonly bucketMs: number;
  /** It came slowly. */
  readonly slow: boolean;
  /** More come than usual, as of the last hour. */
  readonly surging: boolean;
};

/** The customers' classes that a finding is about. */
export function classesIn(endpoint: Endpoint, finding: Finding): { traffic: TrafficClass; group: Group }[] {
  return [...endpoint.classes].flatMap(([key, traffic]) => {
    const group = endpoint.groups.get(`class:${key}`);
    const inside = group && !traffic.machines && inGroup(finding, key, traffic.family, traffic.protocol);
    return inside ? [{ traffic, group }] : [];
  });
}

function inGroup({ group }: Finding, key: string, family: string | null, protocol: string | null): boolean {
  if (group.kind === "class") return group.name === key;
  if (group.kind === "family") return group.name === family;
  if (group.kind === "protocol") return group.name === protocol;
  return true;
}
