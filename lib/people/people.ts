import { AsyncLocalStorage } from "node:async_hooks";
import { type Role, suffices } from "../domain/roles.ts";
import type { GroupRole } from "../runtime/groups.ts";
import { type AuditBy, type Auditor, INSTALLATION } from "../store/port-audit.ts";
import type { OneTimeLink, PersonReader, Place, Standing } from "../store/port-people.ts";
import { type Auth, type AuthOptions, CLIENT_HEADER, makeAuth } from "./auth.ts";
import { browserOf } from "./browser.ts";
import { EVERYWHERE, groupsOf, rolesOf } from "./groups.ts";
import { hashLinkSecret, makeLinkSecret } from "./one-time.ts";
import { hashPassword } from "./password.ts";
import { auditOf, isOffered, leadsAway } from "./routes.ts";

/** Somebody who is signed in. */
export type SignedIn = {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly sessionId: string;
  readonly secondFactor: boolean;
  readonly standings: readonly Standing[];
  /** The role that holds in every tenant; null: none. */
  readonly fleetRole: Role | null;
};

/** A session as its owner sees it. */
export type OwnSession = {
  readonly id: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly address: string | null;
  readonly browser: string | null;
};

/** Who somebody wants to be, by a link. */
export type Newcomer = { readonly name: string; readonly email: string; readonly password: string };

/** Why a link did nothing. */
export type LinkProblem = "gone" | "known";

export type PeopleOptions = Omit<AuthOptions, "admits" | "begins"> & {
  readonly reader: { readonly people: PersonReader };
  readonly auditor: Auditor;
  readonly groups: readonly GroupRole[];
  readonly clock: () => number;
};

/** How long a link works, milliseconds. */
export const LINK_MS = 86_400_000;

/** A session cookie that is set, not taken. */
const SESSION_COOKIE = /reprise\.session(?:_token)?=[^;]/;

type Round = { roles: ReadonlyMap<string, Role> | null; email: string; readonly by: AuditBy };

/** People, as the console and the command line deal with them: who is signed in, and what is done about it. */
export class People {
  readonly #options: PeopleOptions;
  readonly #auth: Auth;
  /** What one request to better-auth learns of somebody on the way. */
  readonly #round = new AsyncLocalStorage<Round>();

