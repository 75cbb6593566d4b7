import { eachCell, histogramOf, packTable } from "../cell-block.ts";
import type { FarExtent, FarMove, FarSums, Shipment, StepSum, SumQuery, TierSums } from "../far-sums.ts";
import { HISTOGRAM_METRICS, type ResolutionMs, type TenantId } from "../port.ts";
import { line } from "./lines.ts";
import { ClickhouseMove } from "./move.ts";
import { BLOCK_TIER, prepareSchema, TABLES, tableOf } from "./schema.ts";
import { type SumRow, selectSums, toSums } from "./select-sums.ts";
import { Server } from "./server.ts";
import { deleteRows, dropBefore } from "./upkeep.ts";

/** In tiers.ts of the file's engine: sums over all, by minute and by hour. */
const MINUTE_TOTAL = 4;
const HOUR_TOTAL = 7;

/** Sums in ClickHouse, 18.16 or newer. */
export class ClickhouseSums implements FarSums {
  readonly #server: Server;
  /** What moves sums here. */
  readonly move: FarMove;
  #installation = 0;

  /** Throws an Error with a sentence where the URL cannot be read. */
  constructor(url: string) {
    this.#server = new Server(url);
    this.move = new ClickhouseMove(this.#server);
  }

  async prepare(installation: number): Promise<{ lastBlock: number }> {
    await prepareSchema(this.#server, installation);
    this.#installation = installation;
    const tables = Object.values(TABLES).map(
      ({ name }) => `SELECT segmentId FROM ${this.#server.database}.${name} WHERE tier = ${BLOCK_TIER}`,
    );
    const [row] = await this.#server.rows<[string | number]>(
      "look for the last block",
      `SELECT max(segmentId) FROM (${tables.join(" UNION ALL ")})`,
    );
    return { lastBlock: Number(row?.[0] ?? 0) };
  }

  /**
   * One statement a table, whose rows lie in one partition and so become one part: all of them or none. Rows among them name the
   * blocks; whoever does not know how an earlier try ended looks for those. A try that is still running keeps its id, and
   * the server refuses another with the same.
   */
  async add({ tenant, dayMs, blocks, sum }: Shipment): Promise<void> {
    for (const resolutionMs of [60_000, 3_600_000] as const) {
      const { name } = tableOf(resolutionMs);
      const there = await this.#server.rows<[string | number]>(
        "look for blocks",
        `SELECT segmentId FROM ${this.#server.database}.${name} WHERE tier = ${BLOCK_TIER} AND tenantId = ${tenant}
         AND endpointId = 0 AND bucketStartMs = ${dayMs} AND segmentId IN (${blocks.join(",")})`,
      );
      const known = new Set(there.map(([block]) => Number(block)));
      const missing = blocks.filter((block) => !known.has(block));
      if (missing.length === 0) continue;
      const tiers = sum(missing).filter((tier) => tier.resolutionMs === resolutionMs);
      const markers = missing.map((block) => line([BLOCK_TIER, tenant, 0, dayMs, block, 0, 1], []));
      await this.#server.insert("add sums", {
        table: name,
        lines: tiers.map((tier) => linesOf(tenant, tier)).join("") + markers.join(""),
        id: `reprise-${this.#installation}-${name}-${blocks[0]}`,
      });
    }
  }

  async read(query: SumQuery): Promise<{ rows: StepSum[]; blocks: ReadonlySet<number> }> {
    const { database } = this.#server;
    const statement = selectSums(`${database}.${tableOf(query.resolutionMs).name}`, query);
    return toSums(await this.#server.rows<SumRow>("read sums", statement), query.histograms);
  }

  async extent(tenant: TenantId): Promise<FarExtent> {
    const edge = async (fn: "min" | "max", table: string, tier: number): Promise<number | null> => {
      const [row] = await this.#server.rows<[string | number, string | number]>(
        "read the extent",
        `SELECT count(), ${fn}(bucketStartMs) FROM ${this.#server.database}.${table}
         WHERE tier = ${tier} AND tenantId = ${tenant} AND endpointId = 0`,
      );
      return Number(row?.[0]) > 0 ? Number(row?.[1]) : null;
    };
    const [minutes, hours] = [TABLES[60_000].name, TABLES[3_600_000].name];
    return {
      firstHourMs: await edge("min", hours, HOUR_TOTAL),
      lastMinuteMs: await edge("max", minutes, MINUTE_TOTAL),
      lastHourMs: await edge("max", hours, HOUR_TOTAL),
    };
  }

  async retain({
    tenant,
    resolutionMs,
    ms,
  }: {
    tenant: TenantId | null;
    resolutionMs: ResolutionMs;
    ms: number;
  }): Promise<number> {
    const table = tableOf(resolutionMs);
    if (tenant === null) return dropBefore(this.#server, table, ms);
    return deleteRows(this.#server, table.name, `tenantId = ${tenant} AND bucketStartMs < ${Math.floor(ms)}`);
  }

  async erase(tenant: TenantId): Promise<number> {
    let rows = 0;
    for (const { name } of Object.values(TABLES))
      rows += await deleteRows(this.#server, name, `tenantId = ${tenant}`);
    return rows;
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}

function linesOf(tenant: TenantId, { tierId, sums, cells }: TierSums): string {
  let lines = "";
  eachCell(packTable(sums, cells), (cell) => {
    const histograms = HISTOGRAM_METRICS.map((_, metric) => histogramOf(cell, metric));
    const { endpointId, bucketStartMs, segmentId, resultId, count } = cell;
    lines += line([tierId, tenant, endpointId, bucketStartMs, segmentId, resultId, count], histograms);
  });
  return lines;
}
