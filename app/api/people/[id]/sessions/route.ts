import { addressOf } from "@/app/_server/address.ts";
import { json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { people } from "@/app/_server/people.ts";
import { mustBeMine, personAt } from "@/app/_server/persons.ts";

export const dynamic = "force-dynamic";

/** Ends every session of a person. */
export const DELETE = guarded<{ id: string }>("admin", async (ask) => {
  const person = await personAt(ask);
  await mustBeMine(ask, person);
  await people().signOut(person, { actor: ask.visitor.actor, address: addressOf(ask.request) });
  return json({ ok: true });
});
