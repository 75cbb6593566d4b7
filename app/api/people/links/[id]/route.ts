import { json, NotFoundProblem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { administersAll } from "@/app/_server/persons.ts";
import { INSTALLATION } from "@/lib/store/port-audit.ts";

export const dynamic = "force-dynamic";

/** Ends a link that nobody has used. */
export const DELETE = guarded<{ id: string }>("admin", async (ask) => {
  const { acts, tenant, path } = ask;
  const nowMs = Date.now();
  const places = (await administersAll(ask)) ? [tenant, INSTALLATION] : [tenant];
  for (const place of places) {
    const links = await acts.people.readLinks(place, nowMs);
    const link = links.find(({ secretHash }) => secretHash.slice(0, 12) === path.id);
    if (!link) continue;
    await acts.people.endLink(place, { secretHash: link.secretHash, nowMs });
    return json({ ok: true });
  }
  throw new NotFoundProblem("There is no such link.");
});
