import { bodyOf, json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { replyOf, TENANT_COOKIE, unknownTenant } from "@/app/_server/visitor.ts";
import { tenantChoiceBody } from "@/lib/contract/read-visitor.ts";

export const dynamic = "force-dynamic";

const YEAR_S = 365 * 86_400;

/** Goes over to another tenant: this browser's pages are of it from now on. */
export const POST = guarded("viewer", async ({ request, visitor }) => {
  const { tenant } = await bodyOf(request, tenantChoiceBody);
  const at = visitor.memberships.find(({ name }) => name === tenant);
  if (!at) throw unknownTenant();
  const response = json(replyOf({ ...visitor, at }));
  const cookie = [`${TENANT_COOKIE}=${encodeURIComponent(tenant)}`, "Path=/", "HttpOnly", "SameSite=Lax"];
  response.headers.append("set-cookie", [...cookie, `Max-Age=${YEAR_S}`].join("; "));
  return response;
});
