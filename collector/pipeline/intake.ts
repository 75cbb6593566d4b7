import { randomUUID } from "node:crypto";
import type { IngestReply } from "../../lib/contract/ingest.ts";
import type { CacheSample, Change, Handshake, Origin, Segment } from "../../lib/domain/handshake.ts";
import type { Invariant } from "../../lib/domain/invariants.ts";
import type { KeyEvent } from "../../lib/domain/keys.ts";
import type { NodeLoad } from "../../lib/domain/load.ts";
import type { Grant, Place } from "../../lib/domain/source-token.ts";
import { OVERFLOW_NAME } from "../../lib/domain/vocabulary.ts";
import type { ImportState } from "../../lib/store/import-state.ts";
import type { CounterState, SourceDelta, SourceKey } from "../../lib/store/port.ts";
import type { TlsAlertCount } from "../../lib/store/port-tls-alerts.ts";
import { placeProblem } from "../access/allowed.ts";
import type { Decoded, ToldKey } from "../sources/source.ts";
import type { FoldedRow } from "./fold.ts";
import {
  cacheProblem,
  changeProblem,
  handshakeProblem,
  keyEventProblem,
  keyProblem,
  loadProblem,
} from "./names.ts";
import { PlainHandshakes } from "./plain-handshakes.ts";
import { redact } from "./redact.ts";

/** First errors that a reply lists. */
const LISTED_ERRORS = 100;
/** Distinct reasons kept for one push, so that a hostile sender cannot make a table of them. */
const MAX_REASONS = 50;

/** What one push brings, before it is folded: accepted items, and what was refused with index and reason. */
export type Intake = {
  readonly key: SourceKey;
  readonly origin: Origin;
  /** What its sender may write; null for what the collector itself finds out. */
  readonly grant: Grant | null;
  readonly handshakes: Handshake[];
  /** Handshakes that were read as others were before: by patterns and numbers. */
  readonly plain: PlainHandshakes;
  /** Handshakes that the sender has folded already. */
  readonly rows: FoldedRow[];
  /** Handshakes to look at that are counted in `rows`: kept as samples only. */
  readonly samples: Handshake[];
  readonly changes: Change[];
  readonly caches: CacheSample[];
  /** Uses of keys beside those that handshakes tell of, and what was said of keys; by their public names. */
  readonly keys: ToldKey[];
  readonly keyEvents: KeyEvent[];
  readonly loads: NodeLoad[];
  /** How the failed handshakes of `rows` failed, where the sender folded that too. */
  readonly tlsAlerts: TlsAlertCount[];
  /** Last totals of the counters that this intake's increases were taken from. */
  readonly counters: CounterState[];
  /** How far an import has come with this intake. */
  readonly imports: ImportState[];
  readonly breaches: Map<Invariant, { count: number; detail: string }>;
  readonly errors: { index: number; reason: string }[];
  readonly rejections: Map<string, { count: number; sample: string | null }>;
  rejected: number;
  ignored: number;
  overflowed: number;
  /** Lines in which the sender told what it refused itself; how many it refused is in `refusedBySender`. */
  reports: number;
  refusedBySender: number;
  /** Newest event as the sender says, where rows alone do not tell it; null where it does not. */
  newestMs: number | null;
  /** Names of keys are hashes already. */
  areKeysHashed: boolean;
};

/** An empty intake of one sender; `origin` says whose handshakes they are, and how they were seen. */
export function emptyIntake(key: SourceKey, origin: Origin, grant: Grant | null = null): Intake {
  return {
    key,
    origin,
    grant,
    handshakes: [],
    plain: new PlainHandshakes(),
    rows: [],
    samples: [],
    changes: [],
    caches: [],
    keys: [],
    keyEvents: [],
    loads: [],
    tlsAlerts: [],
    counters: [],
    imports: [],
    breaches: new Map(),
    errors: [],
    rejections: new Map(),
    rejected: 0,
    ignored: 0,
    overflowed: 0,
    reports: 0,
    refusedBySender: 0,
    newestMs: null,
    areKeysHashed: false,
  };
}

