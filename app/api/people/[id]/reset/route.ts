import { addressOf } from "@/app/_server/address.ts";
import { json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { consoleUrl, people } from "@/app/_server/people.ts";
import { mustBeMine, personAt } from "@/app/_server/persons.ts";
import { linkUrl } from "@/lib/people/one-time.ts";

export const dynamic = "force-dynamic";

/** Makes a link by which a person sets a new password. It is shown once. */
export const POST = guarded<{ id: string }>("admin", async (ask) => {
  const person = await personAt(ask);
  await mustBeMine(ask, person);
  const by = { actor: ask.visitor.actor, address: addressOf(ask.request) };
  const about = { purpose: "reset", role: null, userId: person.userId } as const;
  const { secret, link } = await people().makeLink(ask.tenant, about, by);
  return json({ url: linkUrl(consoleUrl(), secret), expiresMs: link.expiresMs }, 201);
});
