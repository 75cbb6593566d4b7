import type { Evidence } from "./evidence.ts";
import type { Overdue } from "./rotations.ts";
import { HOUR_MS } from "./time.ts";
import type { DetectorChange, Suspect } from "./types.ts";

/** How much likelier a change of such a part stops the rotation than a change of any part. */
const COMPONENTS: Readonly<Record<string, number>> = { scheduler: 8, tls: 3, proxy: 0.6 };
/** Rotations that stop without any change recorded: as often as this many average candidates. */
const UNRECORDED = 1.2;

/**
 * Changes that may have stopped a rotation: between the last rotation and the one that did not come, at the parts that
 * rotate keys. Rare kinds of change tell more than frequent ones.
 */
export function causesOfOverdue(late: Overdue, evidence: Evidence, nowMs: number): Suspect[] {
  const hours = evidence.observedMs(nowMs) / HOUR_MS;
  const windowH = (late.dueMs - late.lastMs) / HOUR_MS;
  const touching = evidence.changes.filter((change) => touches(change, late));
  const scored = touching
    .filter(
      ({ atMs, kind }) =>
        atMs > late.lastMs && atMs <= late.dueMs && (kind === "config" || kind === "deploy"),
    )
    .map((change) => {
      const like = touching.filter(
        (other) => other.component === change.component && other.kind === change.kind,
      ).length;
      const byChance = Math.max(0.05, (like / hours) * windowH);
      const part = change.component === null ? 1 : (COMPONENTS[change.component] ?? 0.05);
      const weight =
        ((change.endpoints === null ? 0.6 : 1) * (change.nodes === null ? 1 : 0.4) * part) / byChance / 4;
      return { change, weight, like };
    });
  const total = scored.reduce((sum, { weight }) => sum + weight, UNRECORDED);
  const suspects: Suspect[] = scored.map(({ change, weight, like }) => ({
    changeId: change.id,
    probability: weight / total,
    lagMs: late.dueMs - change.atMs,
    evidence: [
      {
        text: `${change.kind} of ${change.component ?? "an unnamed part"} since the last rotation`,
        weight: Math.log(weight),
      },
      { text: `${like} such changes in ${Math.round(hours)} h`, weight: 0 },
    ],
  }));
  suspects.push({
    changeId: null,
    probability: UNRECORDED / total,
    lagMs: null,
    evidence: [{ text: "no recorded change explains this", weight: 0 }],
  });
  return suspects.sort((a, b) => b.probability - a.probability).slice(0, 5);
}

function touches({ endpoints }: DetectorChange, late: Overdue): boolean {
  return endpoints === null || endpoints.some((endpoint) => late.endpoints.includes(endpoint));
}
