import type { DetectorEvent } from "../../lib/detect/types.ts";
import { Lru } from "../../lib/runtime/lru.ts";
import type { StoredIncident, StoredIncidentUpdate } from "../../lib/store/port-incidents.ts";
import {
  beliefOf,
  differs,
  hasOtherCause,
  incidentOf,
  overlaps,
  sameCause,
  sentenceOf,
  type Told,
} from "./belief.ts";

/** A departure that comes back within this is the same incident, unless another change explains it. */
const REOPEN_MS = 3_600_000;
/** Incidents that ended within this are wanted: the detector itself takes one up again for three hours. */
export const WANTED_MS = 4 * 3_600_000;
/** An incident that the detector has lost sight of over a restart ends after so much calm. */
const LOST_SIGHT_MS = 90 * 60_000;
/** At a restart, what began longer ago than this and was never told is history. */
const NEWS_MS = 24 * 3_600_000;
/** Departures that are over and may come back; the detector waits for one an endpoint and family. */
const MOST_CLOSED = 10_000;

export type Save = {
  readonly incidents: readonly StoredIncident[];
  readonly updates: readonly StoredIncidentUpdate[];
};

/** Incidents as the store has them, and what becomes of them in one round. */
class Round {
  readonly #now: Map<string, StoredIncident>;
  readonly #changed = new Set<string>();
  readonly #updates: StoredIncidentUpdate[] = [];

  constructor(stored: readonly StoredIncident[]) {
    this.#now = new Map(stored.map((incident) => [incident.id, incident]));
  }

  get(id: string): StoredIncident | undefined {
    return this.#now.get(id);
  }

