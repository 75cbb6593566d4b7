import { json, parametersOf } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { keyUsesParams } from "@/lib/contract/read-keys.ts";
import { readKeyUses } from "@/lib/read/keys.ts";

export const dynamic = "force-dynamic";

/** Uses of one key over time; a key without any in the window has no series. */
export const GET = guarded<{ key: string }>(
  "viewer",
  async ({ request, tenant, reader, path: { key: keyName } }) => {
    const params = parametersOf(request, keyUsesParams);
    return json(await readKeyUses(reader, tenant, { keyName, params, nowMs: Date.now() }));
  },
);
