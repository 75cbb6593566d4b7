import type { Endpoint } from "./endpoint.ts";
import type { Group } from "./group.ts";
import { STREAMS } from "./streams.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time.ts";
import type { DetectorEvent } from "./types.ts";

/** A node is silent when it has not been heard for so long, or for so many buckets. */
const SILENT_MS = 10 * MINUTE_MS;
const SILENT_BUCKETS = 3;
/** Only what usually reports in nearly every bucket can fall silent. */
const BUSY_PART = 0.9;
const BUSY_MS = 2 * HOUR_MS;
/** A node that is silent for longer was taken out of service. */
const GONE_MS = DAY_MS;

const ALL = STREAMS.findIndex(({ name }) => name === "failure");

/** Nodes whose telemetry is missing (DOMAIN FM-36): told as that, never as a departure of what they would have told. */
export class Gaps {
  readonly #open = new Map<string, { readonly id: string; readonly nodes: Set<string> }>();
  readonly #bucketMs: number;

  constructor(bucketMs: number) {
    this.#bucketMs = bucketMs;
  }

  follow(endpoint: Endpoint, nowMs: number, to: { events: DetectorEvent[]; nextId: () => string }): void {
    const nodes = [...endpoint.groups.values()].filter(({ kind }) => kind === "node");
    const open = this.#open.get(endpoint.name);
    if (open) {
      const still = nodes.filter(
        ({ name, lastSeenMs }) => open.nodes.has(name) && this.#silent(lastSeenMs, nowMs),
      );
      if (still.length > 0) return;
      this.#open.delete(endpoint.name);
      to.events.push({ type: "resolved", id: open.id, atMs: nowMs, reason: "telemetry arrives again" });
      return;
    }
    const silent = nodes.filter((group) => this.#silent(group.lastSeenMs, nowMs) && this.#busy(group));
    if (silent.length === 0) return;
    const id = to.nextId();
    this.#open.set(endpoint.name, { id, nodes: new Set(silent.map(({ name }) => name)) });
    to.events.push(told(id, endpoint, { silent, all: nodes.length, nowMs, bucketMs: this.#bucketMs }));
  }

  #silent(lastSeenMs: number, nowMs: number): boolean {
    const quietMs = nowMs - lastSeenMs - this.#bucketMs;
    return quietMs >= Math.max(SILENT_MS, SILENT_BUCKETS * this.#bucketMs) && quietMs < GONE_MS;
  }

  /** Whether a node told of handshakes in nearly every bucket until it fell silent. */
  #busy({ buckets, lastSeenMs }: Group): boolean {
    let seen = 0;
    let all = 0;
    for (let atMs = lastSeenMs; atMs > lastSeenMs - BUSY_MS; atMs -= this.#bucketMs) {
      all += 1;
      if (buckets.trialsAt(ALL, atMs) > 0) seen += 1;
    }
    return seen >= BUSY_PART * all;
  }
}

function told(
  id: string,
  endpoint: Endpoint,
  of: { silent: readonly Group[]; all: number; nowMs: number; bucketMs: number },
): DetectorEvent {
  const names = of.silent.map(({ name }) => name);
  const onsetMs = Math.min(...of.silent.map(({ lastSeenMs }) => lastSeenMs)) + of.bucketMs;
  return {
    type: "opened",
    id,
    atMs: of.nowMs,
    class: "info",
    family: "telemetry",
    departure: {
      signal: "reports",
      group: `node:${names[0] ?? ""}`,
      yardstick: "schedule",
      observed: 0,
      expected: 1,
      trials: names.length,
      sigmas: 0,
      windowMs: of.nowMs - onsetMs,
    },
    explanation: {
      scope: {
        endpoints: [endpoint.name],
        nodes: names.length === of.all ? null : names,
        regions: null,
        families: null,
        protocols: null,
      },
      onsetMs,
      diagnoses: [
        {
          mode: "telemetry_gap",
          failureModes: ["FM-36"],
          probability: 0.8,
          evidence: [
            { text: `${names.join(", ")} told of handshakes in every bucket, and stopped`, weight: 2 },
          ],
        },
        { mode: "unknown", failureModes: [], probability: 0.2, evidence: [] },
      ],
      suspects: [{ changeId: null, probability: 1, lagMs: null, evidence: [] }],
    },
  };
}
