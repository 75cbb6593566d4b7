import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Writable } from "node:stream";
import { titleOf } from "../../lib/detect/advice.ts";
import { headlineOf } from "../../lib/domain/incident-words.ts";
import { inLength, inPercent, inUtc, inWhole } from "../../lib/domain/words.ts";
import { ParameterProblem } from "../../lib/read/problem.ts";
import { parseMoment } from "../../lib/read/window.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import { DATABASE_NAME, openingOf, openPeopleStore } from "../../lib/store/open.ts";
import { DEFAULT_TENANT, type PeopleStore } from "../../lib/store/port.ts";
import type { StoredIncident, StoredIncidentUpdate } from "../../lib/store/port-incidents.ts";
import { overlaps } from "../detect/belief.ts";
import { IncidentBook } from "../detect/book.ts";
import { HISTORY_MS, nextWindow, readWindow } from "../detect/history.ts";
import { Judge, type Said } from "../detect/judge.ts";
import { ReplayProgress } from "./replay-progress.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const MOST_CHANGES = 20_000;
const MOST_INCIDENTS = 2_000;
/** How an incident that a replay found is told from one that was found when it happened. */
export const REPLAYED = "replay-";

export type ReplayArguments = {
  readonly from: string;
  readonly to?: string | undefined;
  readonly json?: boolean | undefined;
  readonly store?: boolean | undefined;
};
type Streams = {
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
};
type Span = { readonly fromMs: number; readonly toMs: number };
type Found = {
  readonly incidents: StoredIncident[];
  readonly updates: StoredIncidentUpdate[];
  steps: number;
};

/**
 * `reprise replay`: runs the detector over stored history, as the collector would have, and prints what it would have
 * raised; with --store keeps it, marked. Answers the exit code: 2 for times that make no sense, 1 without a store.
 */
export async function replayCommand(
  input: ReplayArguments,
  settings: Settings,
  io: Streams,
): Promise<number> {
  const file = join(resolve(settings.dataDir), DATABASE_NAME);
  if (!existsSync(file)) {
    io.stderr.write(`There is no store at ${file}: start the collector once, or set REPRISE_DATA_DIR.\n`);
    return 1;
  }
  const opening = openingOf(settings);
  const { minutesMs } = opening;
  const store = openPeopleStore(opening);
  try {
    const nowMs = Date.now();
    const span = spanOf(input, nowMs);
    const finelyFromMs = Math.ceil((nowMs - minutesMs) / HOUR_MS) * HOUR_MS;
    const startedMs = performance.now();
    const found = await replay(store, { span, finelyFromMs }, io);
    const kept = input.store ? await keep(store, found, span) : null;
    const seconds = (performance.now() - startedMs) / 1_000;
    io.stdout.write(
      input.json
        ? `${JSON.stringify(jsonOf(found, span, kept))}\n`
        : textOf(found, { span, kept, seconds, finelyFromMs }),
    );
    return 0;
  } catch (error) {
    io.stderr.write(`${(error as Error).message}\n`);
    return error instanceof ParameterProblem ? 2 : 1;
  } finally {
    await store.close();
  }
}

function spanOf({ from, to = "now" }: ReplayArguments, nowMs: number): Span {
  const fromMs = Math.floor(parseMoment("from", from, nowMs) / MINUTE_MS) * MINUTE_MS;
  const toMs = Math.floor(Math.min(nowMs, parseMoment("to", to, nowMs)) / MINUTE_MS) * MINUTE_MS;
  if (fromMs >= toMs) throw new ParameterProblem("from", "from must lie before to, and before now");
  return { fromMs, toMs };
}

/** Walks through the window, after the days before it from which the detector learns what is usual. */
async function replay(
  store: PeopleStore,
  { span, finelyFromMs }: { readonly span: Span; readonly finelyFromMs: number },
  io: Streams,
): Promise<Found> {
  const extent = await store.extent(DEFAULT_TENANT);
  const found: Found = { incidents: [], updates: [], steps: 0 };
  if (!extent) return found;
  const walk = { fromMs: span.fromMs, finelyFromMs: Math.max(finelyFromMs, dayBefore(span.fromMs)) };
  walk.fromMs = Math.floor(Math.max(extent.fromMs, span.fromMs - HISTORY_MS) / HOUR_MS) * HOUR_MS;
  const judge = new Judge();
  const changes = { fromMs: walk.fromMs - 14 * 24 * HOUR_MS, toMs: span.toMs, limit: MOST_CHANGES };
  judge.learn(await store.readChanges(DEFAULT_TENANT, changes));
  const ledger = new Ledger(found);
  const progress = new ReplayProgress(io.stderr, Date.now, { fromMs: walk.fromMs, toMs: span.toMs });
  try {
    while (walk.fromMs < span.toMs) {
      const window = nextWindow(walk, span.toMs);
      const read = await readWindow(store, DEFAULT_TENANT, window);
      for (const said of judge.walk(window, read)) ledger.hear(said, span.fromMs);
      walk.fromMs = window.toMs;
      progress.reached(walk.fromMs);
    }
  } finally {
    progress.end();
  }
  return found;
}

