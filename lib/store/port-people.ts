import type { Role } from "../domain/roles.ts";
import type { TenantId } from "./port.ts";
import type { INSTALLATION } from "./port-audit.ts";

/** Who may do what where. People themselves (names, passwords, sessions) are better-auth's: lib/people. */

/** A tenant, or INSTALLATION for all of them: a role there holds in each. */
export type Place = TenantId | typeof INSTALLATION;

/** Whether people gave a role, or the groups of an identity provider. */
export type Via = "console" | "oidc";

/** A tenant that somebody may look at, and as what: the greatest of the roles that hold there. */
export type Standing = { readonly tenant: TenantId; readonly name: string; readonly role: Role };

export type Person = {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  /** Roles in this tenant by whose word they hold; null: none. */
  readonly role: Role | null;
  readonly groupRole: Role | null;
  /** The role that holds in every tenant; null: none. */
  readonly fleetRole: Role | null;
  readonly secondFactor: boolean;
  readonly createdMs: number;
  /** When one of the sessions that still run was made last; null: nobody is signed in. */
  readonly signedInMs: number | null;
  readonly sessions: number;
};

export const LINK_PURPOSES = ["first", "invite", "reset"] as const;
export type LinkPurpose = (typeof LINK_PURPOSES)[number];

/** A link that works once. The first administrator's and those of the whole fleet are of INSTALLATION. */
export type OneTimeLink = {
  readonly secretHash: string;
  readonly tenant: Place;
  readonly purpose: LinkPurpose;
  /** The role that it gives; null for a new password. */
  readonly role: Role | null;
  /** Whose password it sets; null where it makes somebody new. */
  readonly userId: string | null;
  readonly createdMs: number;
  readonly createdBy: string | null;
  readonly expiresMs: number;
};

export interface PersonReader {
  /** Every tenant that a person may look at, by name. */
  readStandings(userId: string): Promise<readonly Standing[]>;
  /** The role that holds in every tenant; null: none. */
  readFleetRole(userId: string): Promise<Role | null>;
  /** Every tenant, as its administrator sees it: for whoever is at the machine while sign-in is off. */
  readTenants(): Promise<readonly Standing[]>;
  /** People with a role in this tenant, or in all, by e-mail address. With INSTALLATION: everybody. */
  readPeople(place: Place): Promise<readonly Person[]>;
  /** Whether there is anybody at all. */
  hasPeople(): Promise<boolean>;
  /** Links of a place that still work. */
  readLinks(place: Place, nowMs: number): Promise<readonly OneTimeLink[]>;
  /** The link with this secret, where it still works. */
  findLink(secretHash: string, nowMs: number): Promise<OneTimeLink | null>;
}

/** What is done about people; `email` is for the audit log. */
export interface PersonActor {
  /** Gives a role, or takes it (null). False where nothing is changed by it. */
  setRole(
    place: Place,
    act: { readonly userId: string; readonly email: string; readonly via: Via; readonly role: Role | null },
  ): Promise<boolean>;
  /** Keeps a new link; of the first administrator's the older ones end. */
  makeLink(place: Place, link: OneTimeLink): Promise<void>;
  /** Uses a link up. False where it does not work any more: of two at once, one is told so. */
  takeLink(place: Place, act: { readonly secretHash: string; readonly nowMs: number }): Promise<boolean>;
  /** Ends a link that nobody has used. False where there is none. */
  endLink(place: Place, act: { readonly secretHash: string; readonly nowMs: number }): Promise<boolean>;
}

/** What every opening of the store reads of people. */
export interface PeopledStore {
  readonly people: PersonReader;
}
