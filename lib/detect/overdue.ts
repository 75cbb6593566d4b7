import type { Evidence } from "./evidence.ts";
import { causesOfOverdue } from "./overdue-cause.ts";
import type { Overdue } from "./rotations.ts";
import type { DetectorEvent, Explanation } from "./types.ts";

/** Watches schedules of key rotation: a rotation that does not come leaves every rate as it is (DOMAIN FM-05). */
export class Overdues {
  readonly #open = new Map<string, string>();

  tick(evidence: Evidence, nowMs: number, nextId: () => string): DetectorEvent[] {
    const events: DetectorEvent[] = [];
    const overdue = new Map(evidence.rotations.overdue(nowMs).map((late) => [late.keyGroup, late]));
    for (const [keyGroup, id] of this.#open)
      if (!overdue.has(keyGroup)) {
        this.#open.delete(keyGroup);
        events.push({ type: "resolved", id, atMs: nowMs, reason: "keys were rotated" });
      }
    for (const [keyGroup, late] of overdue)
      if (!this.#open.has(keyGroup)) {
        const id = nextId();
        this.#open.set(keyGroup, id);
        events.push({
          type: "opened",
          id,
          atMs: nowMs,
          class: "page",
          family: "rotation",
          departure: {
            signal: "key_age",
            group: `key_group:${late.keyGroup}`,
            yardstick: "schedule",
            observed: nowMs - late.lastMs,
            expected: late.dueMs - late.lastMs,
            trials: 1,
            sigmas: 0,
            windowMs: nowMs - late.lastMs,
          },
          explanation: explainOverdue(late, evidence, nowMs),
        });
      }
    return events;
  }
}

function explainOverdue(late: Overdue, evidence: Evidence, nowMs: number): Explanation {
  return {
    scope: { endpoints: late.endpoints, nodes: null, regions: null, families: null, protocols: null },
    onsetMs: late.dueMs,
    diagnoses: [
      {
        mode: "rotation_stopped",
        failureModes: ["FM-05"],
        probability: 0.97,
        evidence: [
          { text: "keys were rotated on a schedule, and the last rotation did not come", weight: 3.5 },
        ],
      },
      { mode: "unknown", failureModes: [], probability: 0.03, evidence: [] },
    ],
    suspects: causesOfOverdue(late, evidence, nowMs),
  };
}
