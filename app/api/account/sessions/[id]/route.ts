import { personOf } from "@/app/_server/account.ts";
import { addressOf } from "@/app/_server/address.ts";
import { json, NotFoundProblem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { people } from "@/app/_server/people.ts";

export const dynamic = "force-dynamic";

/** Ends a session of one's own. */
export const DELETE = guarded<{ id: string }>("viewer", async ({ request, path: { id } }) => {
  const person = await personOf(request);
  const by = { actor: person.email, address: addressOf(request) };
  const ended = await people().signOut(person, by, id);
  if (ended === 0) throw new NotFoundProblem("There is no such session.");
  return json({ ok: true });
});
