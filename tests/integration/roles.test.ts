import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { ROLES, type Role, suffices } from "../../lib/domain/roles.ts";
import { DATABASE_NAME } from "../../lib/store/open.ts";
import { INSTALLATION } from "../../lib/store/port-audit.ts";
import { createTenantOf } from "../../lib/store/tenants.ts";
import { asked, person } from "../support/people.ts";
import { OPEN_ROUTES, ROUTE_ROLES } from "../support/route-roles.ts";
import { type StoredFleet, storedFleet } from "../support/stored.ts";

let fleet: StoredFleet;
const cookies: Record<string, string> = {};
beforeAll(async () => {
  fleet = await storedFleet(Date.now);
  vi.stubEnv("REPRISE_DATA_DIR", fleet.dataDir);
  vi.stubEnv("REPRISE_AUTH", "on");
  await createTenantOf(join(fleet.dataDir, DATABASE_NAME), { name: "other", nowMs: Date.now(), by: "test" });
  for (const role of ROLES) {
    cookies[role] = await person(1, role, `${role}@default.example`);
    cookies[`other ${role}`] = await person(2, role, `o-${role}@other.example`, `x${role}`);
    cookies[`fleet ${role}`] = await person(INSTALLATION, role, `f-${role}@fleet.example`, `f${role}`);
  }
}, 60_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await fleet.destroy();
});

type Handler = (request: Request, context: unknown) => Promise<Response>;

/** Asks a route, with nothing useful in path, query or body. */
async function call(name: string, cookie: string, headers: Record<string, string> = {}): Promise<Response> {
  const [method = "", path = ""] = name.split(" ");
  const file = join("app", path, "route.ts");
  const module: Record<string, Handler> = await import(pathToFileURL(file).href);
  const handler = module[method];
  if (!handler) throw new Error(`${file} has no ${method}`);
  const stop = new AbortController();
  const request = asked(path.replaceAll(/\[\w+\]/g, "none"), {
    ...{ method, cookie, headers },
    ...(method === "GET" ? {} : { body: {} }),
  });
  const response = await handler(new Request(request, { signal: stop.signal }), {
    params: Promise.resolve({ id: "none", name: "none", key: "none" }),
  });
  // Streams of events go on until somebody leaves.
  stop.abort();
  return response;
}

const table = Object.entries(ROUTE_ROLES);

it("nobody known is let in anywhere", async () => {
  for (const [name] of table) {
    expect((await call(name, "")).status, name).toBe(401);
    expect((await call(name, "reprise.session_token=made.up")).status, name).toBe(401);
  }
});

it.each(ROLES)("a %s is let in where the table says, and nowhere else", async (role: Role) => {
  for (const [name, need] of table) {
    const { status } = await call(name, cookies[role] ?? "");
    if (suffices(role, need)) expect([401, 403, 500].includes(status), `${name}: ${status}`).toBe(false);
    else expect(status, name).toBe(403);
  }
});

it("nobody is let into a tenant that they have no role in, by any route", async () => {
  const headers = { "x-reprise-tenant": "other" };
  for (const [name] of table) {
    expect((await call(name, cookies.admin ?? "", headers)).status, name).toBe(404);
    const remembered = `${cookies.admin}; reprise-tenant=other`;
    const { status } = await call(name, remembered);
    // What a browser remembers is no claim: it shows the tenant that its person does have.
    expect([401, 403, 500].includes(status), `${name}: ${status}`).toBe(false);
  }
});

it("a role in every tenant is one in each", async () => {
  for (const [name, need] of table)
    for (const tenant of ["default", "other"])
      for (const role of ROLES) {
        const { status } = await call(name, cookies[`fleet ${role}`] ?? "", { "x-reprise-tenant": tenant });
        expect([401, 403].includes(status), `${name} ${role}: ${status}`).toBe(!suffices(role, need));
      }
}, 60_000);

it("the installation's own log is read by administrators of every tenant, and by nobody else", async () => {
  const { GET } = await import("../../app/api/audit/route.ts");
  const ask = (who: string) => GET(asked("/api/audit?of=installation", { cookie: cookies[who] ?? "" }));
  for (const who of ["admin", "other admin", "fleet operator", "fleet viewer"])
    expect((await ask(who)).status, who).toBe(403);
  const reply = await (await ask("fleet admin")).json();
  expect(new Set(reply.entries.map(({ action }: { action: string }) => action))).toContain("person.sign_in");
});

it("a download names its tenant in its address, and opens no other by that", async () => {
  const { GET } = await import("../../app/api/visitor/route.ts");
  const at = async (who: string, tenant: string) => {
    const cookie = `${cookies[who]}; reprise-tenant=default`;
    const response = await GET(asked(`/api/visitor?tenant=${tenant}`, { cookie }));
    return response.ok ? (await response.json()).at.name : response.status;
  };
  expect(await at("fleet viewer", "other")).toBe("other");
  expect(await at("other viewer", "other")).toBe("other");
  expect(await at("viewer", "other")).toBe(404);
  expect(await at("viewer", "none")).toBe(404);
});

it("another site's page writes nothing, whoever's browser it is in", async () => {
  for (const [name] of [...table, ...Object.entries(OPEN_ROUTES)]) {
    if (name.startsWith("GET")) continue;
    for (const origin of ["https://evil.example", "null"]) {
      const headers = { "sec-fetch-site": "cross-site", origin };
      expect((await call(name, cookies["fleet admin"] ?? "", headers)).status, name).toBe(403);
    }
  }
});
