import type { VisitorReply } from "@/lib/contract/read-visitor.ts";
import type { Role } from "@/lib/domain/roles.ts";
import { TENANT_PARAM } from "@/lib/domain/tenant-param.ts";
import { readSettings } from "@/lib/runtime/settings.ts";
import type { Standing } from "@/lib/store/port-people.ts";
import { NotFoundProblem } from "./answer.ts";
import { isOwnHost } from "./origin.ts";
import { people, signsIn } from "./people.ts";
import { stores } from "./stores.ts";
import { TENANT_COOKIE } from "./tenant-cookie.ts";
import { scriptOf } from "./token-visitor.ts";

/** Somebody known, and where they may go. */
type Known = {
  /** `local`: whoever is at this machine, while sign-in is off. */
  readonly kind: "person" | "token" | "local";
  /** What the audit log calls it: an e-mail address, `token:<name>`; null: nobody is signed in. */
  readonly actor: string | null;
  /** Of a person; null for the rest. */
  readonly userId: string | null;
  /** Every tenant that may be looked at. */
  readonly memberships: readonly Standing[];
  /** The role that holds for the installation itself; null: none. */
  readonly fleetRole: Role | null;
};

/** Who makes a request, and in which tenant. */
export type Visitor = Known & { readonly at: Standing };

/** A page names the tenant that it was made for. */
export const TENANT_HEADER = "x-reprise-tenant";

/** A tenant was named that there is not, or not for this visitor: the two are answered alike. */
export const unknownTenant = (): NotFoundProblem => new NotFoundProblem("There is no such tenant.");

/** Who makes a request with these headers, in the tenant that is `named`; null: nobody that is known. Throws NotFoundProblem for a tenant that is not theirs. */
export async function visitorOf(
  headers: Headers,
  named: string | null = nameIn(headers),
): Promise<Visitor | null> {
  const known = await knownBy(headers);
  const at = known ? placeOf(known.memberships, { named, headers }) : undefined;
  return known && at ? { ...known, at } : null;
}

async function knownBy(headers: Headers): Promise<Known | null> {
  const authorization = headers.get("authorization");
  // Who shows a token is that script or nobody, whatever cookies come with it, and with sign-in off too.
  if (authorization !== null) {
    const script = await scriptOf(authorization);
    return (
      script && {
        kind: "token",
        actor: script.actor,
        userId: null,
        memberships: [script.at],
        fleetRole: null,
      }
    );
  }
  if (!signsIn()) {
    if (!isOwnHost(headers, readSettings(process.env).consoleUrl)) return null;
    const memberships = await stores().reader.people.readTenants();
    return { kind: "local", actor: null, userId: null, memberships, fleetRole: "admin" };
  }
  const signedIn = await people().signedIn(headers);
  if (!signedIn) return null;
  const { email, userId, standings, fleetRole } = signedIn;
  return { kind: "person", actor: email, userId, memberships: standings, fleetRole };
}

/** The tenant that a request names, as it stands in addresses: a page's by a header, a download's in its own; null: none. */
export function nameIn(headers: Headers, url?: string): string | null {
  const inAddress = url === undefined ? null : new URL(url).searchParams.get(TENANT_PARAM);
  return headers.get(TENANT_HEADER) ?? (inAddress === null ? null : encodeURIComponent(inAddress));
}

/** The tenant that is named; else the one that was chosen last; else the first. */
function placeOf(
  memberships: readonly Standing[],
  { named, headers }: { readonly named: string | null; readonly headers: Headers },
): Standing | undefined {
  if (named !== null) {
    const place = memberships.find(({ name }) => encodeURIComponent(name) === named);
    if (!place) throw unknownTenant();
    return place;
  }
  const chosen = cookieOf(headers, TENANT_COOKIE);
  return memberships.find(({ name }) => encodeURIComponent(name) === chosen) ?? memberships[0];
}

function cookieOf(headers: Headers, name: string): string | undefined {
  const cookies = headers.get("cookie")?.split(";") ?? [];
  return cookies.map((cookie) => cookie.trim().split("=")).find(([key]) => key === name)?.[1];
}

/** What a page may know of its visitor. */
export function replyOf({ kind, actor, at, memberships, fleetRole }: Visitor): VisitorReply {
  const told = ({ name, role }: Standing) => ({ name, role });
  return { kind, actor, at: told(at), tenants: memberships.map(told), fleetRole };
}

/** Whose doing something is called where people read it: who is signed in, else the name that was typed. */
export function authorOf({ actor }: Visitor, typed: string | null | undefined): string | null {
  return actor ?? (typed?.trim() || null);
}
