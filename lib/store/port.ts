/**
 * The one port to whatever keeps the data. Engines live beside it; tests/conformance/store runs the same scenarios
 * over each. Every call names its tenant; every read of a time series names a window and a step.
 *
 * Architecture Invariant: nothing outside lib/store knows which engine answers, and no SQL stands outside it.
 */
import type { CacheSample, Change, Handshake, Origin, Result, Segment } from "../domain/handshake.ts";
import type { Invariant } from "../domain/invariants.ts";
import type { NodeLoad } from "../domain/load.ts";
import type { Dimension, Outcome, Vantage } from "../domain/vocabulary.ts";
import type { Histogram } from "../stats/histogram.ts";
import type { PackableCell, PackedCells } from "./cell-block.ts";
import type { ImportState } from "./import-state.ts";
import type { AlertActor, AlertReader, AlertWriter } from "./port-alerting.ts";
import type { AuditedStore, Auditor } from "./port-audit.ts";
import type { FindingReader, FindingWriter } from "./port-findings.ts";
import type { IncidentActor, IncidentReader, IncidentWriter } from "./port-incidents.ts";
import type { CommittedKey, CommittedKeyEvent, KeyActor, KeyReader } from "./port-keys.ts";
import type { PeopledStore } from "./port-people.ts";
import type { PolicyReader, PolicyWriter } from "./port-policy.ts";
import type { ProbeReader, ProbeWriter } from "./port-probe.ts";
import type { TlsAlertCount, TlsAlertReader } from "./port-tls-alerts.ts";
import type { TokenReader, TokenWriter } from "./port-tokens.ts";
import type { CompactionReport, RetainedStore, Retention, RetentionReport } from "./port-upkeep.ts";
import type { Coverage, TruthChoice } from "./port-views.ts";

/** Tenant number; 1 is the default tenant. */
export type TenantId = number;
export const DEFAULT_TENANT: TenantId = 1;

/** The widths of stored buckets, milliseconds, finest first. */
export const RESOLUTIONS_MS = [10_000, 60_000, 3_600_000] as const;
export type ResolutionMs = (typeof RESOLUTIONS_MS)[number];

/** Which measured value a histogram is of. */
export const HISTOGRAM_METRICS = ["handshakeUs", "ttfbUs", "ticketAgeS"] as const;
export type HistogramMetric = (typeof HISTOGRAM_METRICS)[number];

/** One cell of a folded batch: how many handshakes of one result in one segment in one 10 s bucket. */
export type Cell = PackableCell;

/** A handshake kept for looking at a real case; identifiers are already keyed hashes. */
export type HandshakeSample = { readonly sampleKind: string; readonly handshake: Handshake };

/** Who sends: one row per (tenant, source kind, transport, sender). */
export type SourceKey = {
  readonly source: string;
  readonly transport: string;
  /** Node or peer name that the sender gave; "" where it gave none. */
  readonly sender: string;
};

/** What one commit adds to a source's counters. */
export type SourceDelta = SourceKey & {
  readonly accepted: number;
  readonly rejected: number;
  readonly duplicate: number;
  /** Newest event time in this commit, epoch ms; null when nothing was accepted. */
  readonly lastEventMs: number | null;
  /** reason -> count and one shortened line as evidence (no client addresses). */
  readonly rejections: ReadonlyMap<string, { readonly count: number; readonly sample: string | null }>;
  /** Handshakes counted under "(other)" because the source is over its segment cap. */
  readonly overflowed: number;
  /** Invariants that this telemetry broke, with one instance in words. */
  readonly breaches: ReadonlyMap<Invariant, { readonly count: number; readonly detail: string }>;
  /** The newest handshake of this commit, identifiers hashed; null where there is none. */
  readonly lastHandshake: Handshake | null;
};

/**
 * The last totals that one scope of a counter source showed, kept with what they were counted into: a reading that
 * is older or equal says nothing new, however often it is sent, and no increase is lost or counted twice by a restart.
 */
export type CounterState = {
  readonly source: string;
  readonly sender: string;
  readonly scope: string;
  readonly atMs: number;
  readonly startedMs: number | null;
  readonly totals: Readonly<Record<string, number>>;
};

