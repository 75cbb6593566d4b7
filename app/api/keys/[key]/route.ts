import { answer, json, parametersOf } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";
import { keyUsesParams } from "@/lib/contract/read-keys.ts";
import { readKeyUses } from "@/lib/read/keys.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Uses of one key over time; a key without any in the window has no series. */
export function GET(
  request: Request,
  context: { readonly params: Promise<{ key: string }> },
): Promise<Response> {
  return answer(async () => {
    const { key: keyName } = await context.params;
    const params = parametersOf(request, keyUsesParams);
    return json(await readKeyUses(stores().reader, DEFAULT_TENANT, { keyName, params, nowMs: Date.now() }));
  });
}
