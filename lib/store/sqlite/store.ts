import type { Change, Origin, Result, Segment } from "../../domain/handshake.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { FarSums } from "../far-sums.ts";
import type { Commit, RollupQuery, TenantId, WriteStore } from "../port.ts";
import type { AuditBy } from "../port-audit.ts";
import type { CompactionReport, Retention, RetentionReport } from "../port-upkeep.ts";
import { SqliteActs } from "./acts.ts";
import { type Connection, readRevision, type Sql, toWorldError } from "./client.ts";
import {
  type Compacting,
  gatherBlocks,
  readyUntilMs,
  sumMinute,
  tenantsToCompact,
  tidyMinute,
} from "./compact.ts";
import { readCounters, writeCounters } from "./counters.ts";
import { CoverageKeeper, readCoverage, readTruthChoices, writeTruthChoice } from "./coverage.ts";
import { holdTo, nextGathered, retainFar, ship } from "./far-writes.ts";
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
import { retain } from "./retain.ts";
import type { Runner } from "./runner.ts";
import { markSummed, writeCells } from "./ten-seconds.ts";
import { writeTlsAlerts } from "./tls-alerts.ts";
import { writeBatches, writeCaches, writeChanges, writeSamples, writeSources } from "./write-events.ts";

export type SqliteOptions = {
  readonly clock: Clock;
  /** How long ten-second and one-minute rollups are kept, milliseconds. */
  readonly tenSecondsMs: number;
  readonly minutesMs: number;
  /** Where minutes and hours are kept if not in the file. */
  readonly far: FarSums | null;
};

/** Longest a transaction may take before Prisma gives it up, milliseconds. */
const TRANSACTION_TIMEOUT_MS = 120_000;

/**
 * The SQLite engine of the port, through Prisma. One instance a process and file.
 *
 * Architecture Invariant: writes run one after another through `#write`. The adapter has a single connection, so a
 * statement of somebody else that ran while a transaction is open would join it, and vanish with its rollback.
 */