/** Everything that becomes durable together. */
export type Commit = {
  readonly cells: readonly Cell[];
  /** More cells, packed already (cell-block.ts). */
  readonly packed: PackedCells | null;
  readonly samples: readonly HandshakeSample[];
  /** `via` names who told; "collector" where it is not given. */
  readonly changes: readonly (Change & { readonly via?: string })[];
  readonly caches: readonly CacheSample[];
  readonly sources: readonly SourceDelta[];
  readonly batches: readonly BatchRecord[];
  readonly counters: readonly CounterState[];
  readonly imports: readonly ImportState[];
  readonly keys: readonly CommittedKey[];
  readonly keyEvents: readonly CommittedKeyEvent[];
  readonly loads: readonly NodeLoad[];
  readonly tlsAlerts: readonly TlsAlertCount[];
};

/** A commit of nothing, to be filled in part. */
export const EMPTY_COMMIT: Commit = {
  cells: [],
  packed: null,
  samples: [],
  changes: [],
  caches: [],
  sources: [],
  batches: [],
  counters: [],
  imports: [],
  keys: [],
  keyEvents: [],
  loads: [],
  tlsAlerts: [],
};

/** An accepted push that carried an Idempotency-Key; `reply` is what is answered again to a retry. */
export type BatchRecord = {
  readonly key: string;
  /** Digest of route and body: the same key with other bytes is a conflict. */
  readonly digest: string;
  readonly reply: string;
};

/** A closed window [fromMs, toMs) and the step at which it is wanted. */
export type Window = { readonly fromMs: number; readonly toMs: number; readonly stepMs: number };

export type SegmentFilter = { readonly [D in Dimension]?: readonly (string | null)[] };

export type RollupQuery = Window & {
  readonly by?: readonly Dimension[];
  readonly filter?: SegmentFilter;
  /** `null` stands for completed handshakes whose outcome is not known. */
  readonly outcomes?: readonly (Outcome | null)[];
  /**
   * `counted` (the default): handshakes that two views tell of are counted by one of them. `all`: by each; for values
   * that only one of them has, such as times.
   */
  readonly views?: "counted" | "all";
  /** Histograms to merge into each row; none by default, since they cost. */
  readonly histograms?: readonly HistogramMetric[];
};

/** Counts of one result in one step and one group. Rows with no handshakes do not exist: gaps are gaps. */
export type RollupRow = Result & {
  readonly bucketStartMs: number;
  readonly group: Readonly<Partial<Record<Dimension, string | null>>>;
  /** Families that are excluded from customers' rates (bots, monitors) are told apart in every row. */
  readonly excluded: boolean;
  readonly count: number;
  readonly handshakeUs: Histogram | null;
  readonly ttfbUs: Histogram | null;
  readonly ticketAgeS: Histogram | null;
};

export type RollupResult = {
  /** The step really used: a multiple of `resolutionMs`, at least what was asked for. */
  readonly stepMs: number;
  readonly resolutionMs: ResolutionMs;
  readonly rows: readonly RollupRow[];
};

export type SegmentRow = Segment & { readonly source: string | null } & {
  readonly handshakes: number;
  readonly lastSeenMs: number;
};

export type ChangeQuery = Omit<Window, "stepMs"> & {
  readonly limit: number;
  readonly endpoint?: string;
  readonly node?: string;
};

/** A change as kept: `recordedMs` is when Reprise learnt of it, `via` who told (a source, or "console"). */
export type StoredChange = Change & { readonly recordedMs: number; readonly via: string };

export type StoredSource = SourceKey & {
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly lastEventMs: number | null;
  readonly accepted: number;
  readonly rejected: number;
  readonly duplicate: number;
  readonly overflowed: number;
  readonly rejections: readonly {
    readonly reason: string;
    readonly count: number;
    readonly lastMs: number;
    readonly sample: string | null;
  }[];
  readonly breaches: readonly {
    readonly invariant: Invariant;
    readonly count: number;
    readonly firstMs: number;
    readonly lastMs: number;
    readonly detail: string;
  }[];
  readonly lastHandshake: Handshake | null;
};

/** What one sender brought in one minute of arrival. */
export type SourceMinute = SourceKey & {
  readonly minuteMs: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Longest time from an event to its arrival; null where no event came. */
  readonly lagMs: number | null;
};

export type StoredSample = HandshakeSample & { readonly id: number };

