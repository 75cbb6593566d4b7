import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { people } from "../../app/_server/people.ts";
import { GET as getAccount } from "../../app/api/account/route.ts";
import { DELETE as endSession } from "../../app/api/account/sessions/[id]/route.ts";
import { POST as auth } from "../../app/api/auth/[...all]/route.ts";
import { POST as join } from "../../app/api/links/join/route.ts";
import { POST as renew } from "../../app/api/links/renew/route.ts";
import { POST as look } from "../../app/api/links/route.ts";
import { GET as getVisitor } from "../../app/api/visitor/route.ts";
import { accountReply } from "../../lib/contract/read-people.ts";
import { INSTALLATION } from "../../lib/store/port-audit.ts";
import { asked, cookiesOf, NOBODY, PASSWORD, peopleLog, person, signIn } from "../support/people.ts";
import { type StoredFleet, storedFleet } from "../support/stored.ts";

let fleet: StoredFleet;
beforeAll(async () => {
  fleet = await storedFleet(Date.now);
  vi.stubEnv("REPRISE_DATA_DIR", fleet.dataDir);
  vi.stubEnv("REPRISE_AUTH", "on");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await fleet.destroy();
});

const first = () =>
  people().makeLink(INSTALLATION, { purpose: "first", role: "admin", userId: null }, NOBODY);
const newcomer = (secret: string, email: string) => ({ secret, name: "Ann", email, password: PASSWORD });
const post = (path: string, body: unknown, cookie?: string) =>
  asked(path, { method: "POST", body, ...(cookie ? { cookie } : {}) });
const seen = async (cookie: string) => (await getVisitor(asked("/api/visitor", { cookie }))).status;

it("nobody is anybody before there is a first administrator", async () => {
  expect(await seen("")).toBe(401);
  expect((await signIn("ann@shop.example")).status).toBe(401);
  const signUp = post("/api/auth/sign-up/email", { name: "x", email: "x@x.example", password: PASSWORD });
  expect((await auth(signUp)).status).toBe(404);
});

it("a link makes one first administrator, however many use it at once, and says before what it does", async () => {
  const { secret: older } = await first();
  const { secret } = await first();
  expect((await look(post("/api/links", { secret: older }))).status).toBe(404);
  const told = await (await look(post("/api/links", { secret }))).json();
  expect(told).toMatchObject({ purpose: "first", role: "admin", tenant: null });
  const emails = ["ann", "eve", "bob", "kim"].map((name) => `${name}@shop.example`);
  const answers = await Promise.all(
    emails.map((email) => join(post("/api/links/join", newcomer(secret, email)))),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404]);
  const made = emails[answers.findIndex(({ status }) => status === 200)] ?? "";
  const response = await signIn(made);
  const [cookie] = response.headers.getSetCookie();
  expect(cookie).toMatch(/^reprise\.session_token=.*HttpOnly; SameSite=Lax/i);
  const visitor = await (await getVisitor(asked("/api/visitor", { cookie: cookiesOf(response) }))).json();
  expect(visitor).toMatchObject({ kind: "person", actor: made, at: { name: "default", role: "admin" } });
});

it("takes no short password, no address that is none, no link that is none", async () => {
  const { secret } = await people().makeLink(1, { purpose: "invite", role: "viewer", userId: null }, NOBODY);
  const wrong = [
    { ...newcomer(secret, "kim@x.example"), password: "elevenchars" },
    newcomer(secret, "no address"),
    newcomer("x", "kim@x.example"),
  ];
  for (const body of wrong) expect((await join(post("/api/links/join", body))).status).toBe(400);
  expect((await look(post("/api/links", { secret }))).status).toBe(200);
});

it("sessions end with sign-out, by their owner, and with a new password", async () => {
  const cookie = await person(1, "viewer", "kim@shop.example");
  const other = cookiesOf(await signIn("kim@shop.example", PASSWORD, { address: "192.0.2.90" }));
  const account = accountReply.parse(await (await getAccount(asked("/api/account", { cookie }))).json());
  expect(account).toMatchObject({ email: "kim@shop.example", secondFactor: false });
  expect(account.sessions.map(({ current }) => current).sort()).toEqual([false, true]);
  const [second] = account.sessions.filter(({ current }) => !current);
  expect(second?.address).toBe("192.0.2.90");
  const id = second?.id ?? "";
  const ended = asked(`/api/account/sessions/${id}`, { method: "DELETE", cookie });
  expect((await endSession(ended, { params: Promise.resolve({ id }) })).status).toBe(200);
  expect([await seen(cookie), await seen(other)]).toEqual([200, 401]);

  const third = cookiesOf(await signIn("kim@shop.example", PASSWORD, { address: "192.0.2.91" }));
  const change = {
    currentPassword: PASSWORD,
    newPassword: "another long password",
    revokeOtherSessions: true,
  };
  const changed = await auth(post("/api/auth/change-password", change, third));
  expect(changed.status).toBe(200);
  expect([await seen(cookie), await seen(third)]).toEqual([401, 401]);
  const current = cookiesOf(changed);
  expect(await seen(current)).toBe(200);
  expect((await auth(post("/api/auth/sign-out", {}, current))).status).toBe(200);
  expect(await seen(current)).toBe(401);
});

