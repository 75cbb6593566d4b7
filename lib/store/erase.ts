import { ClickhouseSums } from "./clickhouse/sums.ts";
import { migrate } from "./migrate.ts";
import { DEFAULT_TENANT } from "./port.ts";
import { openClient, queryJson, toWorldError } from "./sqlite/client.ts";
import { type Erased, eraseTenant } from "./sqlite/erase.ts";
import { hold, settle } from "./sqlite/whole-file.ts";

export type { Erased };

const TRANSACTION_TIMEOUT_MS = 120_000;

/** Why nothing was erased, in a sentence. */
export class EraseProblem extends Error {}

/**
 * Erases a tenant by its name: every row of it, and itself. The default tenant itself stays, empty: the installation needs
 * it. Nobody else may have the store open, since a collector knows segments by heart. Throws EraseProblem, WorldError.
 */
export async function eraseTenantOf(
  file: string,
  asked: { readonly name: string; readonly nowMs: number; readonly by: string; readonly storeUrl: string },
): Promise<Erased> {
  const release = hold(file);
  if (release === null) throw new EraseProblem("The store is in use: stop collector and console first.");
  release();
  await migrate(file);
  const client = openClient(file, false);
  try {
    // From the first statement on nobody else gets in; deleted content is overwritten with zeros.
    await client.$queryRawUnsafe("PRAGMA locking_mode = EXCLUSIVE");
    await client.$queryRawUnsafe("PRAGMA secure_delete = ON");
    const [tenant] = await queryJson<number>(
      client,
      `SELECT json_group_array("id") AS json FROM "Tenant" WHERE "name" = ?`,
      asked.name,
    );
    if (tenant === undefined) throw new EraseProblem(`There is no tenant ${asked.name}.`);
    const sums = asked.storeUrl ? await eraseSums(asked.storeUrl, tenant) : 0;
    const options = { timeout: TRANSACTION_TIMEOUT_MS, maxWait: TRANSACTION_TIMEOUT_MS };
    const erased = await eraseTenant((work) => client.$transaction((sql) => work(sql), options), {
      ...asked,
      tenant,
      kept: tenant === DEFAULT_TENANT,
    });
    return sums > 0 ? { ...erased, "sums in ClickHouse": sums } : erased;
  } catch (error) {
    throw error instanceof EraseProblem ? error : toWorldError("erase a tenant", error);
  } finally {
    await client.$disconnect();
    // The write-ahead log, which holds what was deleted, goes too.
    settle(file);
  }
}

async function eraseSums(url: string, tenant: number): Promise<number> {
  const far = new ClickhouseSums(url);
  try {
    return await far.erase(tenant);
  } finally {
    await far.close();
  }
}