/** Reads. Safe to use from any process; none of them blocks the writer. */
export interface ReadStore extends IncidentReader, AuditedStore, PeopledStore, RetainedStore {
  readonly alerting: AlertReader;
  readonly findings: FindingReader;
  readonly tlsAlerts: TlsAlertReader;
  readonly keys: KeyReader;
  readonly policy: PolicyReader;
  readonly probes: ProbeReader;
  readonly tokens: TokenReader;
  /** Counts (and histograms) by step, result and group. Picks the coarsest resolution that serves the step. */
  readRollups(tenant: TenantId, query: RollupQuery): Promise<RollupResult>;
  /** Segments seen in a window with their handshakes, most first, at most `limit`. */
  readSegments(
    tenant: TenantId,
    query: { fromMs: number; toMs: number; limit: number; filter?: SegmentFilter },
  ): Promise<readonly SegmentRow[]>;
  readChanges(tenant: TenantId, query: ChangeQuery): Promise<readonly StoredChange[]>;
  readChange(tenant: TenantId, id: string): Promise<StoredChange | null>;
  readCaches(
    tenant: TenantId,
    query: { fromMs: number; toMs: number; limit: number; endpoint?: string; node?: string },
  ): Promise<readonly CacheSample[]>;
  readSources(tenant: TenantId): Promise<readonly StoredSource[]>;
  /** Minutes of arrival in [fromMs, toMs) by sender, oldest first. */
  readSourceMinutes(
    tenant: TenantId,
    window: { readonly fromMs: number; readonly toMs: number },
  ): Promise<readonly SourceMinute[]>;
  /** Where handshakes were seen from. */
  readCoverage(tenant: TenantId): Promise<readonly Coverage[]>;
  /** The newest CPU reading of each node that tells one. */
  readNodeLoads(tenant: TenantId): Promise<readonly NodeLoad[]>;
  readTruthChoices(tenant: TenantId): Promise<readonly TruthChoice[]>;
  readSamples(
    tenant: TenantId,
    query: { fromMs: number; toMs: number; limit: number; endpoint?: string; sampleKind?: string },
  ): Promise<readonly StoredSample[]>;
  /** A number that moves whenever another process commits; for noticing news cheaply. */
  revision(): Promise<number>;
  /** First and last bucket that hold anything; null in an empty store. */
  extent(tenant: TenantId): Promise<{ fromMs: number; toMs: number } | null>;
  close(): Promise<void>;
}

/** What people do in the console: few and small writes. */
export interface PeopleStore extends ReadStore, IncidentActor, IncidentWriter, Auditor {
  readonly alerting: AlertReader & AlertActor;
  readonly findings: FindingReader & FindingWriter;
  readonly keys: KeyReader & KeyActor;
  readonly policy: PolicyReader & PolicyWriter;
  readonly probes: ProbeReader & ProbeWriter;
  readonly tokens: TokenReader & TokenWriter;
  recordChange(tenant: TenantId, change: Change, meta: { nowMs: number; via: string }): Promise<void>;
  /** Chooses the vantage for a node's product; null goes back to the richer one. */
  chooseTruth(
    tenant: TenantId,
    choice: Omit<TruthChoice, "vantage"> & { readonly vantage: Vantage | null },
  ): Promise<void>;
}

/** The bulk writer. One process holds it. */
export interface WriteStore extends PeopleStore {
  readonly alerting: AlertReader & AlertActor & AlertWriter;
  /** Number of a segment, for use in cells; new ones become durable with the next commit. */
  internSegment(tenant: TenantId, segment: Segment, origin: Origin): number;
  internResult(result: Result): number;
  /** The number of a segment that is known already; undefined for a new one, which this does not make. */
  findSegment(tenant: TenantId, segment: Segment, origin: Origin): number | undefined;
  /** What the numbers in a committed cell stand for; null for one that was never given out. */
  cellOf(cell: Pick<Cell, "segmentId" | "resultId">): (Segment & Origin & { result: Result }) | null;
  /** Every counter's last totals, for going on after a restart. */
  readCounters(tenant: TenantId): Promise<readonly CounterState[]>;
  /** Makes everything in `commit` durable, all or nothing (FULL sync), or throws a WorldError. */
  commit(tenant: TenantId, commit: Commit, nowMs: number): Promise<void>;
  /** What was answered to this key before, if it is still remembered. */
  findBatch(tenant: TenantId, key: string): Promise<BatchRecord | null>;
  /** Imports of a source whose history begins so, the longest first. */
  findImports(tenant: TenantId, key: Pick<ImportState, "source" | "head">): Promise<readonly ImportState[]>;
  /** Adds closed 10 s buckets up to nowMs into minutes, hours and their marginals; exact, resumable, idempotent. */
  compact(nowMs: number): Promise<CompactionReport>;
  /** Deletes what is older than its retention, in bounded portions. */
  retain(nowMs: number, retention: Retention): Promise<RetentionReport>;
}
