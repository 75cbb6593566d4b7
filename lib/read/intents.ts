/** What people declared of endpoints. */
import { intentBody } from "../contract/read-policy.ts";
import { type Intent, mergeIntents, NO_INTENT } from "../domain/intent.ts";
import type { ReadStore, TenantId } from "../store/port.ts";

export type Intents = {
  /** As declared, those for every endpoint first. */
  readonly rows: readonly {
    readonly endpoint: string | null;
    readonly intent: Intent;
    readonly actor: string | null;
    readonly updatedMs: number;
  }[];
  /** What holds for an endpoint; of null: what was declared for all. */
  of(endpoint: string | null): Intent;
};

/** Reads all declarations. One that no longer fits the contract says nothing. */
export async function readIntents(store: ReadStore, tenant: TenantId): Promise<Intents> {
  const stored = await store.policy.readIntents(tenant);
  const rows = stored.map((row) => {
    const parsed = intentBody.safeParse(row.intent);
    return { ...row, intent: parsed.success ? parsed.data : NO_INTENT };
  });
  const by = new Map(rows.map(({ endpoint, intent }) => [endpoint, intent]));
  const everywhere = by.get(null) ?? NO_INTENT;
  return {
    rows,
    of: (endpoint) =>
      endpoint === null ? everywhere : mergeIntents(everywhere, by.get(endpoint) ?? NO_INTENT),
  };
}
