/** `reprise user` as a process of its own, as somebody who is locked out runs it on the host. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { POST as joinRoute } from "../../app/api/links/join/route.ts";
import { POST as renewRoute } from "../../app/api/links/renew/route.ts";
import { asked, cookiesOf, PASSWORD, peopleLog, signIn } from "../support/people.ts";
import { type StoredFleet, storedFleet } from "../support/stored.ts";

const run = promisify(execFile);
const ANN = "ann@shop.example";
let fleet: StoredFleet;
beforeAll(async () => {
  fleet = await storedFleet(Date.now);
  vi.stubEnv("REPRISE_DATA_DIR", fleet.dataDir);
  vi.stubEnv("REPRISE_AUTH", "on");
}, 60_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await fleet.destroy();
});

type Ran = { readonly code: number; readonly out: string; readonly err: string };

function user(...words: string[]): Promise<Ran> {
  return run(process.execPath, ["bin/reprise.mjs", "user", ...words], { env: process.env }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      ...{ code: error.code, out: error.stdout, err: error.stderr },
    }),
  );
}

async function secretBy(...words: string[]): Promise<string> {
  const { out, err } = await user(...words, "--json");
  const { url } = JSON.parse(out || `{"url":"${err}"}`);
  const [, secret = ""] = /#(.+)$/.exec(url) ?? [];
  expect(secret, url).not.toBe("");
  return secret;
}

async function people(tenant = "default"): Promise<{ email: string; role: string | null }[]> {
  const told = JSON.parse((await user("list", "--tenant", tenant, "--json")).out);
  return told.people.map(({ email, role }: { email: string; role: string | null }) => ({ email, role }));
}

it("makes the first administrator, however the console was opened", async () => {
  expect((await user("list")).out).toBe("There is nobody.\n");
  const secret = await secretBy("invite", "--role", "viewer");
  const body = { secret, name: "Ann", email: ANN, password: PASSWORD };
  expect((await joinRoute(asked("/api/links/join", { method: "POST", body }))).status).toBe(200);
  expect(JSON.parse((await user("list", "--json")).out).people).toMatchObject([
    { email: ANN, fleetRole: "admin" },
  ]);
});

it("invites with a role, changes it and takes it", async () => {
  const secret = await secretBy("invite", "--role", "operator");
  const body = { secret, name: "Bob", email: "bob@shop.example", password: PASSWORD };
  expect((await joinRoute(asked("/api/links/join", { method: "POST", body }))).status).toBe(200);
  expect(await people()).toContainEqual({ email: "bob@shop.example", role: "operator" });
  expect((await user("role", "bob@shop.example", "admin")).out).toBe(
    "bob@shop.example has the role admin now.\n",
  );
  expect((await user("role", "bob@shop.example", "admin")).out).toContain("already");
  expect((await user("role", "bob@shop.example", "none")).code).toBe(0);
  expect((await people()).map(({ email }) => email)).not.toContain("bob@shop.example");
});

it("lets somebody in again who lost a password, and ends what was open", async () => {
  const before = cookiesOf(await signIn(ANN));
  const secret = await secretBy("reset-password", ANN);
  const body = { secret, password: "another long password" };
  expect((await renewRoute(asked("/api/links/renew", { method: "POST", body }))).status).toBe(200);
  expect((await signIn(ANN)).status).toBe(401);
  expect((await signIn(ANN, "another long password")).status).toBe(200);
  const { GET } = await import("../../app/api/visitor/route.ts");
  expect((await GET(asked("/api/visitor", { cookie: before }))).status).toBe(401);
  expect((await user("sign-out", ANN)).out).toMatch(/^\d+ sessions of ann@shop\.example ended\.\n$/);
  expect((await user("reset-second-factor", ANN)).code).toBe(0);
});

it("says what it cannot do, with 1 for what there is not and 2 for what makes no sense", async () => {
  expect(await user("sign-out", "eve@shop.example")).toMatchObject({
    ...{ code: 1, err: "There is nobody with the address eve@shop.example.\n" },
  });
  expect(await user("list", "--tenant", "none")).toMatchObject({ code: 1 });
  expect(await user("role", ANN, "king")).toMatchObject({ code: 2 });
  expect(await user("invite", "--role", "king")).toMatchObject({ code: 2 });
});

it("removes somebody, and the log tells who did it on the host", async () => {
  expect((await user("remove", "bob@shop.example")).out).toBe("bob@shop.example is removed.\n");
  expect((await signIn("bob@shop.example")).status).toBe(401);
  const log = await peopleLog();
  const done = log.filter((line) => line.includes("(on the host)")).map((line) => line.split(" ")[0]);
  for (const action of ["person.sessions", "person.second_factor", "person.remove"])
    expect(done).toContain(action);
});
