import type { Change, Origin, Result, Segment } from "../../domain/handshake.ts";
import type { Clock } from "../../runtime/clock.ts";
import { WorldError } from "../../runtime/invariant.ts";
import type { FarSums } from "../far-sums.ts";
import type { Commit, RollupQuery, TenantId, WriteStore } from "../port.ts";
import type { AuditBy } from "../port-audit.ts";
import type { CompactionReport, Retention, RetentionReport } from "../port-upkeep.ts";
import { SqliteActs } from "./acts.ts";
import { type Connection, readRevision, type Sql } from "./client.ts";
import { readCounters, writeCounters } from "./counters.ts";
import { CoverageKeeper, readCoverage, readTruthChoices, writeTruthChoice } from "./coverage.ts";
import { holdTo } from "./far-writes.ts";
import { takeFormerRows } from "./former-rows.ts";
import { findImports, writeImports } from "./imports.ts";
import * as incidents from "./incidents.ts";
import { Interner } from "./interner.ts";
import { writeKeyEvents, writeKeySights } from "./keys.ts";
import { beginMarginals } from "./marginals.ts";
import { readNodeLoads, writeNodeLoads } from "./node-loads.ts";
import { SqliteParts } from "./parts.ts";
import * as events from "./read-events.ts";
import { type ReadContext, readRollups, readSegments } from "./read-rollups.ts";
import { writeCells } from "./ten-seconds.ts";
import { writeTlsAlerts } from "./tls-alerts.ts";
import { Turns } from "./turns.ts";
import { Upkeep } from "./upkeep.ts";
import { writeBatches, writeCaches, writeChanges, writeSamples, writeSources } from "./write-events.ts";

export type SqliteOptions = {
  readonly clock: Clock;
  /** How long ten-second and one-minute rollups are kept, milliseconds. */
  readonly tenSecondsMs: number;
  readonly minutesMs: number;
  /** Where minutes and hours are kept if not in the file. */
  readonly far: FarSums | null;
};

/**
 * The SQLite engine of the port, through Prisma. One instance a process and file.
 *
 * Architecture Invariant: the adapter has a single connection, and everything that uses it does so in a turn (turns.ts).
 */
export class SqliteStore extends SqliteParts implements WriteStore {
  readonly #connection: Connection;
  readonly #options: SqliteOptions;
  readonly #interner = new Interner();
  readonly #coverage = new CoverageKeeper();
  readonly #turns: Turns;
  readonly #upkeep: Upkeep;

