import type { Segment } from "../domain/handshake.ts";
import { OVERFLOW_NAME } from "../domain/vocabulary.ts";
import type { Cell } from "./cell.ts";
import { Endpoint, type Pending } from "./endpoint.ts";
import { Evidence } from "./evidence.ts";
import { explain } from "./explain.ts";
import { addRow, FEATURES } from "./features.ts";
import { Gaps } from "./gaps.ts";
import { Incident, type IncidentInit } from "./incident.ts";
import { type Finding, Judge } from "./judge.ts";
import { beforeOf, onsetOf } from "./onset.ts";
import { Overdues } from "./overdue.ts";
import { Relabellings } from "./relabelled.ts";
import { STREAMS } from "./streams.ts";
import { verdictOf } from "./surge.ts";
import { Surges } from "./surges.ts";
import { HOUR_MS, MINUTE_MS, type Span } from "./time.ts";
import { leadOf, mateOf } from "./together.ts";
import {
  type CacheReading,
  DEFAULT_SETTINGS,
  type DetectorChange,
  type DetectorEvent,
  type DetectorSettings,
  type KeyReading,
  type SignalFamily,
  type Silence,
  type TelemetryRow,
} from "./types.ts";

/** An explanation is looked at again so often while it is young, and so long. */
const REFINE_EVERY_MS = 5 * MINUTE_MS;
const REFINE_FOR_MS = 65 * MINUTE_MS;
/** So long a departure has to last before it can be taken as the new usual. */
const ACCEPT_AFTER_MS = 13 * HOUR_MS;
/** A departure that comes back within this time after it was resolved reopens its incident. */
const REOPEN_MS = 3 * HOUR_MS;
/** Unless something was changed since, so shortly before or, as onsets are not exact, after. */
const NEW_CAUSE_BEFORE_MS = 10 * MINUTE_MS;
const NEW_CAUSE_AFTER_MS = 3 * MINUTE_MS;
/**
 * Finds departures of resumption, early data, latency, failures and key rotation as telemetry arrives, and explains them. No
 * clock, no input or output: the caller feeds what has arrived and says what time it is. Work a tick grows with the segments
 * that are active, not with history.
 */
export class Detector {
  readonly #settings: DetectorSettings;
  readonly #judge: Judge;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #pending = new Map<Cell, Map<number, Pending>>();
  readonly #evidence = new Evidence();
  readonly #overdues = new Overdues();
  readonly #incidents = new Map<string, Incident>();
  readonly #closed = new Map<string, { readonly incident: Incident; readonly closedMs: number }>();
  readonly #surges: Surges;
  readonly #gaps: Gaps;
  readonly #relabellings = new Relabellings();
  #silences: Silence[] = [];
  #cells = 0;
  #left = 0;
  #serial = 0;

  constructor(settings: Partial<DetectorSettings> = {}) {
    this.#settings = { ...DEFAULT_SETTINGS, ...settings };
    this.#judge = new Judge(this.#settings.bucketMs);
    this.#surges = new Surges(this.#settings.bucketMs);
    this.#gaps = new Gaps(this.#settings.bucketMs);
  }

  /** Rows that were left out because there are more segments than `mostCells`. */
  get leftOut(): number {
    return this.#left;
  }

  feed(row: TelemetryRow): void {
    const endpoint = this.#endpoint(row.segment);
    const before = endpoint.cells.size;
    if (this.#cells >= this.#settings.mostCells && !endpoint.has(row.segment)) {
      this.#left += 1;
      return;
    }
    const cell = endpoint.cell(row.segment);
    this.#cells += endpoint.cells.size - before;
    let byTime = this.#pending.get(cell);
    if (!byTime) {
      byTime = new Map();
      this.#pending.set(cell, byTime);
    }
    let pending = byTime.get(row.atMs);
    if (!pending) {
      pending = { cell, atMs: row.atMs, sums: new Float64Array(FEATURES) };
      byTime.set(row.atMs, pending);
    }
    addRow(pending.sums, row);
  }

  change(change: DetectorChange): void {
    this.#evidence.change(change);
  }

  cache(reading: CacheReading): void {
    this.#evidence.cache(reading);
  }

  key(reading: KeyReading): void {
    this.#evidence.key(reading);
  }

  silence(silence: Silence): void {
    this.#silences.push(silence);
  }