/** Counts a refused line with its index (from 0) and reason; keeps a shortened line as evidence. */
export function refuse(
  intake: Intake,
  index: number,
  refusal: { reason: string; line: string | null },
): void {
  intake.rejected += 1;
  if (intake.errors.length < LISTED_ERRORS) intake.errors.push({ index, reason: refusal.reason });
  countRefusals(intake, { ...refusal, count: 1 });
}

/** Counts lines that were refused for the same reason, here or by the sender itself; the first stands for all. */
export function countRefusals(
  intake: Intake,
  { reason, line, count }: { reason: string; line: string | null; count: number },
): void {
  const kind = kindOfReason(reason);
  const known = intake.rejections.get(kind);
  if (known) {
    known.count += count;
    known.sample ??= line && redact(line);
  } else if (intake.rejections.size < MAX_REASONS)
    intake.rejections.set(kind, { count, sample: line && redact(line) });
}

/** Counts breaches of an invariant; the newest instance stands for all. */
export function breach(intake: Intake, invariant: Invariant, detail: string, count = 1): void {
  const before = intake.breaches.get(invariant)?.count ?? 0;
  intake.breaches.set(invariant, { count: before + count, detail: redact(detail) });
}

/** Reasons without the sender's own values, so that they can be counted. */
export function kindOfReason(reason: string): string {
  return reason
    .replace(/, not .*$/s, "")
    .replace(/ \(found .*$/s, "")
    .replace(/\d{4,}/g, "…")
    .slice(0, 160);
}

export type TimeWindow = { readonly nowMs: number; readonly maxPastMs: number; readonly maxFutureMs: number };

/** Why a time is refused; null when it is fine. */
export function timeProblem(atMs: number, window: TimeWindow): string | null {
  if (!Number.isFinite(atMs)) return "ts is not a time";
  if (atMs > window.nowMs + window.maxFutureMs)
    return `ts lies more than ${window.maxFutureMs / 1000} s in the future`;
  if (atMs < window.nowMs - window.maxPastMs)
    return `ts lies more than ${Math.round(window.maxPastMs / 86_400_000)} days in the past`;
  return null;
}

/** Takes one decoded item into an intake, or refuses it. */
export function take(
  intake: Intake,
  decoded:
    | Decoded
    | { readonly kind: "change"; readonly change: Omit<Change, "id"> & { id?: string | null } }
    | { readonly kind: "load"; readonly load: NodeLoad }
    | { readonly kind: "keyEvent"; readonly event: Omit<KeyEvent, "id"> & { id: string | null } },
  at: { index: number; line: string; window: TimeWindow },
): void {
  if (decoded.kind === "ignored") {
    intake.ignored += 1;
    return;
  }
  const problem =
    decoded.kind === "refused" ? decoded.reason : (problemOf(decoded, at.window) ?? beyond(intake, decoded));
  if (decoded.kind === "refused" || problem !== null) {
    refuse(intake, at.index, { reason: problem ?? "refused", line: at.line });
    if (decoded.kind === "refused" && decoded.invariant) breach(intake, decoded.invariant, decoded.reason);
    return;
  }
  if (decoded.kind === "handshake") intake.handshakes.push(decoded.handshake);
  else if (decoded.kind === "cache") intake.caches.push(decoded.cache);
  else if (decoded.kind === "key") intake.keys.push(decoded.key);
  else if (decoded.kind === "load") intake.loads.push(decoded.load);
  else if (decoded.kind === "keyEvent")
    intake.keyEvents.push({ ...decoded.event, id: decoded.event.id ?? randomUUID() });
  else {
    const id = ("id" in decoded.change ? decoded.change.id : null) ?? randomUUID();
    intake.changes.push({ ...decoded.change, id });
  }
}

type Told = Exclude<Parameters<typeof take>[1], { kind: "ignored" | "refused" }>;

/** Why its sender may not tell of such a place; null when it may. */
function beyond({ grant, key }: Intake, told: Told): string | null {
  return grant === null ? null : placeProblem(grant, placeOf(told), key.sender);
}

function placeOf(told: Told): Place {
  if (told.kind === "handshake") return told.handshake;
  if (told.kind === "change") return told.change;
  if (told.kind === "load") return told.load;
  if (told.kind === "key") return told.key;
  return told.kind === "keyEvent" ? told.event : told.cache;
}

/** Why something is not kept, whatever the source made of it; null when it may be. */
function problemOf(told: Told, window: TimeWindow): string | null {
  if (told.kind === "handshake")
    return timeProblem(told.handshake.atMs, window) ?? handshakeProblem(told.handshake);
  if (told.kind === "change") return timeProblem(told.change.atMs, window) ?? changeProblem(told.change);
  if (told.kind === "load") return timeProblem(told.load.atMs, window) ?? loadProblem(told.load);
  if (told.kind === "key") return timeProblem(told.key.atMs, window) ?? keyProblem(told.key);
  if (told.kind === "keyEvent")
    return timeProblem(told.event.atMs, window) ?? keyEventProblem({ ...told.event, id: "" });
  return timeProblem(told.cache.atMs, window) ?? cacheProblem(told.cache);
}

/** How many items an intake brings; a row is one, however many handshakes it stands for. */
export function acceptedOf(intake: Intake): number {
  return (
    intake.handshakes.length +
    intake.plain.length +
    intake.rows.length +
    intake.samples.length +
    intake.changes.length +
    intake.caches.length +
    intake.keys.length +
    intake.keyEvents.length +
    intake.loads.length +
    intake.tlsAlerts.length +
    intake.reports
  );
}

/** Events that a source told of: here every handshake of a row is one. */
function eventsOf(intake: Intake): number {
  const folded = intake.rows.reduce((sum, row) => sum + row.count, 0);
  const keys = intake.keys.length + intake.keyEvents.length;
  return (
    intake.handshakes.length +
    intake.plain.length +
    folded +
    intake.changes.length +
    intake.caches.length +
    keys
  );
}

/** What is answered to a push once it is durable. Lines that rightly say nothing new count as accepted. */
export function replyOf(intake: Intake): IngestReply {
  return {
    accepted: acceptedOf(intake) + intake.ignored,
    rejected: intake.rejected,
    duplicate: 0,
    errors: intake.errors,
  };
}

/** What a push adds to its source's counters; `hash` takes identifiers out of the handshake that is kept. */
export function deltaOf(intake: Intake, hash: (handshake: Handshake) => Handshake): SourceDelta {
  let newest = intake.plain.newest();
  for (const handshake of intake.handshakes)
    if (newest === null || handshake.atMs > newest.atMs) newest = handshake;
  return {
    ...intake.key,
    accepted: eventsOf(intake),
    rejected: intake.rejected + intake.refusedBySender,
    duplicate: 0,
    overflowed: intake.overflowed,
    lastEventMs: newest?.atMs ?? intake.newestMs ?? newestBucketMs(intake),
    rejections: intake.rejections,
    breaches: intake.breaches,
    lastHandshake: newest && hash(newest),
  };
}

function newestBucketMs(intake: Intake): number | null {
  const moments = [...intake.rows.map((row) => row.bucketStartMs), ...intake.keys.map(({ atMs }) => atMs)];
  return moments.reduce<number | null>((last, ms) => Math.max(last ?? 0, ms), null);
}

/** The segment that stands for all beyond a source's cap; protocol and region stay, they are few. */
export function overflowSegment(segment: Segment): Segment {
  return { ...segment, endpoint: OVERFLOW_NAME, node: OVERFLOW_NAME, family: null, region: null };
}
