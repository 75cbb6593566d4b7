import { mayAdminister } from "@/lib/people/people.ts";
import { INSTALLATION } from "@/lib/store/port-audit.ts";
import type { Person } from "@/lib/store/port-people.ts";
import { NotFoundProblem, ProhibitedProblem } from "./answer.ts";
import type { Ask } from "./guard.ts";
import { signsIn } from "./people.ts";

/** Whether who asks administers every tenant. */
export async function administersAll({ reader, visitor }: Pick<Ask<unknown>, "reader" | "visitor">) {
  if (visitor.kind === "local") return true;
  if (visitor.userId === null) return false;
  const everybody = await reader.people.readPeople(INSTALLATION);
  return everybody.some(({ userId, fleetRole }) => userId === visitor.userId && fleetRole === "admin");
}

/** Whether who asks may administer a person: they stand over every tenant in which that person has a role. */
export async function isMine(
  ask: Pick<Ask<unknown>, "reader" | "visitor">,
  person: Person,
): Promise<boolean> {
  if (person.fleetRole !== null) return administersAll(ask);
  return mayAdminister(ask.visitor.memberships, await ask.reader.people.readStandings(person.userId));
}

/** A person of the tenant that who asks may administer. Throws NotFoundProblem and ProhibitedProblem. */
export async function personAt(ask: Ask<{ id: string }>): Promise<Person> {
  const { reader, tenant, path } = ask;
  const person = (await reader.people.readPeople(tenant)).find(({ userId }) => userId === path.id);
  if (!person || !signsIn()) throw new NotFoundProblem("There is no such person in this tenant.");
  return person;
}

/** Throws ProhibitedProblem where who asks may not administer this person. */
export async function mustBeMine(
  ask: Pick<Ask<unknown>, "reader" | "visitor">,
  person: Person,
): Promise<void> {
  if (await isMine(ask, person)) return;
  throw new ProhibitedProblem("This person has a role in tenants that you do not administer.");
}
