import { setImmediate as letOthersRun } from "node:timers/promises";
import type { FarSums } from "../far-sums.ts";
import type { CompactionReport, Retention, RetentionReport } from "../port-upkeep.ts";
import { queryJson } from "./client.ts";
import {
  type Compacting,
  gatherBlocks,
  readyUntilMs,
  sumNext,
  tenantsToCompact,
  tidyMinute,
} from "./compact.ts";
import { holdToBlocks, nextGathered, readInstallation, retainFar, ship } from "./far-writes.ts";
import type { Interner } from "./interner.ts";
import { retain } from "./retain.ts";
import { markSummed, SUMMED } from "./ten-seconds.ts";
import type { Turns } from "./turns.ts";

/** What upkeep needs of the store. */
export type UpkeepTools = {
  readonly interner: Interner;
  /** Where minutes and hours are kept if not in the file. */
  readonly far: FarSums | null;
  /** Oldest moment that a resolution still keeps, epoch ms. */
  readonly keptFromMs: (resolutionMs: number) => number;
  readonly turns: Turns;
};

/** Longest that one compaction takes: whoever ends the collector waits for it, and what is left is done by the next. */
const COMPACT_WITHIN_MS = 15_000;

/** Compaction and retention. */
export class Upkeep {
  readonly #tools: UpkeepTools;
  #isPrepared = false;

  constructor(tools: UpkeepTools) {
    this.#tools = tools;
  }

  /** Makes sure, once, that the engine of the sums is there and fits the file. */
  async prepare(): Promise<void> {
    const { far, turns } = this.#tools;
    if (!far || this.#isPrepared) return;
    const sql = turns.each("open the store");
    await holdToBlocks(sql, await far.prepare(await readInstallation(sql)));
    this.#isPrepared = true;
  }

  async compact(nowMs: number): Promise<CompactionReport> {
    const { interner, keptFromMs, turns } = this.#tools;
    const readyMs = readyUntilMs(nowMs);
    const endMs = performance.now() + COMPACT_WITHIN_MS;
    const tenants = await tenantsToCompact(turns.each("look for cells"));
    // Statements on the connection itself never wait: unless others are let in between, nobody else runs until all is done.
    const all = tenants.map((tenant) => ({ tenant, interner, readyMs, keptFromMs }));
    for (const compacting of all) {
      // Before there is anything new to put together again: see readFarSums.
      while (await turns.bulk("tidy cells", (sql) => tidyMinute(sql, compacting))) await letOthersRun();
      while (await turns.bulk("gather cells", (sql) => gatherBlocks(sql, compacting))) await letOthersRun();
    }
    let cellsRead = 0;
    for (const compacting of all)
      for (let cells = 1; cells > 0; cellsRead += cells) {
        if (performance.now() > endMs)
          return { compactedUntilMs: await this.#summedUntilMs(readyMs), cellsRead };
        cells = await this.#sumNext(compacting);
        await letOthersRun();
      }
    return { compactedUntilMs: readyMs, cellsRead };
  }

  /** The start of the oldest block that is not summed, at most `readyMs`. */
  async #summedUntilMs(readyMs: number): Promise<number> {
    const [oldestMs] = await queryJson<number | null>(
      this.#tools.turns.each("look for cells"),
      `SELECT json_array(min("fromMs")) AS json FROM "CellBlock" WHERE "stage" < ${SUMMED}`,
    );
    return Math.min(readyMs, oldestMs ?? readyMs);
  }

  /** Sums what comes next; while another engine works on it, commits go on. */
  async #sumNext(compacting: Compacting): Promise<number> {
    const { far, turns } = this.#tools;
    if (!far) return turns.bulk("compact", (sql) => sumNext(sql, compacting));
    await this.prepare();
    const ready = await nextGathered(turns.each("look for cells"), compacting);
    if (ready === null) return 0;
    const cells = await ship(far, ready, compacting);
    const ids = ready.blocks.map(({ id }) => id);
    await turns.bulk("note what is summed", (sql) => markSummed(sql, ids));
    return cells;
  }

  async retain(nowMs: number, retention: Retention): Promise<RetentionReport> {
    const { far, turns } = this.#tools;
    const report = await retain((work) => turns.write("retain", work), { nowMs, retention });
    if (!far) return report;
    await this.prepare();
    const sums = await retainFar(far, turns.each("retain"), { nowMs, retention });
    return { deleted: { ...report.deleted, ...sums } };
  }
}