export class SqliteStore extends SqliteParts implements WriteStore {
  readonly #connection: Connection;
  readonly #options: SqliteOptions;
  readonly #interner = new Interner();
  readonly #coverage = new CoverageKeeper();
  readonly #runner: Runner;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection, options: SqliteOptions) {
    const runner: Runner = {
      read: (what, work) => this.#read(what, work),
      write: (what, work) => this.#write(what, work),
    };
    super(runner);
    this.#runner = runner;
    this.#connection = connection;
    this.#options = options;
  }

  /** For the bulk writer: learns what the file holds. The file has to be migrated. */
  async load(): Promise<this> {
    const { far } = this.#options;
    const installation = await this.#write("open the store", (sql) => holdTo(sql, far !== null));
    await far?.prepare(installation);
    await this.#write("open the store", async (sql) => {
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
    const settle = await this.#writeInBulk("commit", async (sql) => {
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
    return new SqliteActs(this.#runner, by, this.#options.clock);
  }

  async recordChange(tenant: TenantId, change: Change, meta: { nowMs: number; via: string }): Promise<void> {
    await this.#write("record a change", (sql) => writeChanges(sql, tenant, { changes: [change], ...meta }));
  }

  async chooseTruth(tenant: TenantId, choice: Parameters<WriteStore["chooseTruth"]>[1]): Promise<void> {
    await this.#write("choose a truth", (sql) => writeTruthChoice(sql, tenant, choice));
  }

  actOnIncident(tenant: TenantId, act: Parameters<WriteStore["actOnIncident"]>[1]) {
    return this.#write("act on an incident", (sql) => incidents.actOnIncident(sql, tenant, act));
  }

  saveIncidents(tenant: TenantId, save: Parameters<WriteStore["saveIncidents"]>[1]) {
    return this.#write("save incidents", (sql) => incidents.saveIncidents(sql, tenant, save));
  }

  async compact(nowMs: number): Promise<CompactionReport> {
    const readyMs = readyUntilMs(nowMs);
    const keptFromMs = (resolutionMs: number): number => this.#keptFromMs(resolutionMs);
    const tenants = await this.#read("look for cells", tenantsToCompact);
    const all = tenants.map((tenant) => ({ tenant, interner: this.#interner, readyMs, keptFromMs }));
    for (const compacting of all) {
      // Before there is anything new to put together again: see readFarSums.
      while (await this.#writeInBulk("tidy cells", (sql) => tidyMinute(sql, compacting)));
      while (await this.#writeInBulk("gather cells", (sql) => gatherBlocks(sql, compacting)));
    }
    let cellsRead = 0;
    for (const compacting of all)
      for (let cells = 1; cells > 0; cellsRead += cells) cells = await this.#sumNext(compacting);
    return { compactedUntilMs: readyMs, cellsRead };
  }

  /** Sums the next minute; what the other engine does, nobody here waits for. */
  async #sumNext(compacting: Compacting): Promise<number> {
    const { far } = this.#options;
    if (!far) return this.#writeInBulk("compact", (sql) => sumMinute(sql, compacting));
    const ready = await this.#inTurn("look for cells", async () =>
      nextGathered(await this.#connection.direct(), compacting),
    );
    if (ready === null) return 0;
    const cells = await ship(far, ready, compacting);
    const ids = ready.blocks.map(({ id }) => id);
    await this.#writeInBulk("note what is summed", (sql) => markSummed(sql, ids));
    return cells;
  }

  async retain(nowMs: number, retention: Retention): Promise<RetentionReport> {
    const run = <T>(work: (sql: Sql) => Promise<T>): Promise<T> => this.#write("retain", work);
    const report = await retain(run, { nowMs, retention });
    const { far } = this.#options;
    if (!far) return report;
    const sums = await retainFar(far, this.#inTurns("retain"), { nowMs, retention });
    return { deleted: { ...report.deleted, ...sums } };
  }

  findBatch(tenant: TenantId, key: string) {
    return this.#read("look up a batch", (sql) => events.findBatch(sql, tenant, key));
  }

  findImports(tenant: TenantId, key: Parameters<WriteStore["findImports"]>[1]) {
    return this.#read("look up imports", (sql) => findImports(sql, tenant, key));
  }

  readRollups(tenant: TenantId, query: RollupQuery) {
    return this.#readWith("read rollups", (context) => readRollups(context, tenant, query));
  }

  readSegments(tenant: TenantId, query: Parameters<WriteStore["readSegments"]>[1]) {
    return this.#readWith("read segments", (context) => readSegments(context, tenant, query));
  }

  readChanges(tenant: TenantId, query: Parameters<WriteStore["readChanges"]>[1]) {
    return this.#read("read changes", (sql) => events.readChanges(sql, tenant, query));
  }

  readChange(tenant: TenantId, id: string) {
    return this.#read("read a change", (sql) => events.readChange(sql, tenant, id));
  }

  readIncidents(tenant: TenantId, query: Parameters<WriteStore["readIncidents"]>[1]) {
    return this.#read("read incidents", (sql) => incidents.readIncidents(sql, tenant, query));
  }

  readIncident(tenant: TenantId, id: string) {
    return this.#read("read an incident", (sql) => incidents.readIncident(sql, tenant, id));
  }

  readIncidentUpdates(tenant: TenantId, id: string) {
    return this.#read("read an incident's steps", (sql) => incidents.readIncidentUpdates(sql, tenant, id));
  }

  readCaches(tenant: TenantId, query: Parameters<WriteStore["readCaches"]>[1]) {
    return this.#read("read caches", (sql) => events.readCaches(sql, tenant, query));
  }

  readSources(tenant: TenantId) {
    return this.#read("read sources", (sql) => events.readSources(sql, tenant));
  }

  readSourceMinutes(tenant: TenantId, window: Parameters<WriteStore["readSourceMinutes"]>[1]) {
    return this.#read("read minutes of sources", (sql) => events.readSourceMinutes(sql, tenant, window));
  }

  readCoverage(tenant: TenantId) {
    return this.#read("read the coverage", (sql) => readCoverage(sql, tenant));
  }

  readNodeLoads(tenant: TenantId) {
    return this.#read("read loads of nodes", (sql) => readNodeLoads(sql, tenant));
  }

  readTruthChoices(tenant: TenantId) {
    return this.#read("read choices", (sql) => readTruthChoices(sql, tenant));
  }

  readCounters(tenant: TenantId) {
    return this.#read("read counters", (sql) => readCounters(sql, tenant));
  }

  readSamples(tenant: TenantId, query: Parameters<WriteStore["readSamples"]>[1]) {
    return this.#read("read samples", (sql) => events.readSamples(sql, tenant, query));
  }

  extent(tenant: TenantId) {
    const what = "read the extent";
    const { far } = this.#options;
    if (far) return events.readExtent(this.#inTurns(what), tenant, far);
    return this.#read(what, (sql) => events.readExtent(sql, tenant, null));
  }

  revision(): Promise<number> {
    return this.#read("read the revision", readRevision);
  }

  async close(): Promise<void> {
    await this.#tail.catch(() => undefined);
    await this.#connection.prisma.$disconnect();
    await this.#options.far?.close();
  }

  #keptFromMs(resolutionMs: number): number {
    if (resolutionMs === 3_600_000) return Number.NEGATIVE_INFINITY;
    const keptMs = resolutionMs === 60_000 ? this.#options.minutesMs : this.#options.tenSecondsMs;
    return this.#options.clock() - keptMs;
  }

  async #readWith<T>(what: string, work: (context: ReadContext) => Promise<T>): Promise<T> {
    const whole = async () => {
      const sql = await this.#connection.direct();
      await this.#interner.refresh(sql);
      return sql;
    };
    // While another engine answers, commits go on: the file is asked statement by statement.
    if (this.#options.far) {
      await this.#inTurn(what, whole);
      return work(this.#context(this.#inTurns(what)));
    }
    return this.#inTurn(what, async () => work(this.#context(await whole())));
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

  /** The connection, each statement in a turn of its own. */
  #inTurns(what: string): Sql {
    const { direct } = this.#connection;
    return {
      $queryRawUnsafe: (...statement) =>
        this.#inTurn(what, async () => (await direct()).$queryRawUnsafe(...statement)),
      $executeRawUnsafe: (...statement) =>
        this.#inTurn(what, async () => (await direct()).$executeRawUnsafe(...statement)),
    };
  }

  #read<T>(what: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#inTurn(what, () => work(this.#connection.prisma));
  }

  #write<T>(what: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    const options = { timeout: TRANSACTION_TIMEOUT_MS, maxWait: TRANSACTION_TIMEOUT_MS };
    const { prisma } = this.#connection;
    return this.#inTurn(what, () => prisma.$transaction((transaction) => work(transaction), options));
  }

  #writeInBulk<T>(what: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#inTurn(what, async () => (await this.#connection.direct()).transaction(work));
  }

  #inTurn<T>(what: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work).catch((cause: unknown) => {
      throw toWorldError(what, cause);
    });
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}
