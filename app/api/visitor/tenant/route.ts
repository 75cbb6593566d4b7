import { bodyOf, json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { tenantCookie } from "@/app/_server/tenant-cookie.ts";
import { replyOf, unknownTenant } from "@/app/_server/visitor.ts";
import { tenantChoiceBody } from "@/lib/contract/read-visitor.ts";

export const dynamic = "force-dynamic";

/** Goes over to another tenant: this browser's pages are of it from now on. */
export const POST = guarded("viewer", async ({ request, visitor }) => {
  const { tenant } = await bodyOf(request, tenantChoiceBody);
  const at = visitor.memberships.find(({ name }) => name === tenant);
  if (!at) throw unknownTenant();
  const response = json(replyOf({ ...visitor, at }));
  response.headers.append("set-cookie", tenantCookie(tenant));
  return response;
});