  constructor(connection: Connection, options: SqliteOptions) {
    const turns = new Turns(connection);
    super(turns);
    this.#turns = turns;
    this.#connection = connection;
    this.#options = options;
    this.#upkeep = new Upkeep({
      interner: this.#interner,
      far: options.far,
      keptFromMs: (resolutionMs) => this.#keptFromMs(resolutionMs),
      turns,
    });
  }

  /** For the bulk writer: learns what the file holds. The file has to be migrated. */
  async load(): Promise<this> {
    const { far } = this.#options;
    await this.#turns.write("open the store", (sql) => holdTo(sql, far !== null));
    await this.#upkeep.prepare().catch((error: unknown) => {
      // While it cannot be reached, blocks wait in the file; upkeep tries again, and says so.
      if (!(error instanceof WorldError && error.retryable)) throw error;
    });
    await this.#turns.write("open the store", async (sql) => {
      await this.#interner.refresh(sql);
      await this.#coverage.load(sql);
      await beginMarginals(sql, this.#options.clock());
      await takeFormerRows(sql);
    });
    return this;
  }

  internSegment(tenant: TenantId, segment: Segment, origin: Origin): number {
    return this.#interner.segmentId(tenant, segment, origin);
  }

  internResult(result: Result): number {
    return this.#interner.resultId(result);
  }

  findSegment(tenant: TenantId, segment: Segment, origin: Origin): number | undefined {
    return this.#interner.find(tenant, segment, origin);
  }

  cellOf({ segmentId, resultId }: Parameters<WriteStore["cellOf"]>[0]): ReturnType<WriteStore["cellOf"]> {
    const segment = this.#interner.segments.get(segmentId);
    const result = this.#interner.results.get(resultId);
    return segment && result ? { ...segment, result } : null;
  }

  async commit(tenant: TenantId, commit: Commit, nowMs: number): Promise<void> {
    const settle = await this.#turns.bulk("commit", async (sql) => {
      const upTo = await this.#interner.writePending(sql);
      await writeCells(sql, tenant, commit);
      const settleCoverage = await this.#coverage.write(sql, tenant, {
        ...commit,
        interner: this.#interner,
      });
      await writeSamples(sql, tenant, commit.samples);
      await writeChanges(sql, tenant, { changes: commit.changes, nowMs, via: "collector" });
      await writeCaches(sql, tenant, commit.caches);
      await writeTlsAlerts(sql, tenant, commit.tlsAlerts);
      await writeSources(sql, tenant, { sources: commit.sources, nowMs });
      await writeBatches(sql, tenant, { batches: commit.batches, nowMs });
      await writeCounters(sql, tenant, commit.counters);
      await writeImports(sql, tenant, { imports: commit.imports, nowMs });
      await writeKeySights(sql, tenant, commit.keys);
      await writeKeyEvents(sql, tenant, { events: commit.keyEvents, nowMs });
      await writeNodeLoads(sql, tenant, commit.loads);
      return () => {
        this.#interner.settle(upTo);
        settleCoverage();
      };
    });
    settle();
  }

  as(by: AuditBy): SqliteActs {
    return new SqliteActs(this.#turns, by, this.#options.clock);
  }

  async recordChange(tenant: TenantId, change: Change, meta: { nowMs: number; via: string }): Promise<void> {
    await this.#turns.write("record a change", (sql) =>
      writeChanges(sql, tenant, { changes: [change], ...meta }),
    );
  }

  async chooseTruth(tenant: TenantId, choice: Parameters<WriteStore["chooseTruth"]>[1]): Promise<void> {
    await this.#turns.write("choose a truth", (sql) => writeTruthChoice(sql, tenant, choice));
  }

  actOnIncident(tenant: TenantId, act: Parameters<WriteStore["actOnIncident"]>[1]) {
    return this.#turns.write("act on an incident", (sql) => incidents.actOnIncident(sql, tenant, act));
  }

  saveIncidents(tenant: TenantId, save: Parameters<WriteStore["saveIncidents"]>[1]) {
    return this.#turns.write("save incidents", (sql) => incidents.saveIncidents(sql, tenant, save));
  }

  compact(nowMs: number): Promise<CompactionReport> {
    return this.#upkeep.compact(nowMs);
  }

  retain(nowMs: number, retention: Retention): Promise<RetentionReport> {
    return this.#upkeep.retain(nowMs, retention);
  }

  findBatch(tenant: TenantId, key: string) {
    return this.#turns.read("look up a batch", (sql) => events.findBatch(sql, tenant, key));
  }

  findImports(tenant: TenantId, key: Parameters<WriteStore["findImports"]>[1]) {
    return this.#turns.read("look up imports", (sql) => findImports(sql, tenant, key));
  }

  readRollups(tenant: TenantId, query: RollupQuery) {
    return this.#readWith("read rollups", (context) => readRollups(context, tenant, query));
  }

  readSegments(tenant: TenantId, query: Parameters<WriteStore["readSegments"]>[1]) {
    return this.#readWith("read segments", (context) => readSegments(context, tenant, query));
  }

  readChanges(tenant: TenantId, query: Parameters<WriteStore["readChanges"]>[1]) {
    return this.#turns.read("read changes", (sql) => events.readChanges(sql, tenant, query));
  }

  readChange(tenant: TenantId, id: string) {
    return this.#turns.read("read a change", (sql) => events.readChange(sql, tenant, id));
  }

  readIncidents(tenant: TenantId, query: Parameters<WriteStore["readIncidents"]>[1]) {
    return this.#turns.read("read incidents", (sql) => incidents.readIncidents(sql, tenant, query));
  }

  readIncident(tenant: TenantId, id: string) {
    return this.#turns.read("read an incident", (sql) => incidents.readIncident(sql, tenant, id));
  }

  readIncidentUpdates(tenant: TenantId, id: string) {
    return this.#turns.read("read an incident's steps", (sql) =>
      incidents.readIncidentUpdates(sql, tenant, id),
    );
  }

  readCaches(tenant: TenantId, query: Parameters<WriteStore["readCaches"]>[1]) {
    return this.#turns.read("read caches", (sql) => events.readCaches(sql, tenant, query));
  }

  readSources(tenant: TenantId) {
    return this.#turns.read("read sources", (sql) => events.readSources(sql, tenant));
  }

  readSourceMinutes(tenant: TenantId, window: Parameters<WriteStore["readSourceMinutes"]>[1]) {
    return this.#turns.read("read minutes of sources", (sql) =>
      events.readSourceMinutes(sql, tenant, window),
    );
  }

  readCoverage(tenant: TenantId) {
    return this.#turns.read("read the coverage", (sql) => readCoverage(sql, tenant));
  }

  readNodeLoads(tenant: TenantId) {
    return this.#turns.read("read loads of nodes", (sql) => readNodeLoads(sql, tenant));
  }

  readTruthChoices(tenant: TenantId) {
    return this.#turns.read("read choices", (sql) => readTruthChoices(sql, tenant));
  }

  readCounters(tenant: TenantId) {
    return this.#turns.read("read counters", (sql) => readCounters(sql, tenant));
  }

  readSamples(tenant: TenantId, query: Parameters<WriteStore["readSamples"]>[1]) {
    return this.#turns.read("read samples", (sql) => events.readSamples(sql, tenant, query));
  }

  extent(tenant: TenantId) {
    return events.readExtent(this.#turns.each("read the extent"), tenant, this.#options.far);
  }

  revision(): Promise<number> {
    return this.#turns.read("read the revision", readRevision);
  }

  async close(): Promise<void> {
    await this.#turns.ended();
    await this.#connection.prisma.$disconnect();
    await this.#options.far?.close();
  }

  #keptFromMs(resolutionMs: number): number {
    if (resolutionMs === 3_600_000) return Number.NEGATIVE_INFINITY;
    const keptMs = resolutionMs === 60_000 ? this.#options.minutesMs : this.#options.tenSecondsMs;
    return this.#options.clock() - keptMs;
  }

  async #readWith<T>(what: string, work: (context: ReadContext) => Promise<T>): Promise<T> {
    const { far } = this.#options;
    const refreshed = async (sql: Sql): Promise<Sql> => {
      await this.#interner.refresh(sql);
      return sql;
    };
    if (!far) return this.#turns.direct(what, async (sql) => work(this.#context(await refreshed(sql))));
    // While another engine answers, commits go on.
    await this.#turns.direct(what, refreshed);
    return work(this.#context(this.#turns.each(what)));
  }

  #context(sql: Sql): ReadContext {
    return {
      sql,
      interner: this.#interner,
      keptFromMs: (r) => this.#keptFromMs(r),
      far: this.#options.far,
      views: async (tenant) => ({
        seen: await readCoverage(sql, tenant),
        choices: await readTruthChoices(sql, tenant),
      }),
    };
  }
}
