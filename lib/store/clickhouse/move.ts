import type { FarMove, MovedRow, MovedStretch, MovedTotals } from "../far-sums.ts";
import { HISTOGRAM_METRICS, type ResolutionMs } from "../port.ts";
import { line } from "./lines.ts";
import { MOVED_TIER, SUMS_END, tableOf } from "./schema.ts";
import type { Server } from "./server.ts";

/** Takes sums over from a database file, a partition at a time: what an earlier try left of one is dropped with it. */
export class ClickhouseMove implements FarMove {
  readonly #server: Server;
  #portions = 0;

  constructor(server: Server) {
    this.#server = server;
  }

  stretchMs(resolutionMs: ResolutionMs): number {
    return tableOf(resolutionMs).partitionMs;
  }

  async isMoved(stretch: MovedStretch): Promise<boolean> {
    const [row] = await this.#server.rows<[string | number]>(
      "look at what was moved",
      `SELECT count() FROM ${this.#table(stretch)} WHERE tier = ${MOVED_TIER} AND tenantId = 0 AND endpointId = 0
       AND bucketStartMs = ${stretch.fromMs}`,
    );
    return Number(row?.[0]) > 0;
  }

  async clear(stretch: MovedStretch): Promise<void> {
    const partition = stretch.fromMs / this.stretchMs(stretch.resolutionMs);
    await this.#server.run(
      "clear what was moved in part",
      `ALTER TABLE ${this.#table(stretch)} DROP PARTITION ${partition}`,
    );
  }

  async put(stretch: MovedStretch, rows: readonly MovedRow[]): Promise<void> {
    const lines = rows.map(
      ({ tierId, tenant, endpointId, bucketStartMs, segmentId, resultId, count, histograms }) =>
        line([tierId, tenant, endpointId, bucketStartMs, segmentId, resultId, count], histograms),
    );
    await this.#insert(stretch, lines.join(""));
  }

  async totals(stretch: MovedStretch): Promise<MovedTotals> {
    const weights = HISTOGRAM_METRICS.map((name) => `sum(arraySum(${name}Map.weight))`).join(" + ");
    const sums = HISTOGRAM_METRICS.map((name) => `sum(${name}Sum)`).join(" + ");
    const untilMs = stretch.fromMs + this.stretchMs(stretch.resolutionMs);
    const rows = await this.#server.rows<(string | number)[]>(
      "compare what was moved",
      `SELECT tier, sum(count), ${weights}, ${sums} FROM ${this.#table(stretch)}
       WHERE tier < ${SUMS_END} AND bucketStartMs >= ${stretch.fromMs} AND bucketStartMs < ${untilMs} GROUP BY tier`,
    );
    return new Map(
      rows.map(([tier, count, weight, sum]) => [Number(tier), [Number(count), Number(weight), Number(sum)]]),
    );
  }

  async noteMoved(stretch: MovedStretch): Promise<void> {
    await this.#insert(stretch, line([MOVED_TIER, 0, 0, stretch.fromMs, 0, 0, 1], []));
  }

  #table({ resolutionMs }: MovedStretch): string {
    return `${this.#server.database}.${tableOf(resolutionMs).name}`;
  }

  async #insert({ resolutionMs }: MovedStretch, lines: string): Promise<void> {
    this.#portions += 1;
    const id = `reprise-move-${process.pid}-${Date.now()}-${this.#portions}`;
    await this.#server.insert("move sums", { table: tableOf(resolutionMs).name, lines, id });
  }
}