it("a new password by a link ends every session, and the link works once", async () => {
  const cookie = await person(1, "viewer", "ida@shop.example");
  const found = await fleet.reader.people.readPeople(1);
  const userId = found.find(({ email }) => email === "ida@shop.example")?.userId ?? "";
  const { secret } = await people().makeLink(1, { purpose: "reset", role: null, userId }, NOBODY);
  const body = { secret, password: "yet another password" };
  expect((await renew(post("/api/links/renew", body))).status).toBe(200);
  expect((await renew(post("/api/links/renew", body))).status).toBe(404);
  expect(await seen(cookie)).toBe(401);
  expect((await signIn("ida@shop.example")).status).toBe(401);
  expect((await signIn("ida@shop.example", body.password)).status).toBe(200);
});

it("ten guesses a minute from an address, and the owner gets in from another", async () => {
  await person(1, "viewer", "oda@shop.example");
  const answers: number[] = [];
  for (let guess = 0; guess < 200; guess += 1)
    answers.push(
      (await signIn("oda@shop.example", `guess number ${guess}`, { address: "203.0.113.5" })).status,
    );
  expect(answers.filter((status) => status === 401)).toHaveLength(10);
  expect(answers.filter((status) => status === 429)).toHaveLength(190);
  // What the sender says of itself does not make it somebody else.
  const headers = { "x-forwarded-for": "192.0.2.200", "x-reprise-client": "192.0.2.200" };
  const forged = await signIn("oda@shop.example", PASSWORD, { address: "203.0.113.5", headers });
  expect(forged.status).toBe(429);
  expect((await signIn("oda@shop.example", PASSWORD, { address: "203.0.113.6" })).status).toBe(200);
});

it("takes nothing that another site's page makes a browser send", async () => {
  const headers = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
  expect((await signIn("oda@shop.example", PASSWORD, { headers, address: "203.0.113.7" })).status).toBe(403);
  const opaque = { "sec-fetch-site": "cross-site", origin: "null" };
  expect(
    (await signIn("oda@shop.example", PASSWORD, { headers: opaque, address: "203.0.113.8" })).status,
  ).toBe(403);
});

it("keeps no password and no link as it is, and logs who did what", async () => {
  const log = await peopleLog();
  for (const wanted of [
    /^link\.make - /,
    /^link\.use \w+@shop\.example /,
    /^person\.role \w+@shop\.example /,
    /^person\.sign_in kim@shop\.example kim@shop\.example$/,
    /^person\.sign_in_failed - oda@shop\.example$/,
    /^person\.sign_out kim@shop\.example/,
    /^person\.password kim@shop\.example/,
    /^person\.sessions kim@shop\.example/,
  ])
    expect(log.filter((line) => wanted.test(line)).length, String(wanted)).toBeGreaterThan(0);
  // Ten wrong guesses and the first sign-in that was none: what was refused unread is not logged.
  expect(log.filter((line) => line.startsWith("person.sign_in_failed - oda"))).toHaveLength(10);
});

it("somebody without any role is nobody", async () => {
  const cookie = await person(1, "viewer", "tom@shop.example");
  const found = await fleet.reader.people.readPeople(1);
  const tom = found.find(({ email }) => email === "tom@shop.example");
  expect(tom).toMatchObject({ role: "viewer", fleetRole: null, secondFactor: false, sessions: 1 });
  expect(Math.abs((tom?.createdMs ?? 0) - Date.now())).toBeLessThan(60_000);
  const act = { userId: tom?.userId ?? "", email: "tom@shop.example", via: "console", role: null } as const;
  await fleet.writer.as(NOBODY).people.setRole(1, act);
  expect(await seen(cookie)).toBe(401);
  await people().remove({ userId: act.userId, email: act.email }, NOBODY);
  expect((await signIn("tom@shop.example", PASSWORD, { address: "203.0.113.9" })).status).toBe(401);
  expect(await fleet.reader.people.readPeople(INSTALLATION)).toHaveLength(4);
});