  /**
   * Somebody says that a departure stays: what has been since its onset is usual from now on. Needs half a day of it; before,
   * and for an unknown id, nothing changes and the answer is false.
   */
  accept(id: string, nowMs: number): boolean {
    let accepted = false;
    for (const [key, incident] of this.#incidents) {
      if (incident.id !== id || nowMs - incident.onsetMs < ACCEPT_AFTER_MS) continue;
      incident.span.endMs = incident.span.startMs;
      this.#incidents.delete(key);
      incident.endpoint.relearn(incident.family, incident.onsetMs, nowMs);
      accepted = true;
    }
    return accepted;
  }

  /** Closes the buckets before `nowMs` and answers what changed: opened, refined and resolved incidents. */
  tick(nowMs: number): DetectorEvent[] {
    const events: DetectorEvent[] = [];
    const byEndpoint = new Map<Endpoint, Pending[]>();
    for (const [cell, byTime] of this.#pending) {
      const endpoint = this.#endpoint(cell.segment);
      const list = byEndpoint.get(endpoint) ?? [];
      list.push(...byTime.values());
      byEndpoint.set(endpoint, list);
    }
    this.#pending.clear();
    for (const endpoint of this.#endpoints.values()) {
      const { rotations } = this.#evidence;
      endpoint.flush(byEndpoint.get(endpoint) ?? [], nowMs, (atMs) => rotations.sinceMs(endpoint.name, atMs));
      this.#tickEndpoint(endpoint, nowMs, events);
    }
    events.push(...this.#overdues.tick(this.#evidence, nowMs, () => this.#nextId()));
    this.#silences = this.#silences.filter(({ endMs }) => endMs > nowMs - 24 * HOUR_MS);
    return events;
  }

  #tickEndpoint(endpoint: Endpoint, nowMs: number, events: DetectorEvent[]): void {
    for (const family of new Set(STREAMS.map((stream) => stream.family))) {
      const incident = this.#incidents.get(`${endpoint.name}\u0000${family}`);
      if (incident) this.#follow(incident, nowMs, events);
    }
    const busy = this.#incidents.has(`${endpoint.name}\u0000resumption`);
    this.#surges.follow(endpoint, nowMs, { busy, events });
    const warm = nowMs - endpoint.firstSeenMs >= this.#settings.warmUpHours * HOUR_MS;
    if (warm) this.#gaps.follow(endpoint, nowMs, { events, nextId: () => this.#nextId() });
    this.#relabellings.follow(endpoint, nowMs, events);
    const open = (family: SignalFamily) => this.#incidents.has(`${endpoint.name}\u0000${family}`);
    const findings = this.#judge.judge(endpoint, nowMs, { ...this.#settings, open });
    if (!warm) return;
    for (const family of new Set(findings.map(({ stream }) => stream.family)))
      this.#open(
        endpoint,
        findings.filter(({ stream }) => stream.family === family),
        { nowMs, events },
      );
  }

  #open(endpoint: Endpoint, findings: Finding[], to: { nowMs: number; events: DetectorEvent[] }): void {
    const { nowMs, events } = to;
    const { bucketMs } = this.#settings;
    const order = [...findings].sort((a, b) => b.z - a.z);
    const surging = this.#surges.active(endpoint);
    let surge: Finding | null = null;
    for (const lead of order) {
      const onset = onsetOf(lead, nowMs, bucketMs);
      const onsetMs = onset.atMs;
      const verdict = verdictOf(endpoint, lead, { onsetMs, nowMs, bucketMs, surging, slow: onset.slow });
      if (verdict === "surge") surge ??= lead;
      if (verdict === "relabelled") {
        this.#relabellings.tell(endpoint, lead, { onsetMs, nowMs, events, nextId: () => this.#nextId() });
        return;
      }
      if (verdict !== "fault" || this.#relabellings.mutes(endpoint, lead)) continue;
      const quiet = this.#silenced(endpoint.name, onsetMs, nowMs);
      const span = endpoint
        .mask(lead.stream.family)
        .add({ startMs: onsetMs, endMs: Number.POSITIVE_INFINITY });
      if (this.#reopened(lead, endpoint, span, to)) return;
      const before = beforeOf(lead, onsetMs);
      const init = { endpoint, class: quiet ? "info" : "page", onset, lead, before, span } as const;
      this.#begin(init, nowMs, events);
      return;
    }
    if (surge) this.#surges.tell(endpoint, surge, { ...to, nextId: () => this.#nextId() });
  }

  /** A new incident, or one more signal of an open one that has the same cause. */
  #begin(init: Omit<IncidentInit, "id" | "openedMs">, nowMs: number, events: DetectorEvent[]): void {
    const { endpoint } = init;
    const key = `${endpoint.name}\u0000${init.lead.stream.family}`;
    const alone = new Incident({ ...init, id: "", openedMs: nowMs });
    const own = explain(alone, this.#evidence, nowMs, this.#settings.bucketMs);
    const open = [...this.#incidents.values()].filter((other) => other.endpoint === endpoint);
    const mate = mateOf(open, alone, own);
    const { id = this.#nextId(), openedMs = nowMs, toldAs } = mate ?? {};
    const incident = new Incident({ ...init, id, openedMs, ...(toldAs && { toldAs }) });
    this.#incidents.set(key, incident);
    this.#tell(mate ? "refined" : "opened", incident, nowMs, events);
  }

  /** What comes back soon after it was resolved is the same incident; after a new change, with another signal or larger it is a new one. */
  #reopened(
    lead: Finding,
    endpoint: Endpoint,
    span: Span,
    { nowMs, events }: { nowMs: number; events: DetectorEvent[] },
  ): boolean {
    const key = `${endpoint.name}\u0000${lead.stream.family}`;
    const last = this.#closed.get(key);
    if (!last || nowMs - last.closedMs > REOPEN_MS || !last.incident.covers(lead)) return false;
    const fromMs = Math.max(last.closedMs, span.startMs - NEW_CAUSE_BEFORE_MS);
    if (this.#evidence.changed(endpoint.name, fromMs, span.startMs + NEW_CAUSE_AFTER_MS)) return false;
    this.#closed.delete(key);
    last.incident.reopen(span);
    this.#incidents.set(key, last.incident);
    this.#tell("refined", last.incident, nowMs, events);
    return true;
  }

  #follow(incident: Incident, nowMs: number, events: DetectorEvent[]): void {
    if (incident.calm(nowMs)) {
      this.#close(incident, nowMs, events);
      return;
    }
    const young = nowMs - incident.openedMs <= REFINE_FOR_MS;
    if (young && nowMs - incident.toldMs >= REFINE_EVERY_MS) this.#tell("refined", incident, nowMs, events);
  }

  #close(incident: Incident, nowMs: number, events: DetectorEvent[]): void {
    const { endpoint, family } = incident;
    incident.span.endMs = nowMs;
    for (const group of endpoint.groups.values())
      for (const [s, stream] of STREAMS.entries())
        if (stream.family === family) group.wipe(s, incident.onsetMs);
    const key = `${endpoint.name}\u0000${family}`;
    this.#incidents.delete(key);
    this.#closed.set(key, { incident, closedMs: nowMs });
    if (this.#matesOf(incident).length === 0)
      events.push({ type: "resolved", id: incident.id, atMs: nowMs, reason: "back to usual for 90 minutes" });
  }

  #tell(type: "opened" | "refined", incident: Incident, nowMs: number, events: DetectorEvent[]): void {
    const mates = this.#matesOf(incident);
    const lead = leadOf(mates, nowMs) ?? incident;
    for (const mate of mates) mate.toldMs = nowMs;
    lead.explanation = explain(lead, this.#evidence, nowMs, this.#settings.bucketMs);
    const onsetMs = Math.min(...mates.map((mate) => mate.onsetMs));
    events.push({
      type,
      id: incident.id,
      atMs: nowMs,
      class: incident.class,
      family: incident.toldAs,
      departure: lead.departure(nowMs),
      explanation: { ...lead.explanation, onsetMs },
    });
  }

  /** Open departures that are told as one incident. */
  #matesOf({ id }: Incident): Incident[] {
    return [...this.#incidents.values()].filter((other) => other.id === id);
  }

  #silenced(endpoint: string, fromMs: number, toMs: number): boolean {
    return this.#silences.some(
      ({ startMs, endMs, endpoints }) =>
        startMs - 5 * MINUTE_MS <= toMs &&
        endMs >= fromMs &&
        (endpoints === null || endpoints.includes(endpoint)),
    );
  }

  #nextId(): string {
    this.#serial += 1;
    return `i${this.#serial}`;
  }

  #endpoint(segment: Segment): Endpoint {
    const name = segment.endpoint ?? OVERFLOW_NAME;
    let endpoint = this.#endpoints.get(name);
    if (!endpoint) {
      endpoint = new Endpoint(name, this.#settings.bucketMs);
      this.#endpoints.set(name, endpoint);
    }
    return endpoint;
  }
}