/** Incidents as the collector would have kept them. */
class Ledger {
  readonly #book = new IncidentBook();
  readonly #incidents = new Map<string, StoredIncident>();
  readonly #found: Found;

  constructor(found: Found) {
    this.#found = found;
  }

  /** What was said before `fromMs` is only learnt from. */
  hear({ events, tickMs }: Said, fromMs: number): void {
    if (tickMs <= fromMs) {
      this.#book.recall(events, []);
      return;
    }
    this.#found.steps += 1;
    const { incidents, updates } = this.#book.take(events, [...this.#incidents.values()], tickMs);
    for (const incident of incidents) this.#incidents.set(incident.id, incident);
    this.#found.updates.push(...updates);
    this.#found.incidents.splice(0, this.#found.incidents.length, ...this.#incidents.values());
  }
}

/** Keeps what was found, marked and over; what is known already is left alone. Answers how many were new. */
async function keep(store: PeopleStore, found: Found, span: Span): Promise<number> {
  const known = await store.readIncidents(DEFAULT_TENANT, {
    fromMs: span.fromMs - 24 * HOUR_MS,
    toMs: span.toMs,
    limit: MOST_INCIDENTS,
  });
  const fresh = found.incidents.filter((incident) => !known.some((other) => isSame(other, incident)));
  const ids = new Set(fresh.map(({ id }) => id));
  const incidents = fresh.map((incident) => ({
    ...incident,
    id: `${REPLAYED}${incident.id}`,
    state: "resolved" as const,
    resolvedMs: incident.resolvedMs ?? span.toMs,
  }));
  const updates = [
    ...found.updates
      .filter(({ incidentId }) => ids.has(incidentId))
      .map((update) => ({ ...update, incidentId: `${REPLAYED}${update.incidentId}` })),
    ...incidents.map(({ id, resolvedMs }) => ({
      ...{ incidentId: id, atMs: resolvedMs, kind: "comment" as const, actor: "replay" },
      text: "Found by replaying stored history, not when it happened.",
    })),
  ];
  await store.saveIncidents(DEFAULT_TENANT, { incidents, updates });
  return incidents.length;
}

function isSame(known: StoredIncident, found: StoredIncident): boolean {
  const sameTime =
    known.onsetMs <= (found.resolvedMs ?? Number.POSITIVE_INFINITY) &&
    found.onsetMs <= (known.resolvedMs ?? Number.POSITIVE_INFINITY);
  const alike = known.family === found.family && known.class === found.class;
  return alike && sameTime && overlaps(known.scope, found.scope);
}

function jsonOf(found: Found, span: Span, stored: number | null): unknown {
  return {
    ...span,
    steps: found.steps,
    stored,
    incidents: found.incidents.map((incident) => ({
      ...incident,
      headline: headlineOf(incident.scope, incident.departure),
      updates: found.updates.filter(({ incidentId }) => incidentId === incident.id),
    })),
  };
}

function textOf(
  found: Found,
  told: {
    readonly span: Span;
    readonly kept: number | null;
    readonly seconds: number;
    readonly finelyFromMs: number;
  },
): string {
  const { span, kept, seconds, finelyFromMs } = told;
  const pages = found.incidents.filter((incident) => incident.class === "page").length;
  const coarse = span.fromMs < finelyFromMs ? ` Before ${inUtc(finelyFromMs, 0)} only hours are kept.` : "";
  const stored = kept === null ? "" : ` ${kept} stored.`;
  return [
    ...found.incidents.flatMap(linesOf),
    `${found.incidents.length} incidents, ${pages} of them pages, in ${inLength(span.toMs - span.fromMs)} of history (${inWhole(found.steps)} steps, ${seconds.toFixed(1)} s).${stored}${coarse}`,
    "",
  ].join("\n");
}

function linesOf(incident: StoredIncident): string[] {
  const { scope, departure, diagnoses, suspects, openedMs, resolvedMs } = incident;
  const [diagnosis, suspect] = [diagnoses[0], suspects[0]];
  const until = resolvedMs === null ? "still going on" : `until ${inUtc(resolvedMs, openedMs)}`;
  const kind = diagnosis ? `${titleOf(diagnosis)} (${inPercent(diagnosis.probability)})` : "not known";
  const cause = suspect
    ? `${suspect.changeId ?? "no recorded change"} (${inPercent(suspect.probability)})`
    : "not known";
  return [
    `${inUtc(openedMs, 0)}  ${incident.class}  ${incident.family}  ${headlineOf(scope, departure)}`,
    `    since ${inUtc(incident.onsetMs, openedMs)}, ${until}`,
    `    kind: ${kind}; suspect: ${cause}`,
  ];
}

const dayBefore = (ms: number): number => Math.floor((ms - 24 * HOUR_MS) / HOUR_MS) * HOUR_MS;
