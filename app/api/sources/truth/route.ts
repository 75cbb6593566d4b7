import { bodyOf, json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { truthChoiceBody } from "@/lib/contract/read-sources.ts";

export const dynamic = "force-dynamic";

/** Chooses which of two views of the same handshakes the rates of a node's product are made of. */
export const POST = guarded("admin", async ({ request, tenant, acts }) => {
  const choice = await bodyOf(request, truthChoiceBody);
  await acts.chooseTruth(tenant, choice);
  return json(choice);
});
