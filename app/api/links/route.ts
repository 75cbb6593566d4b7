import { bodyOf, json, NotFoundProblem } from "@/app/_server/answer.ts";
import { open } from "@/app/_server/open.ts";
import { people } from "@/app/_server/people.ts";
import { stores } from "@/app/_server/stores.ts";
import { type LinkReply, linkBody } from "@/lib/contract/read-people.ts";

export const dynamic = "force-dynamic";

/** What a one-time link does, told to who has it. It is not used by that. */
export const POST = open(async (request) => {
  const { secret } = await bodyOf(request, linkBody);
  const link = await people().findLink(secret);
  if (!link) throw new NotFoundProblem("This link does not work any more.");
  const tenants = await stores().reader.people.readTenants();
  const tenant = tenants.find((one) => one.tenant === link.tenant)?.name ?? null;
  const { purpose, role, expiresMs } = link;
  return json({ purpose, role, tenant, expiresMs } satisfies LinkReply);
});
