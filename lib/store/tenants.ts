import { migrate } from "./migrate.ts";
import { INSTALLATION } from "./port-audit.ts";
import { appendAudit } from "./sqlite/audit.ts";
import { openClient, queryJson, toWorldError } from "./sqlite/client.ts";

/** Why a tenant was not made, in a sentence. */
export class TenantProblem extends Error {}

/** What a tenant may be called: what stands in URLs, configuration and cookies without quoting. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** Makes a tenant, beside running collectors and consoles. Answers its number. Throws TenantProblem, WorldError. */
export async function createTenantOf(
  file: string,
  { name, nowMs, by }: { readonly name: string; readonly nowMs: number; readonly by: string },
): Promise<number> {
  if (!NAME.test(name))
    throw new TenantProblem("A tenant's name is of a-z, 0-9, dot, dash and underscore: 1 to 63 of them.");
  await migrate(file);
  const client = openClient(file, false);
  try {
    return await client.$transaction(async (sql) => {
      const [known] = await queryJson<number>(
        sql,
        `SELECT json_group_array("id") AS json FROM "Tenant" WHERE "name" = ?`,
        name,
      );
      if (known !== undefined) throw new TenantProblem(`There is a tenant ${name} already.`);
      await sql.$executeRawUnsafe(
        `INSERT INTO "Tenant" ("id", "name") SELECT max("id") + 1, ? FROM "Tenant"`,
        name,
      );
      const [id = 0] = await queryJson<number>(
        sql,
        `SELECT json_group_array("id") AS json FROM "Tenant" WHERE "name" = ?`,
        name,
      );
      await appendAudit(sql, INSTALLATION, {
        ...{ atMs: nowMs, actor: by, address: null, action: "tenant.create" },
        ...{ targetKind: "tenant", targetId: name, before: null, after: JSON.stringify({ name }) },
      });
      return id;
    });
  } catch (error) {
    throw error instanceof TenantProblem ? error : toWorldError("make a tenant", error);
  } finally {
    await client.$disconnect();
  }
}
