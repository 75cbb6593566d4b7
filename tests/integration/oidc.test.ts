import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { POST as auth, GET as callback } from "../../app/api/auth/[...all]/route.ts";
import { GET as getVisitor } from "../../app/api/visitor/route.ts";
import { oidcOf } from "../../lib/people/open.ts";
import { readSettings } from "../../lib/runtime/settings.ts";
import { DATABASE_NAME } from "../../lib/store/open.ts";
import { createTenantOf } from "../../lib/store/tenants.ts";
import {
  CLIENT,
  follow,
  type IdentityProvider,
  startIdentityProvider,
} from "../support/identity-provider.ts";
import { asked, cookiesOf, peopleLog } from "../support/people.ts";
import { type StoredFleet, storedFleet } from "../support/stored.ts";

const CONSOLE = "http://127.0.0.1:3000";
const BACK = `${CONSOLE}/api/auth/callback/sso`;
const GROUPS = `groups:
  - { group: sre, tenant: default, role: operator }
  - { group: sre-leads, tenant: second, role: admin }
  - { group: readers, tenant: "*", role: viewer }
`;

let fleet: StoredFleet;
let provider: IdentityProvider;
beforeAll(async () => {
  fleet = await storedFleet(Date.now);
  provider = await startIdentityProvider(BACK);
  const config = join(fleet.dataDir, "reprise.yaml");
  await writeFile(config, GROUPS);
  await createTenantOf(join(fleet.dataDir, DATABASE_NAME), { name: "second", nowMs: Date.now(), by: "test" });
  vi.stubEnv("REPRISE_DATA_DIR", fleet.dataDir);
  vi.stubEnv("REPRISE_AUTH", "on");
  vi.stubEnv("REPRISE_CONFIG", config);
  vi.stubEnv("REPRISE_CONSOLE_URL", CONSOLE);
  vi.stubEnv("REPRISE_OIDC_ISSUER", provider.issuer);
  vi.stubEnv("REPRISE_OIDC_CLIENT_ID", CLIENT.id);
  vi.stubEnv("REPRISE_OIDC_CLIENT_SECRET", CLIENT.secret);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await provider.stop();
  await fleet.destroy();
});

/** Signs in by the provider, as a browser does: where it ends, and its cookies there. */
async function enter(email: string, groups: readonly string[]) {
  provider.become({ email, groups });
  const body = { provider: "sso", callbackURL: "/incidents", errorCallbackURL: "/" };
  const begun = await auth(asked("/api/auth/sign-in/social", { method: "POST", body }));
  const { url } = await begun.json();
  expect(url).toContain("code_challenge_method=S256");
  const back = await follow(url, BACK);
  const ended = await callback(asked(back.slice(CONSOLE.length), { cookie: cookiesOf(begun) }));
  const visitor = await getVisitor(asked("/api/visitor", { cookie: cookiesOf(ended) }));
  return {
    location: ended.headers.get("location") ?? "",
    status: visitor.status,
    visitor: await visitor.json(),
  };
}

it("groups say what somebody may do in which tenant, from their first sign-in on", async () => {
  const { location, status, visitor } = await enter("ann@shop.example", ["sre", "sre-leads", "others"]);
  expect([location.replace(CONSOLE, ""), status]).toEqual(["/incidents", 200]);
  expect(visitor).toMatchObject({
    ...{ kind: "person", actor: "ann@shop.example" },
    tenants: [
      { name: "default", role: "operator" },
      { name: "second", role: "admin" },
    ],
  });
});

it("what the provider tells no more is taken at the next sign-in, and what it tells anew is given", async () => {
  const { visitor } = await enter("ann@shop.example", ["readers"]);
  expect(visitor.tenants).toEqual([
    { name: "default", role: "viewer" },
    { name: "second", role: "viewer" },
  ]);
});

it("the first one to come so administers nothing for that, and who is in no known group gets in nowhere", async () => {
  const people = await fleet.reader.people.readPeople(0);
  expect(people.map(({ fleetRole }) => fleetRole)).toEqual(["viewer"]);
  for (const groups of [[], ["strangers"], ["sre "]]) {
    const { location, status } = await enter("eve@evil.example", groups);
    expect(status).toBe(401);
    expect(location).toContain("error=");
  }
  expect(await fleet.reader.people.readPeople(0)).toHaveLength(1);
  expect((await peopleLog()).filter((line) => line.startsWith("person.sign_in_failed"))).not.toEqual([]);
});

it("an answer that was not asked for, or is used again, opens nothing", async () => {
  provider.become({ email: "ann@shop.example", groups: ["sre"] });
  const body = { provider: "sso", callbackURL: "/" };
  const begun = await auth(asked("/api/auth/sign-in/social", { method: "POST", body }));
  const back = (await follow((await begun.json()).url, BACK)).slice(CONSOLE.length);
  for (const cookie of [undefined, "reprise.state=made.up"]) {
    const ended = await callback(asked(back, cookie ? { cookie } : {}));
    expect(cookiesOf(ended)).not.toMatch(/session_token=[^;]/);
  }
});

it("goes back to this console only", async () => {
  for (const callbackURL of [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
  ]) {
    const body = { provider: "sso", callbackURL };
    const response = await auth(asked("/api/auth/sign-in/social", { method: "POST", body }));
    expect(response.status, callbackURL).toBeGreaterThanOrEqual(400);
  }
});

it("an issuer that could be anybody is refused before it is asked", () => {
  const settings = readSettings(process.env);
  expect(oidcOf(settings)?.issuer).toBe(provider.issuer);
  expect(() => oidcOf({ ...settings, oidcIssuer: "http://idp.example" })).toThrow("https");
  expect(() => oidcOf({ ...settings, oidcIssuer: "idp" })).toThrow("URL");
  expect(() => oidcOf({ ...settings, consoleUrl: "" })).toThrow("REPRISE_CONSOLE_URL");
});
