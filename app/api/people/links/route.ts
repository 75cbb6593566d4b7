import { addressOf } from "@/app/_server/address.ts";
import { bodyOf, ConflictProblem, json, ProhibitedProblem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { consoleUrl, people, signsIn } from "@/app/_server/people.ts";
import { administersAll } from "@/app/_server/persons.ts";
import { invitationBody } from "@/lib/contract/read-people.ts";
import { linkUrl } from "@/lib/people/one-time.ts";
import { INSTALLATION } from "@/lib/store/port-audit.ts";

export const dynamic = "force-dynamic";

/** Makes a link by which somebody joins the tenant, or all of them. It is shown once. */
export const POST = guarded("admin", async (ask) => {
  const { request, tenant, visitor } = ask;
  const { role, everywhere } = await bodyOf(request, invitationBody);
  if (!signsIn()) throw new ConflictProblem("Sign-in is off (REPRISE_AUTH): nobody can be invited.");
  if (everywhere && !(await administersAll(ask)))
    throw new ProhibitedProblem("Only who administers every tenant gives a role in all of them.");
  const by = { actor: visitor.actor, address: addressOf(request) };
  const place = everywhere ? INSTALLATION : tenant;
  const { secret, link } = await people().makeLink(place, { purpose: "invite", role, userId: null }, by);
  return json({ url: linkUrl(consoleUrl(), secret), expiresMs: link.expiresMs }, 201);
});
