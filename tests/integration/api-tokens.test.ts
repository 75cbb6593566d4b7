import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { POST as recordChange } from "../../app/api/changes/route.ts";
import { GET as getPeople } from "../../app/api/people/route.ts";
import { GET as getSeries } from "../../app/api/series/route.ts";
import { POST as rotate } from "../../app/api/tokens/[id]/rotate/route.ts";
import { DELETE as revoke } from "../../app/api/tokens/[id]/route.ts";
import { GET as getTokens, POST as makeToken } from "../../app/api/tokens/route.ts";
import { GET as getVisitor } from "../../app/api/visitor/route.ts";
import { LOOK_MS } from "../../lib/people/token-book.ts";
import { DATABASE_NAME } from "../../lib/store/open.ts";
import { createTenantOf } from "../../lib/store/tenants.ts";
import { asked, person } from "../support/people.ts";
import { type StoredFleet, storedFleet } from "../support/stored.ts";

const NOW = Date.now();
let fleet: StoredFleet;
let admin = "";
let other = "";
beforeAll(async () => {
  fleet = await storedFleet(Date.now);
  vi.stubEnv("REPRISE_DATA_DIR", fleet.dataDir);
  vi.stubEnv("REPRISE_AUTH", "on");
  await createTenantOf(join(fleet.dataDir, DATABASE_NAME), { name: "second", nowMs: NOW, by: "test" });
  await fleet.tell([{ atMs: NOW - 60_000, endpoint: "shop", node: "n1", outcome: "full", count: 5 }]);
  admin = await person(1, "admin", "ann@shop.example");
  other = await person(2, "admin", "oda@second.example");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await fleet.destroy();
});

const params = (id: string) => ({ params: Promise.resolve({ id }) });
const looked = () => new Promise((done) => setTimeout(done, LOOK_MS + 50));
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function make(cookie: string, scopes: readonly string[], more: object = {}) {
  const body = { name: "grafana", scopes, ...more };
  const response = await makeToken(asked("/api/tokens", { method: "POST", cookie, body }));
  expect(response.status).toBe(201);
  const made: { token: string; id: string } = await response.json();
  await looked();
  return made;
}

const series = (headers: Record<string, string>, query = "metric=handshakes&by=endpoint&format=rows") =>
  getSeries(asked(`/api/series?${query}`, { headers }));

it("a token reads its tenant, as what its scopes say, and nothing of another", async () => {
  const { token } = await make(admin, ["read"]);
  const visitor = await (await getVisitor(asked("/api/visitor", { headers: bearer(token) }))).json();
  expect(visitor).toMatchObject({
    kind: "token",
    actor: "token:grafana",
    at: { name: "default", role: "viewer" },
  });
  const rows: { endpoint: string; value: number | null }[] = await (await series(bearer(token))).json();
  expect(rows.filter(({ value }) => value !== null)).toEqual([
    expect.objectContaining({ endpoint: "shop", count: 5 }),
  ]);
  expect((await getPeople(asked("/api/people", { headers: bearer(token) }))).status).toBe(403);
  const { token: theirs } = await make(other, ["read"]);
  expect(await (await series(bearer(theirs))).json()).toEqual([]);
  const headers = { ...bearer(theirs), "x-reprise-tenant": "default" };
  expect((await series(headers)).status).toBe(404);
});

it("who shows a token is that script or nobody, whatever cookies come with it", async () => {
  for (const shown of [
    "Bearer rpr_x",
    `Bearer rpr_${"0".repeat(13)}_${"0".repeat(43)}`,
    "Basic YTpi",
    "Bearer",
    "",
  ]) {
    const request = asked("/api/series?metric=handshakes", {
      cookie: admin,
      headers: { authorization: shown },
    });
    expect((await getSeries(request)).status, shown).toBe(401);
  }
  vi.stubEnv("REPRISE_AUTH", "off");
  expect((await series({ authorization: "Bearer rpr_x" })).status).toBe(401);
  vi.stubEnv("REPRISE_AUTH", "on");
});

