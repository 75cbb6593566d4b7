import type { ImportState } from "../import-state.ts";
import type { TenantId } from "../port.ts";
import { queryJson, type Sql } from "./client.ts";

/** Most imports that one look-up answers: files that begin alike are few. */
const MAX_FOUND = 100;

/** Moves imports on to where they are now. */
export async function writeImports(
  sql: Sql,
  tenant: TenantId,
  input: { readonly imports: readonly ImportState[]; readonly nowMs: number },
): Promise<void> {
  if (input.imports.length === 0) return;
  const rows = input.imports.map((i) => [i.id, i.source, i.head, i.lines, i.digest]);
  await sql.$executeRawUnsafe(
    `INSERT INTO "Import" ("tenantId", "id", "source", "head", "lines", "digest", "atMs")
     SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, ? FROM json_each(?) WHERE true
     ON CONFLICT DO UPDATE SET "lines" = excluded."lines", "digest" = excluded."digest", "atMs" = excluded."atMs"`,
    tenant,
    input.nowMs,
    JSON.stringify(rows),
  );
}

/** Imports of a source whose history begins so, the longest first. */
export async function findImports(
  sql: Sql,
  tenant: TenantId,
  key: Pick<ImportState, "source" | "head">,
): Promise<ImportState[]> {
  const rows = await queryJson<[string, number, string]>(
    sql,
    `SELECT json_group_array(json_array("id", "lines", "digest")) AS json FROM (SELECT "id", "lines", "digest"
     FROM "Import" WHERE "tenantId" = ? AND "source" = ? AND "head" = ? ORDER BY "lines" DESC LIMIT ${MAX_FOUND})`,
    tenant,
    key.source,
    key.head,
  );
  return rows.map(([id, lines, digest]) => ({ ...key, id, lines, digest }));
}
