import { boundProblem, type Grant, type Place } from "../../lib/domain/source-token.ts";

/** Whether a sender may tell of any place. */
export const isUnbounded = (grant: Grant | null): boolean =>
  grant === null || (grant.endpoints === null && grant.nodes === null);

/** Why a sender may not tell of a place, or not under the name that it goes by; null when it may. */
export function placeProblem(grant: Grant | null, place: Place, sender: string): string | null {
  if (grant === null || isUnbounded(grant)) return null;
  const asSender = sender === "" ? null : boundProblem({ ...grant, endpoints: null }, { node: sender });
  return boundProblem(grant, place) ?? asSender;
}

/** Things that a sender says were done, beside what its telemetry shows; by the scope that they need. */
const NEEDED = { change: "changes", keyEvent: "keys" } as const;

/** Why a sender may not say such a thing; null when it may. */
export function scopeProblem(grant: Grant | null, kind: string): string | null {
  const needed = kind in NEEDED ? NEEDED[kind as keyof typeof NEEDED] : null;
  if (grant === null || needed === null || grant.scopes.includes(needed)) return null;
  return `this token has no scope "${needed}"`;
}
