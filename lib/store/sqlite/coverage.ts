import type { Vantage } from "../../domain/vocabulary.ts";
import type { Cell, Coverage, TenantId, TruthChoice } from "../port.ts";
import { queryJson, type Sql } from "./client.ts";
import type { Interner, KnownSegment } from "./interner.ts";

/** A view's end is written when it has moved this far; readers allow for more (GRACE_MS of lib/domain/truth.ts). */
const WRITE_EVERY_MS = 60_000;

type Seen = { firstMs: number; lastMs: number };
type Row = [node: string, system: string, vantage: Vantage, source: string, firstMs: number, lastMs: number];

/** Which vantage saw which product on which node, and when: widened as cells are committed. */
export class CoverageKeeper {
  readonly #written = new Map<string, Seen>();

  /** Learns what the file holds. */
  async load(sql: Sql): Promise<void> {
    const rows = await queryJson<[number, ...Row]>(
      sql,
      `SELECT json_group_array(json_array("tenantId", "node", "system", "vantage", "source", "firstMs", "lastMs"))
         AS json FROM "Coverage"`,
    );
    for (const [tenant, node, system, vantage, source, firstMs, lastMs] of rows)
      this.#written.set(JSON.stringify([tenant, node, system, vantage, source]), { firstMs, lastMs });
  }

  /** Writes what these cells widen; answers what to call once the transaction has committed. */
  async write(
    sql: Sql,
    tenant: TenantId,
    { cells, interner }: { cells: readonly Cell[]; interner: Interner },
  ): Promise<() => void> {
    const widened = new Map<string, Seen>();
    for (const [key, span] of spansOf(tenant, cells, interner)) {
      const known = this.#written.get(key);
      const later = span.lastMs - (known?.lastMs ?? Number.NEGATIVE_INFINITY);
      if (known && span.firstMs >= known.firstMs && later < WRITE_EVERY_MS) continue;
      widened.set(key, {
        firstMs: Math.min(span.firstMs, known?.firstMs ?? span.firstMs),
        lastMs: Math.max(span.lastMs, known?.lastMs ?? span.lastMs),
      });
    }
    if (widened.size) await sql.$executeRawUnsafe(UPSERT, tenant, rowsText(widened));
    return () => {
      for (const [key, span] of widened) this.#written.set(key, span);
    };
  }
}

const UPSERT = `INSERT INTO "Coverage" ("tenantId", "node", "system", "vantage", "source", "firstMs", "lastMs")
  SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each(?) WHERE true
  ON CONFLICT DO UPDATE SET "firstMs" = min("firstMs", excluded."firstMs"),
    "lastMs" = max("lastMs", excluded."lastMs")`;

function rowsText(widened: ReadonlyMap<string, Seen>): string {
  const rows = [...widened].map(([key, { firstMs, lastMs }]) => {
    const [, ...names] = JSON.parse(key) as [number, ...string[]];
    return [...names, firstMs, lastMs];
  });
  return JSON.stringify(rows);
}

function spansOf(tenant: TenantId, cells: readonly Cell[], interner: Interner): Map<string, Seen> {
  const bySegment = new Map<number, Seen>();
  for (const { segmentId, bucketStartMs } of cells) widen(bySegment, segmentId, bucketStartMs);
  const byView = new Map<string, Seen>();
  for (const [id, { firstMs, lastMs }] of bySegment) {
    const segment = interner.segments.get(id);
    if (!segment) continue;
    const key = viewKey(tenant, segment);
    widen(byView, key, firstMs);
    widen(byView, key, lastMs);
  }
  return byView;
}

function viewKey(tenant: TenantId, { node, system, vantage, source }: KnownSegment): string {
  return JSON.stringify([tenant, node ?? "", system ?? "", vantage, source ?? ""]);
}

function widen<K>(spans: Map<K, Seen>, key: K, atMs: number): void {
  const span = spans.get(key);
  if (!span) spans.set(key, { firstMs: atMs, lastMs: atMs });
  else if (atMs < span.firstMs) span.firstMs = atMs;
  else if (atMs > span.lastMs) span.lastMs = atMs;
}

const known = (name: string): string | null => (name === "" ? null : name);

/** Where handshakes were seen from, by node, product and vantage. */
export async function readCoverage(sql: Sql, tenant: TenantId): Promise<Coverage[]> {
  const rows = await queryJson<Row>(
    sql,
    `SELECT json_group_array(json_array("node", "system", "vantage", "source", "firstMs", "lastMs")) AS json
     FROM (SELECT * FROM "Coverage" WHERE "tenantId" = ? ORDER BY "node", "system", "vantage", "source")`,
    tenant,
  );
  const views = Map.groupBy(rows, ([node, system, vantage]) => JSON.stringify([node, system, vantage]));
  return [...views.values()].map((list) => {
    const [node, system, vantage] = list[0] as Row;
    return {
      node: known(node),
      system: known(system),
      vantage,
      sources: list.flatMap(([, , , source]) => (source === "" ? [] : [source])),
      firstMs: Math.min(...list.map((row) => row[4])),
      lastMs: Math.max(...list.map((row) => row[5])),
    };
  });
}

/** Vantages that people chose. */
export async function readTruthChoices(sql: Sql, tenant: TenantId): Promise<TruthChoice[]> {
  const rows = await queryJson<[string, string, Vantage]>(
    sql,
    `SELECT json_group_array(json_array("node", "system", "vantage")) AS json FROM "TruthChoice" WHERE "tenantId" = ?`,
    tenant,
  );
  return rows.map(([node, system, vantage]) => ({ node: known(node), system: known(system), vantage }));
}

/** Keeps a choice, or forgets it where the vantage is null. */
export async function writeTruthChoice(
  sql: Sql,
  tenant: TenantId,
  choice: Omit<TruthChoice, "vantage"> & { readonly vantage: Vantage | null },
): Promise<void> {
  const of = [tenant, choice.node ?? "", choice.system ?? ""];
  if (choice.vantage === null)
    await sql.$executeRawUnsafe(
      `DELETE FROM "TruthChoice" WHERE "tenantId" = ? AND "node" = ? AND "system" = ?`,
      ...of,
    );
  else
    await sql.$executeRawUnsafe(
      `INSERT INTO "TruthChoice" ("tenantId", "node", "system", "vantage") VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET "vantage" = excluded."vantage"`,
      ...of,
      choice.vantage,
    );
}
