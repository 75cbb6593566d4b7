import { json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { signsIn } from "@/app/_server/people.ts";
import { administersAll, isMine } from "@/app/_server/persons.ts";
import type { LinkView, PeopleReply } from "@/lib/contract/read-people.ts";
import { INSTALLATION } from "@/lib/store/port-audit.ts";
import type { OneTimeLink } from "@/lib/store/port-people.ts";

export const dynamic = "force-dynamic";

const viewOf = ({
  secretHash,
  tenant,
  purpose,
  role,
  createdMs,
  createdBy,
  expiresMs,
}: OneTimeLink): LinkView => ({
  ...{ id: secretHash.slice(0, 12), purpose, role, everywhere: tenant === INSTALLATION },
  ...{ createdMs, createdBy, expiresMs },
});

/** People of the tenant, and links that nobody has used yet. */
export const GET = guarded("admin", async (ask) => {
  const { reader, tenant } = ask;
  const nowMs = Date.now();
  const everywhere = await administersAll(ask);
  const found = await reader.people.readPeople(tenant);
  const people = await Promise.all(found.map(async (one) => ({ ...one, mine: await isMine(ask, one) })));
  const places = everywhere ? [tenant, INSTALLATION] : [tenant];
  const links = await Promise.all(places.map((place) => reader.people.readLinks(place, nowMs)));
  const reply = { nowMs, signIn: signsIn(), everywhere, people, links: links.flat().map(viewOf) };
  return json(reply satisfies PeopleReply);
});
