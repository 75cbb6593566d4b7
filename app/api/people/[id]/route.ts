import { bodyOf, ConflictProblem, json, ProhibitedProblem } from "@/app/_server/answer.ts";
import { type Ask, guarded } from "@/app/_server/guard.ts";
import { administersAll, personAt } from "@/app/_server/persons.ts";
import { roleBody } from "@/lib/contract/read-people.ts";
import { INSTALLATION } from "@/lib/store/port-audit.ts";
import type { Person } from "@/lib/store/port-people.ts";

export const dynamic = "force-dynamic";

/** Gives a person a role, or takes it: in this tenant, or in every one. */
export const PATCH = guarded<{ id: string }>("admin", async (ask) => {
  const { role, everywhere } = await bodyOf(ask.request, roleBody);
  const person = await personAt(ask);
  if (everywhere && !(await administersAll(ask)))
    throw new ProhibitedProblem("Only who administers every tenant gives a role in all of them.");
  if (everywhere && role !== "admin") await mustNotBeLast(ask, person);
  const { userId, email } = person;
  const place = everywhere ? INSTALLATION : ask.tenant;
  await ask.acts.people.setRole(place, { userId, email, via: "console", role });
  return json({ ok: true });
});

async function mustNotBeLast({ reader }: Ask<unknown>, { userId }: Person): Promise<void> {
  const everybody = await reader.people.readPeople(INSTALLATION);
  const others = everybody.filter((one) => one.fleetRole === "admin" && one.userId !== userId);
  if (others.length === 0) throw new ConflictProblem("Somebody has to administer every tenant.");
}
