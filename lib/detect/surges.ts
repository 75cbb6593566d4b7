import type { Endpoint } from "./endpoint.ts";
import { explainSurge } from "./explain.ts";
import { Incident } from "./incident.ts";
import type { Finding } from "./judge.ts";
import { onsetOf } from "./onset.ts";
import { RESUME, STREAMS } from "./streams.ts";
import { HOUR_MS, MINUTE_MS, type Span } from "./time.ts";
import type { DetectorEvent } from "./types.ts";

/** A surge is over after so long without more than usual. */
const CALM_MS = 60 * MINUTE_MS;
/** Over how long the volume is looked at. */
const LOOK_MS = HOUR_MS;
/** More than usual by so many spreads is a surge. */
const SIGMAS = 3;
/** Classes with fewer handshakes than this in the time load nothing. */
const LEAST_USUAL = 50;

type Surge = { readonly span: Span; lastMs: number; told: string | null };

/**
 * Times in which more come than usual (new users, load tests, another platform). They are kept out of what is learned, a
 * resume rate that falls in them is told and not paged, and what they leave in the windows is taken out at their end.
 */
export class Surges {
  readonly #open = new Map<string, Surge>();
  readonly #bucketMs: number;

  constructor(bucketMs: number) {
    this.#bucketMs = bucketMs;
  }

  active(endpoint: Endpoint): boolean {
    return this.#open.has(endpoint.name);
  }

  /** Looks at the volume, and closes a surge that is over. `busy`: an incident of resumption is open. */
  follow(endpoint: Endpoint, nowMs: number, to: { busy: boolean; events: DetectorEvent[] }): void {
    const open = this.#open.get(endpoint.name);
    if (nowMs % (5 * MINUTE_MS) === 0 && this.#comesMore(endpoint, nowMs)) {
      if (open) open.lastMs = nowMs;
      else this.#begin(endpoint, nowMs - LOOK_MS / 2, nowMs);
      return;
    }
    if (!open || nowMs - open.lastMs < CALM_MS) return;
    open.span.endMs = nowMs;
    this.#open.delete(endpoint.name);
    if (!to.busy) wipe(endpoint, open.span.startMs);
    if (open.told !== null)
      to.events.push({ type: "resolved", id: open.told, atMs: nowMs, reason: "volume is as usual again" });
  }

  /** A rate that falls because of a surge: noted once, and taken out of the windows. */
  tell(
    endpoint: Endpoint,
    lead: Finding,
    to: { nowMs: number; events: DetectorEvent[]; nextId: () => string },
  ): void {
    const { nowMs } = to;
    const onset = onsetOf(lead, nowMs, this.#bucketMs);
    const onsetMs = onset.atMs;
    wipe(endpoint, Math.max(onsetMs, nowMs - 24 * HOUR_MS));
    const surge = this.#open.get(endpoint.name) ?? this.#begin(endpoint, onsetMs, nowMs);
    surge.lastMs = nowMs;
    if (surge.told !== null) return;
    surge.told = to.nextId();
    const incident = new Incident({
      id: surge.told,
      endpoint,
      class: "info",
      openedMs: nowMs,
      onset,
      lead,
      before: 0,
      span: surge.span,
    });
    to.events.push({
      type: "opened",
      id: incident.id,
      atMs: nowMs,
      class: "info",
      family: lead.stream.family,
      departure: incident.departure(nowMs),
      explanation: explainSurge(incident, nowMs),
    });
  }

  #begin(endpoint: Endpoint, startMs: number, nowMs: number): Surge {
    const span = endpoint.mask("resumption").add({ startMs, endMs: Number.POSITIVE_INFINITY });
    const surge: Surge = { span, lastMs: nowMs, told: null };
    this.#open.set(endpoint.name, surge);
    return surge;
  }

  /** Whether any class of customers comes clearly more than usual. */
  #comesMore(endpoint: Endpoint, nowMs: number): boolean {
    for (const [key, traffic] of endpoint.classes) {
      const group = endpoint.groups.get(`class:${key}`);
      if (!group || traffic.machines) continue;
      const fromMs = nowMs - LOOK_MS;
      const usual = traffic.volume.usualBetween(fromMs, nowMs, this.#bucketMs);
      const came = group.buckets.sum(RESUME, fromMs, nowMs, {
        seen: 0,
        expected: 0,
        trials: 0,
        variance: 0,
      }).trials;
      const spread = Math.hypot(traffic.volume.spread, 1 / Math.sqrt(Math.max(1, usual)));
      if (usual > 0 && came > usual * (1 + SIGMAS * spread)) return true;
    }
    return false;
  }
}

/** How many came in a time over how many usually do, in the class where that is most; at least 1. */
export function loadFactor(endpoint: Endpoint, fromMs: number, nowMs: number, bucketMs: number): number {
  // Machines are in no resume rate, so handshakes are counted where failures are.
  const all = STREAMS.findIndex(({ name }) => name === "failure");
  let most = 1;
  for (const [key, traffic] of endpoint.classes) {
    const usual = traffic.volume.usualBetween(fromMs, nowMs, bucketMs);
    const group = endpoint.groups.get(`class:${key}`);
    if (!group || usual < LEAST_USUAL) continue;
    const came = group.buckets.sum(all, fromMs, nowMs, {
      seen: 0,
      expected: 0,
      trials: 0,
      variance: 0,
    }).trials;
    if (came > usual * (1 + 2 * traffic.volume.spread)) most = Math.max(most, came / usual);
  }
  return most;
}

function wipe(endpoint: Endpoint, fromMs: number): void {
  for (const group of endpoint.groups.values())
    for (const [s, { family }] of STREAMS.entries()) if (family === "resumption") group.wipe(s, fromMs);
}
