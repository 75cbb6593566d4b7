import type { Vantage } from "../../domain/vocabulary.ts";
import type { Cell, Coverage, TenantId, TruthChoice } from "../port.ts";
import { queryJson, type Sql } from "./client.ts";
import type { Interner, KnownSegment } from "./interner.ts";

/** A view's end is written when it has moved this far; readers allow for more (GRACE_MS of lib/domain/truth.ts). */
const WRITE_EVERY_MS = 60_000;

type Seen = { firstMs: number; lastMs: number; outcomes: boolean };
type Row = [
  node: string,
  system: string,
  vantage: Vantage,
  source: string,
  firstMs: number,
  lastMs: number,
  outcomes: number,
];

/** Which vantage saw which product on which node, and when: widened as cells are committed. */
export class CoverageKeeper {
  readonly #written = new Map<string, Seen>();

  /** Learns what the file holds. */
  async load(sql: Sql): Promise<void> {
    const rows = await queryJson<[number, ...Row]>(
      sql,
      `SELECT json_group_array(json_array("tenantId", "node", "system", "vantage", "source", "firstMs", "lastMs",
         "outcomes")) AS json FROM "Coverage"`,
    );
    for (const [tenant, node, system, vantage, source, firstMs, lastMs, outcomes] of rows) {
      const key = JSON.stringify([tenant, node, system, vantage, source]);
      this.#written.set(key, { firstMs, lastMs, outcomes: outcomes === 1 });
    }
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
      const learnt = span.outcomes && !known?.outcomes;
      if (known && span.firstMs >= known.firstMs && later < WRITE_EVERY_MS && !learnt) continue;
      widened.set(key, {
        firstMs: Math.min(span.firstMs, known?.firstMs ?? span.firstMs),
        lastMs: Math.max(span.lastMs, known?.lastMs ?? span.lastMs),
        outcomes: span.outcomes || known?.outcomes === true,
      });
    }
    if (widened.size) await sql.$executeRawUnsafe(UPSERT, tenant, rowsText(widened));
    return () => {
      for (const [key, span] of widened) this.#written.set(key, span);
    };
  }
}

const UPSERT = `INSERT INTO "Coverage" ("tenantId", "node", "system", "vantage", "source", "firstMs", "lastMs",
    "outcomes")
  SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6 FROM json_each(?) WHERE true
  ON CONFLICT DO UPDATE SET "firstMs" = min("firstMs", excluded."firstMs"),
    "lastMs" = max("lastMs", excluded."lastMs"), "outcomes" = max("outcomes", excluded."outcomes")`;

function rowsText(widened: ReadonlyMap<string, Seen>): string {
  const rows = [...widened].map(([key, { firstMs, lastMs, outcomes }]) => {
    const [, ...names] = JSON.parse(key) as [number, ...string[]];
    return [...names, firstMs, lastMs, outcomes ? 1 : 0];
  });
  return JSON.stringify(rows);
}

function spansOf(tenant: TenantId, cells: readonly Cell[], interner: Interner): Map<string, Seen> {
  const bySegment = new Map<number, Seen>();
  for (const { segmentId, bucketStartMs, resultId } of cells) {
    const outcome = interner.results.get(resultId)?.outcome;
    widen(bySegment, segmentId, {
      atMs: bucketStartMs,
      outcomes: outcome === "full" || outcome === "resumed",
    });
  }
  const byView = new Map<string, Seen>();
  for (const [id, { firstMs, lastMs, outcomes }] of bySegment) {
    const segment = interner.segments.get(id);
    if (!segment) continue;
    const key = viewKey(tenant, segment);
    widen(byView, key, { atMs: firstMs, outcomes });
    widen(byView, key, { atMs: lastMs, outcomes });
  }
  return byView;
}

function viewKey(tenant: TenantId, { node, system, vantage, source }: KnownSegment): string {
  return JSON.stringify([tenant, node ?? "", system ?? "", vantage, source ?? ""]);
}

function widen<K>(spans: Map<K, Seen>, key: K, by: { atMs: number; outcomes: boolean }): void {
  const span = spans.get(key);
  if (!span) {
    spans.set(key, { firstMs: by.atMs, lastMs: by.atMs, outcomes: by.outcomes });
    return;
  }
  if (by.atMs < span.firstMs) span.firstMs = by.atMs;
  else if (by.atMs > span.lastMs) span.lastMs = by.atMs;
  if (by.outcomes) span.outcomes = true;
}

const known = (name: string): string | null => (name === "" ? null : name);

/** Where handshakes were seen from, by node, product and vantage. */
export async function readCoverage(sql: Sql, tenant: TenantId): Promise<Coverage[]> {
  const rows = await queryJson<Row>(
    sql,
    `SELECT json_group_array(json_array("node", "system", "vantage", "source", "firstMs", "lastMs", "outcomes"))
       AS json FROM (SELECT * FROM "Coverage" WHERE "tenantId" = ? ORDER BY "node", "system", "vantage", "source")`,
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
      outcomes: list.some((row) => row[6] === 1),
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