  constructor(options: PeopleOptions) {
    this.#options = options;
    this.#auth = makeAuth({
      ...options,
      admits: ({ email }, profile) => this.#admits(email, profile),
      begins: (userId) => this.#begins(userId),
    });
  }

  /**
   * Answers a request to better-auth's routes; what the console does not use is not there. `by.address` is where it came from,
   * whatever its headers say. Sign-ins that work or fail, sign-outs and changed passwords are in the audit log.
   */
  async handle(request: Request, by: { readonly address: string | null }): Promise<Response> {
    if (!isOffered(request)) return Response.json({ error: "There is no such route." }, { status: 404 });
    const headers = new Headers(request.headers);
    headers.set(CLIENT_HEADER, by.address ?? "::");
    for (const name of ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded"])
      headers.delete(name);
    const before = await this.signedIn(request.headers);
    const body = request.method === "GET" ? null : await request.text();
    if (leadsAway(body))
      return Response.json(
        { error: "After signing in the way leads to this console only." },
        { status: 400 },
      );
    const asked = new Request(request.url, { method: request.method, headers, body });
    const round: Round = { roles: null, email: before?.email ?? "", by: { actor: null, ...by } };
    const response = await this.#round.run(round, () => this.#auth.handler(asked));
    const begun = response.headers.getSetCookie().some((cookie) => SESSION_COOKIE.test(cookie));
    const told = auditOf(request, { status: response.status, begun, body, actor: round.email || null });
    if (told) await this.#options.auditor.as({ ...by, actor: told.actor }).note(INSTALLATION, told.entry);
    return response;
  }

  /** Who these headers' session is of; null: nobody, or one that ended. */
  async signedIn(headers: Headers): Promise<SignedIn | null> {
    const found = await this.#auth.api.getSession({ headers, query: { disableCookieCache: true } });
    if (!found) return null;
    const { user, session } = found;
    const { people } = this.#options.reader;
    const [standings, fleetRole] = await Promise.all([
      people.readStandings(user.id),
      people.readFleetRole(user.id),
    ]);
    const secondFactor = "twoFactorEnabled" in user && user.twoFactorEnabled === true;
    return {
      userId: user.id,
      email: user.email,
      name: user.name,
      sessionId: session.id,
      secondFactor,
      standings,
      fleetRole,
    };
  }

  /** Sessions of somebody that still run, the newest first. */
  async sessions(userId: string): Promise<readonly OwnSession[]> {
    const { internalAdapter } = await this.#auth.$context;
    const found = await internalAdapter.listSessions(userId, { onlyActiveSessions: true });
    return found
      .map(({ id, createdAt, expiresAt, ipAddress, userAgent }) => ({
        ...{ id, createdMs: createdAt.getTime(), expiresMs: expiresAt.getTime() },
        ...{ address: ipAddress || null, browser: browserOf(userAgent) },
      }))
      .sort((a, b) => b.createdMs - a.createdMs);
  }

  /** Ends sessions of somebody: one, or all where `id` is left out. Answers how many. */
  async signOut(person: { readonly userId: string; readonly email: string }, by: AuditBy, id?: string) {
    const { internalAdapter } = await this.#auth.$context;
    const found = await internalAdapter.listSessions(person.userId);
    const ended = found.filter((session) => id === undefined || session.id === id);
    if (ended.length === 0) return 0;
    await internalAdapter.deleteSessions(ended.map(({ token }) => token));
    await this.#note(by, "person.sessions", person.email, { ended: ended.length });
    return ended.length;
  }

  /** Makes a link that works once. Answers its secret, which is shown once. */
  async makeLink(
    place: Place,
    { purpose, role, userId }: Pick<OneTimeLink, "purpose" | "role" | "userId">,
    by: AuditBy,
  ): Promise<{ readonly secret: string; readonly link: OneTimeLink }> {
    const { secret, secretHash } = makeLinkSecret();
    const createdMs = this.#options.clock();
    const link: OneTimeLink = {
      ...{ secretHash, tenant: place, purpose, role, userId, createdMs },
      ...{ createdBy: by.actor, expiresMs: createdMs + LINK_MS },
    };
    await this.#options.auditor.as(by).people.makeLink(place, link);
    return { secret, link };
  }

  /** The link with this secret, where it still works. */
  findLink(secret: string): Promise<OneTimeLink | null> {
    return this.#options.reader.people.findLink(hashLinkSecret(secret), this.#options.clock());
  }

  /** Makes somebody by a link: the first administrator, or who was invited. The link is used up. */
  async join(secret: string, newcomer: Newcomer, address: string | null): Promise<LinkProblem | null> {
    const link = await this.findLink(secret);
    if (!link || link.role === null) return "gone";
    const { adapter, internalAdapter } = await this.#auth.$context;
    const { name, password } = newcomer;
    const email = newcomer.email.toLowerCase();
    if (await internalAdapter.findUserByEmail(email)) return "known";
    // The slow part first: what follows a link that is used up is short.
    const hash = await hashPassword(password);
    const by = { actor: email, address };
    if (!(await this.#take(link, by))) return "gone";
    const at = new Date(this.#options.clock());
    const data = { email, name, emailVerified: false, createdAt: at, updatedAt: at };
    // Not by internalAdapter, which asks whether an identity provider admits them.
    const user = await adapter.create<typeof data & { id: string }>({ model: "user", data });
    const account = { userId: user.id, providerId: "credential", accountId: user.id, password: hash };
    await internalAdapter.linkAccount(account);
    await this.#give(link, { userId: user.id, email }, by);
    return null;
  }

  /** Gives somebody who is known already what a link gives. */
  async accept(
    secret: string,
    { userId, email }: SignedIn,
    address: string | null,
  ): Promise<LinkProblem | null> {
    const link = await this.findLink(secret);
    const by = { actor: email, address };
    if (!link || link.role === null || !(await this.#take(link, by))) return "gone";
    await this.#give(link, { userId, email }, by);
    return null;
  }

  /** Sets a new password by a link; every session of theirs ends. */
  async renew(secret: string, password: string, address: string | null): Promise<LinkProblem | null> {
    const link = await this.findLink(secret);
    if (!link || link.userId === null) return "gone";
    const { internalAdapter } = await this.#auth.$context;
    const user = await internalAdapter.findUserById(link.userId);
    const hash = await hashPassword(password);
    if (!user || !(await this.#take(link, { actor: user.email, address }))) return "gone";
    if (await internalAdapter.findCredentialAccount(user.id))
      await internalAdapter.updatePassword(user.id, hash);
    else
      await internalAdapter.linkAccount({
        ...{ userId: user.id, providerId: "credential", accountId: user.id, password: hash },
      });
    await internalAdapter.deleteUserSessions(user.id);
    await this.#note({ actor: user.email, address }, "person.password", user.email, { by: "link" });
    return null;
  }

  /** Takes somebody's second factor away, for who has lost it. */
  async dropSecondFactor({ userId, email }: { userId: string; email: string }, by: AuditBy): Promise<void> {
    const { adapter, internalAdapter } = await this.#auth.$context;
    await adapter.deleteMany({ model: "twoFactor", where: [{ field: "userId", value: userId }] });
    await internalAdapter.updateUser(userId, { twoFactorEnabled: false });
    await this.#note(by, "person.second_factor", email, { secondFactor: false });
  }

  /** Removes somebody: roles, sessions, ways in. What they did stays in the audit log. */
  async remove({ userId, email }: { userId: string; email: string }, by: AuditBy): Promise<void> {
    const { adapter, internalAdapter } = await this.#auth.$context;
    const acts = this.#options.auditor.as(by).people;
    const tenants = await this.#options.reader.people.readTenants();
    for (const place of [INSTALLATION, ...tenants.map(({ tenant }) => tenant)])
      for (const via of ["console", "oidc"] as const)
        await acts.setRole(place, { userId, email, via, role: null });
    await internalAdapter.deleteUserSessions(userId);
    await adapter.deleteMany({ model: "twoFactor", where: [{ field: "userId", value: userId }] });
    await internalAdapter.deleteAccounts(userId);
    await internalAdapter.deleteUser(userId);
    await this.#note(by, "person.remove", email, null);
  }

  #take(link: OneTimeLink, by: AuditBy): Promise<boolean> {
    const act = { secretHash: link.secretHash, nowMs: this.#options.clock() };
    return this.#options.auditor.as(by).people.takeLink(link.tenant, act);
  }

  async #give(link: OneTimeLink, person: { userId: string; email: string }, by: AuditBy): Promise<void> {
    const act = { ...person, via: "console", role: link.role } as const;
    await this.#options.auditor.as(by).people.setRole(link.tenant, act);
  }

  #note(by: AuditBy, action: string, email: string, after: object | null): Promise<void> {
    return this.#options.auditor.as(by).note(INSTALLATION, {
      ...{ action, targetKind: "person", targetId: email, before: null },
      after: after && JSON.stringify(after),
    });
  }

  #admits(email: string, profile: Readonly<Record<string, unknown>>): boolean {
    const { oidc, groups } = this.#options;
    const roles = rolesOf(groupsOf(profile, oidc?.groupsClaim ?? "groups"), groups);
    const round = this.#round.getStore();
    if (round) Object.assign(round, { roles, email });
    return roles.size > 0;
  }

  /** Roles of groups hold from one sign-in to the next: what the provider does not tell any more is taken. */
  async #begins(userId: string): Promise<void> {
    const round = this.#round.getStore();
    if (!round?.roles) return;
    const { email, roles, by } = round;
    const acts = this.#options.auditor.as({ ...by, actor: email }).people;
    const tenants = await this.#options.reader.people.readTenants();
    const places: readonly (readonly [Place, string])[] = [
      [INSTALLATION, EVERYWHERE],
      ...tenants.map(({ tenant, name }) => [tenant, name] as const),
    ];
    for (const [place, name] of places)
      await acts.setRole(place, { userId, email, via: "oidc", role: roles.get(name) ?? null });
  }
}

/** Whether one person may administer another: only who stands over every tenant in which the other has a role. */
export function mayAdminister(admin: readonly Standing[], other: readonly Standing[]): boolean {
  const at = new Map(admin.map(({ tenant, role }) => [tenant, role]));
  return other.every(({ tenant }) => suffices(at.get(tenant) ?? "viewer", "admin"));
}
