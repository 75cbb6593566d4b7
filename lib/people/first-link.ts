import { INSTALLATION } from "../store/port-audit.ts";
import type { PersonReader } from "../store/port-people.ts";
import { linkUrl } from "./one-time.ts";
import type { People } from "./people.ts";

/** The link by which the first administrator is made: a new one each time, which ends the older; null where there is somebody already. */
export async function firstLink(
  people: People,
  { reader, consoleUrl }: { readonly reader: { readonly people: PersonReader }; readonly consoleUrl: string },
): Promise<string | null> {
  if (await reader.people.hasPeople()) return null;
  const about = { purpose: "first", role: "admin", userId: null } as const;
  const { secret } = await people.makeLink(INSTALLATION, about, { actor: null, address: null });
  return linkUrl(consoleUrl, secret);
}
