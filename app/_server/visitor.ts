import type { Role } from "@/lib/domain/roles.ts";
import { DEFAULT_TENANT, type TenantId } from "@/lib/store/port.ts";

/** A tenant that somebody may look at, and as what. */
export type Membership = { readonly tenant: TenantId; readonly name: string; readonly role: Role };

/** Who makes a request, and in which tenant. */
export type Visitor = {
  /** `local`: whoever is at this machine, while sign-in is off. */
  readonly kind: "person" | "token" | "local";
  /** What the audit log calls it: an e-mail address, `token:<name>`; null: nobody is signed in. */
  readonly actor: string | null;
  /** Of a person; null for the rest. */
  readonly userId: string | null;
  /** The tenant looked at. */
  readonly at: Membership;
  /** Every tenant that may be looked at, the one looked at among them. */
  readonly memberships: readonly Membership[];
};

const LOCAL: Membership = { tenant: DEFAULT_TENANT, name: "default", role: "admin" };

/** Who makes a request with these headers; null: nobody that is known. */
export async function visitorOf(_headers: Headers): Promise<Visitor | null> {
  return { kind: "local", actor: null, userId: null, at: LOCAL, memberships: [LOCAL] };
}

/** Whose doing something is called where people read it: who is signed in, else the name that was typed. */
export function authorOf({ actor }: Visitor, typed: string | null | undefined): string | null {
  return actor ?? (typed?.trim() || null);
}
