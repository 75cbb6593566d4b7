import { expect } from "vitest";
import { people } from "../../app/_server/people.ts";
import { stores } from "../../app/_server/stores.ts";
import { POST as signInRoute } from "../../app/api/auth/[...all]/route.ts";
import { POST as joinRoute } from "../../app/api/links/join/route.ts";
import type { Role } from "../../lib/domain/roles.ts";
import type { Place } from "../../lib/store/port-people.ts";

export const PASSWORD = "a long enough password";
const BASE = "http://127.0.0.1:3000";
export const NOBODY = { actor: null, address: null };

type Asked = {
  readonly method?: string;
  readonly body?: unknown;
  readonly cookie?: string;
  readonly address?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A request as a page of the console makes it. */
export function asked(path: string, { method = "GET", body, cookie, address, headers }: Asked = {}): Request {
  return new Request(`${BASE}${path}`, {
    method,
    headers: {
      ...{ "content-type": "application/json", "sec-fetch-site": "same-origin", origin: BASE },
      ...{ "x-reprise-peer": address ?? "192.0.2.1", ...(cookie ? { cookie } : {}), ...headers },
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Cookies of an answer, as a browser sends them back. */
export const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");

/** Signs in; answers the response. */
export function signIn(email: string, password = PASSWORD, more: Asked = {}): Promise<Response> {
  const body = { email, password };
  return signInRoute(asked("/api/auth/sign-in/email", { ...more, method: "POST", body }));
}

/** Makes somebody with a role by an invitation, and signs them in: the cookie. */
export async function person(place: Place, role: Role, email: string, address = email): Promise<string> {
  const { secret } = await people().makeLink(place, { purpose: "invite", role, userId: null }, NOBODY);
  const body = { secret, name: email.split("@")[0], email, password: PASSWORD };
  const joined = await joinRoute(asked("/api/links/join", { method: "POST", body }));
  expect(joined.status).toBe(200);
  // An address of their own each: guesses are limited by address.
  const peer = `198.51.100.${(address.charCodeAt(0) * 7 + email.length) % 250}`;
  const signedIn = await signIn(email, PASSWORD, { address: peer });
  expect(signedIn.status).toBe(200);
  return cookiesOf(signedIn);
}

/** Entries of the audit log about people, the oldest first. */
export async function peopleLog(): Promise<readonly string[]> {
  const entries = await stores().reader.audit.readAudit(0, {
    fromMs: 0,
    toMs: Date.now() + 1_000,
    limit: 1_000,
  });
  return entries.map(({ action, actor, targetId }) => `${action} ${actor ?? "-"} ${targetId}`).reverse();
}
