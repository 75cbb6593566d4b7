import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import type Database from "better-sqlite3";
import { invariant } from "../../runtime/invariant.ts";
import { Histogram } from "../../stats/histogram.ts";
import { eachCell, histogramOf } from "../cell-block.ts";
import { BlockList } from "./block-list.ts";

type AdapterOptions = { readonly file: string; readonly readonly: boolean };
type Connection = Awaited<ReturnType<PrismaBetterSqlite3["connect"]>>;

/** How long a statement waits for another process' write before it fails, milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Prisma's SQLite adapter with what it has no option for: pragmas, BEGIN IMMEDIATE (a deferred transaction that meets
 * another process' commit fails at once, busy timeout or not), and the histogram functions that our SQL uses.
 */
export class SqliteAdapter extends PrismaBetterSqlite3 {
  readonly #options: AdapterOptions;
  readonly #handles: Database.Database[] = [];

  constructor(options: AdapterOptions) {
    super({
      url: `file:${options.file}`,
      readonly: options.readonly,
      fileMustExist: options.readonly,
      timeout: BUSY_TIMEOUT_MS,
    });
    this.#options = options;
  }

  override async connect(): Promise<Connection> {
    const connection = await super.connect();
    const db = handleOf(connection);
    this.#handles.push(db);
    if (!this.#options.readonly) {
      db.pragma("journal_mode = WAL");
      // FULL: a commit in WAL mode survives power loss, which is what our acknowledgement promises.
      db.pragma("synchronous = FULL");
    }
    db.pragma("cache_size = -65536");
    db.pragma("temp_store = MEMORY");
    registerHistogramFunctions(db);
    registerBlockFunctions(db);
    const prepare = db.prepare.bind(db);
    db.prepare = ((sql: string) => prepare(sql === "BEGIN" ? "BEGIN IMMEDIATE" : sql)) as typeof db.prepare;
    return connection;
  }

  /** The scratch database of `migrate diff`: it is sent whole migrations as one statement. */
  override async connectToShadowDb(): Promise<Connection> {
    const connection = await super.connectToShadowDb();
    const executeRaw = connection.executeRaw.bind(connection);
    connection.executeRaw = async (query) => {
      if (query.args.length > 0) return executeRaw(query);
      await connection.executeScript(query.sql);
      return 0;
    };
    return connection;
  }

  /** The connection that was made last. */
  get handle(): Database.Database {
    const handle = this.#handles.at(-1);
    invariant(handle !== undefined, "the store was opened");
    return handle;
  }

  /** Closes what is still open, for callers (the schema engine) that do not. */
  closeAll(): void {
    for (const handle of this.#handles) handle.close();
  }
}

/** The adapter keeps its better-sqlite3 handle in an untyped field; this is the only place that knows. */
function handleOf(connection: Connection): Database.Database {
  return (connection as unknown as { client: Database.Database }).client;
}

/** hist_merge(a, b) adds two encoded histograms, hist_sum(x) adds a column; NULL counts as empty. */
function registerHistogramFunctions(db: Database.Database): void {
  db.function("hist_merge", { deterministic: true }, (a: Buffer | null, b: Buffer | null) => {
    if (a === null) return b;
    if (b === null) return a;
    return Buffer.from(Histogram.decode(a).mergeEncoded(b).encode());
  });
  // An accumulator that no row has reached holds no histogram, so that a sum of NULLs is NULL.
  db.aggregate<{ total: Histogram | null }>("hist_sum", {
    start: () => ({ total: null }),
    step: (sum: { total: Histogram | null }, next: unknown) => {
      if (next !== null) sum.total = (sum.total ?? new Histogram()).mergeEncoded(next as Buffer);
    },
    result: (sum: { total: Histogram | null }) =>
      sum.total === null ? null : Buffer.from(sum.total.encode()),
  });
}

/** unpacked(block) is a table of a block's cells; block_list(cells, endpoints) puts a column of blocks into one value. */
function registerBlockFunctions(db: Database.Database): void {
  db.table("unpacked", {
    columns: [
      ...["endpointId", "bucketStartMs", "segmentId", "resultId", "count"],
      ...["handshakeUs", "ttfbUs", "ticketAgeS"],
    ],
    parameters: ["block"],
    rows: function* (block: unknown) {
      const rows: unknown[][] = [];
      eachCell(block as Buffer, (cell) => {
        const { endpointId, bucketStartMs, segmentId, resultId, count } = cell;
        const histograms = [0, 1, 2].map((which) => copied(histogramOf(cell, which)));
        rows.push([endpointId, bucketStartMs, segmentId, resultId, count, ...histograms]);
      });
      yield* rows;
    },
  });
  db.aggregate<BlockList | null>("block_list", {
    start: () => null,
    // Of two values, which its types do not know.
    step: ((list: BlockList | null, cells: Buffer, endpoints: string | null) =>
      (list ?? new BlockList(endpoints)).add(cells)) as (list: BlockList | null, next: unknown) => BlockList,
    result: (list: BlockList | null) => list?.taken() ?? null,
  });
}

const copied = (bytes: Uint8Array | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes));