  all(): StoredIncident[] {
    return [...this.#now.values()];
  }

  put(incident: StoredIncident): void {
    this.#now.set(incident.id, incident);
    this.#changed.add(incident.id);
  }

  tell(incidentId: string, atMs: number, kind: StoredIncidentUpdate["kind"], text: string): void {
    this.#updates.push({ incidentId, atMs, kind, actor: null, text });
  }

  end(incident: StoredIncident, atMs: number, reason: string): void {
    if (incident.state === "resolved") return;
    this.put({ ...incident, state: "resolved", resolvedMs: atMs, updatedMs: atMs });
    this.tell(incident.id, atMs, "resolved", reason);
  }

  get save(): Save {
    return { incidents: this.all().filter(({ id }) => this.#changed.has(id)), updates: this.#updates };
  }
}

type Part = { readonly incidentId: string; readonly told: Told };

/**
 * Which incident each departure that the detector follows belongs to. The detector's ids last as long as its memory; the
 * incidents' ids for good. Departures with one cause are one incident, one that comes back soon is the same again, and
 * after a restart what the detector finds in history is matched with what was told then.
 */
export class IncidentBook {
  readonly #parts = new Map<string, Part>();
  /** Incidents of departures that were over, by the detector's ids. */
  readonly #closed = new Lru<string, string>(MOST_CLOSED);
  /** While history is read: what was found and never told. */
  readonly #untold = new Map<string, Told>();
  /** While history is read: when incidents that are kept as open ended. */
  readonly #ended = new Map<string, number>();
  /** Open incidents that the detector has lost sight of, and until when they are waited for. */
  readonly #lost = new Map<string, number>();

  /** Whether it waits for incidents that the detector has lost sight of. */
  get waits(): boolean {
    return this.#lost.size > 0;
  }

  /** Takes in what the detector finds in history. Nothing is told yet. */
  recall(events: readonly DetectorEvent[], stored: readonly StoredIncident[]): void {
    for (const event of events) {
      const part = this.#parts.get(event.id);
      if (event.type === "resolved") this.#recallEnd(event.id, event.atMs);
      else if (part) this.#parts.set(event.id, { ...part, told: event });
      else if (this.#untold.has(event.id)) this.#untold.set(event.id, event);
      else this.#recallStart(event, stored);
    }
  }

  #recallStart(told: Told, stored: readonly StoredIncident[]): void {
    const known = stored
      .filter((incident) => isAlike(incident, told) && overlaps(incident.scope, told.explanation.scope))
      .filter(({ onsetMs, resolvedMs }) => {
        const endMs = resolvedMs ?? Number.POSITIVE_INFINITY;
        return onsetMs - REOPEN_MS <= told.atMs && told.explanation.onsetMs <= endMs;
      })
      .sort((a, b) => Number(a.state === "resolved") - Number(b.state === "resolved"))[0];
    if (!known) {
      this.#untold.set(told.id, told);
      return;
    }
    this.#parts.set(told.id, { incidentId: known.id, told });
    this.#ended.delete(known.id);
  }

  #recallEnd(detectorId: string, atMs: number): void {
    const part = this.#parts.get(detectorId);
    this.#untold.delete(detectorId);
    this.#parts.delete(detectorId);
    if (part && this.#partsOf(part.incidentId).length === 0) this.#ended.set(part.incidentId, atMs);
  }

  /** History is read: settles what ended in the meantime, and tells what is going on and was never told. */
  settle(stored: readonly StoredIncident[], nowMs: number): Save {
    const round = new Round(stored);
    for (const incident of stored) {
      if (incident.state === "resolved" || this.#partsOf(incident.id).length > 0) continue;
      const endedMs = this.#ended.get(incident.id);
      if (endedMs === undefined) this.#lost.set(incident.id, nowMs + LOST_SIGHT_MS);
      else round.end(incident, Math.max(endedMs, incident.openedMs), "back to usual");
    }
    for (const told of this.#untold.values())
      if (nowMs - told.atMs <= NEWS_MS) this.#opened({ ...told, type: "opened" }, round);
    this.#untold.clear();
    this.#ended.clear();
    return round.save;
  }

  /** Takes in what the detector says now. `stored`: every incident that is open or was within `WANTED_MS`. */
  take(events: readonly DetectorEvent[], stored: readonly StoredIncident[], nowMs: number): Save {
    const round = new Round(stored);
    for (const event of events) {
      if (event.type === "resolved") this.#resolved(event.id, event, round);
      else if (this.#parts.has(event.id)) this.#refined(event, round);
      else this.#opened(event, round);
    }
    for (const [id, untilMs] of this.#lost) {
      const incident = round.get(id);
      if (nowMs >= untilMs && incident)
        round.end(incident, nowMs, "not seen any more since the detector began anew");
      if (nowMs >= untilMs || !incident) this.#lost.delete(id);
    }
    return round.save;
  }

  #opened(told: Told, round: Round): void {
    // What the detector goes on to tell of after its end is back: it is the same again, however long that took.
    const last = this.#closed.get(told.id);
    const home = (last === undefined ? undefined : round.get(last)) ?? homeOf(told, round.all());
    const incident = home ?? incidentOf(told);
    this.#parts.set(told.id, { incidentId: incident.id, told });
    this.#lost.delete(incident.id);
    if (!home) {
      round.put(incident);
      round.tell(incident.id, told.atMs, "opened", sentenceOf(incident));
    } else if (home.state === "resolved") {
      const belief = this.#believe(home, told.atMs);
      const state = home.acknowledgedMs === null ? "open" : "acknowledged";
      round.put({ ...belief, state, resolvedMs: null, reopened: home.reopened + 1 });
      round.tell(home.id, told.atMs, "reopened", sentenceOf(belief));
    } else this.#update(home, told.atMs, round);
  }

  #refined(told: Told, round: Round): void {
    const incidentId = this.#parts.get(told.id)?.incidentId ?? "";
    this.#parts.set(told.id, { incidentId, told });
    const incident = round.get(incidentId);
    if (incident && incident.state !== "resolved") this.#update(incident, told.atMs, round);
  }

  #update(before: StoredIncident, atMs: number, round: Round): void {
    const after = this.#believe(before, atMs);
    round.put(after);
    if (differs(before, after)) round.tell(after.id, atMs, "refined", sentenceOf(after));
  }

  #resolved(detectorId: string, end: { readonly atMs: number; readonly reason: string }, round: Round): void {
    const part = this.#parts.get(detectorId);
    this.#parts.delete(detectorId);
    if (part) this.#closed.set(detectorId, part.incidentId);
    if (!part || this.#partsOf(part.incidentId).length > 0) return;
    const incident = round.get(part.incidentId);
    if (incident) round.end(incident, end.atMs, end.reason);
  }

  #believe(incident: StoredIncident, atMs: number): StoredIncident {
    const [first, ...rest] = this.#partsOf(incident.id);
    return first ? { ...incident, ...beliefOf([first, ...rest]), updatedMs: atMs } : incident;
  }

  #partsOf(incidentId: string): Told[] {
    return [...this.#parts.values()].filter((part) => part.incidentId === incidentId).map(({ told }) => told);
  }
}

const isAlike = (incident: StoredIncident, told: Told): boolean =>
  incident.family === told.family && incident.class === told.class;

/** The incident that a departure belongs to: the one going on there, one with the same cause, or one that just ended. */
function homeOf(told: Told, incidents: readonly StoredIncident[]): StoredIncident | null {
  const alike = incidents.filter((incident) => isAlike(incident, told));
  const open = alike.filter(({ state }) => state !== "resolved");
  const here = ({ scope }: StoredIncident): boolean => overlaps(scope, told.explanation.scope);
  const justEnded = ({ resolvedMs }: StoredIncident): boolean =>
    resolvedMs !== null && resolvedMs <= told.atMs && told.atMs - resolvedMs <= REOPEN_MS;
  return (
    open.find(here) ??
    open.find((incident) => sameCause(incident, told)) ??
    alike.find((incident) => justEnded(incident) && here(incident) && !hasOtherCause(incident, told)) ??
    null
  );
}