it("a sender's token reads nothing; one that operates writes what operators do, without a browser's headers", async () => {
  const { token: sender } = await make(admin, ["handshakes", "changes", "keys"]);
  expect((await series(bearer(sender))).status).toBe(401);
  const { token } = await make(admin, ["operate"]);
  const body = JSON.stringify({ ts: NOW, kind: "deploy", title: "By a pipeline" });
  const plain = (shown: string) =>
    recordChange(
      new Request("http://console.test/api/changes", { method: "POST", body, headers: bearer(shown) }),
    );
  expect((await plain(token)).status).toBe(201);
  expect((await plain((await make(admin, ["read"])).token)).status).toBe(403);
  const [entry] = await fleet.reader.audit.readAudit(1, {
    fromMs: 0,
    toMs: Date.now() + 1,
    limit: 50,
    action: "change",
  });
  expect(entry?.actor).toBe("token:grafana");
});

it("a rotated token lives on for its overlap; a revoked one is gone at once; one that ended is no use", async () => {
  const { token, id } = await make(admin, ["read"]);
  const body = { overlapMs: 60_000 };
  const rotated = await rotate(
    asked(`/api/tokens/${id}/rotate`, { method: "POST", cookie: admin, body }),
    params(id),
  );
  const successor: { token: string; id: string } = await rotated.json();
  await looked();
  expect([(await series(bearer(token))).status, (await series(bearer(successor.token))).status]).toEqual([
    200, 200,
  ]);
  // Not by the administrator of another tenant.
  const theirs = await revoke(asked("/api/tokens/x", { method: "DELETE", cookie: other }), params(id));
  expect(theirs.status).toBe(404);
  for (const one of [id, successor.id])
    expect(
      (await revoke(asked("/api/tokens/x", { method: "DELETE", cookie: admin }), params(one))).status,
    ).toBe(200);
  await looked();
  expect([(await series(bearer(token))).status, (await series(bearer(successor.token))).status]).toEqual([
    401, 401,
  ]);
  const { token: short } = await make(admin, ["read"], { expiresMs: Date.now() + LOOK_MS + 200 });
  expect((await series(bearer(short))).status).toBe(200);
  await looked();
  expect((await series(bearer(short))).status).toBe(401);
});

it("answers what Grafana's JSON data sources ask, as they ask it", async () => {
  const { token } = await make(admin, ["read"]);
  const [fromMs, toMs] = [NOW - 900_000, NOW];
  const times = [
    // Infinity: ${__from} and ${__to}, with $__interval.
    `from=${fromMs}&to=${toMs}&step=30s`,
    // The same with $__interval_ms, and an interval finer than what is kept.
    ...[`from=${fromMs}&to=${toMs}&step=30000ms`, `from=${fromMs}&to=${toMs}&step=200ms`],
    // Infinity: ${__from:date:iso}; JSON API: $__isoFrom().
    `from=${new Date(fromMs).toISOString()}&to=${new Date(toMs).toISOString()}&step=1m`,
    // JSON API: $__unixEpochFrom().
    `from=${Math.floor(fromMs / 1_000)}&to=${Math.floor(toMs / 1_000)}`,
  ];
  for (const time of times) {
    const response = await series(bearer(token), `metric=handshakes&by=endpoint,node&format=rows&${time}`);
    expect(response.status, time).toBe(200);
    const rows: Record<string, unknown>[] = await response.json();
    const filled = rows.filter(({ value }) => value !== null);
    expect(filled.length, time).toBeGreaterThan(0);
    expect(Object.keys(filled[0] ?? {}).sort()).toEqual(
      ["count", "endpoint", "high", "low", "node", "series", "time", "value"].sort(),
    );
    expect(Date.parse(String(filled[0]?.time))).toBeGreaterThanOrEqual(fromMs - 60_000);
  }
});

it("is listed without its secret, which stands nowhere in the store", async () => {
  const { token } = await make(admin, ["read"]);
  const list = await (await getTokens(asked("/api/tokens", { cookie: admin }))).text();
  const secret = token.split("_")[2] ?? "";
  expect(list).toContain("grafana");
  for (const name of [DATABASE_NAME, `${DATABASE_NAME}-wal`])
    expect((await readFile(join(fleet.dataDir, name))).includes(secret), name).toBe(false);
  expect(list).not.toContain(secret);
});
