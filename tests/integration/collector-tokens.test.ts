/** Attacks a collector that asks for tokens: every route, with every kind of token that must not get in. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SourceToken } from "../../lib/domain/source-token.ts";
import { startCollector, type TestCollector, totalsOf, until } from "../support/collector.ts";
import { beside, giveToken } from "../support/tokens.ts";

let collector: TestCollector;
const file = (): string => join(collector.dataDir, "reprise.db");
const give = (part: Partial<SourceToken> = {}): Promise<string> =>
  beside(file(), ({ tokens }) => giveToken(tokens, part));
const idOf = (token: string): string => token.split("_")[1] ?? "";

async function send(path: string, body: string, token?: string, headers: Record<string, string> = {}) {
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  const init = { method: "POST", body, headers: { ...authorization, ...headers } };
  const response = await fetch(`${collector.url}${path}`, init);
  return { status: response.status, text: await response.text(), headers: response.headers };
}
const revoke = (token: string): Promise<boolean> =>
  beside(file(), ({ tokens }) => tokens.revokeToken(1, { id: idOf(token), nowMs: Date.now(), by: "test" }));
const handshake = (part: object = {}): string =>
  JSON.stringify({ ts: Date.now(), outcome: "full", endpoint: "shop.example", node: "edge-1", ...part });
const until200 = (path: string, body: string, token: string): Promise<void> =>
  until(async () => (await send(path, body, token)).status === 200);

const JSON_TYPE = { "content-type": "application/json" };
/** Every route that takes something, with a body that it would take. */
const ROUTES: [string, string, Record<string, string>?][] = [
  ["/v1/handshakes", "{}"],
  ["/v1/caches", "{}"],
  ["/v1/keys", "{}"],
  ["/v1/changes", "{}"],
  ["/v1/nodes", "{}"],
  ["/v1/lines/nginx", "{}"],
  ["/v1/rollups?source=nginx", "{}"],
  ["/v1/imports", "{}"],
  ["/v1/imports/find", "{}"],
  ["/v1/logs", "{}", JSON_TYPE],
  ["/v1/metrics", "{}", JSON_TYPE],
  ["/api/v1/write", "", { "content-type": "application/x-protobuf", "content-encoding": "snappy" }],
];

beforeAll(async () => {
  collector = await startCollector({ requireTokens: true });
});
afterAll(() => collector.destroy());

describe("every route", () => {
  it("refuses who shows no token, or none that is good", async () => {
    const good = await give({ scopes: ["handshakes", "changes", "keys", "read"] });
    const expired = await give({ expiresMs: Date.now() - 1 });
    const revoked = await give();
    await revoke(revoked);
    await until200("/v1/handshakes", handshake(), good);
    const [, id] = good.split("_");
    const wrong = `rpr_${id}_${"0".repeat(43)}`;
    const cases = [undefined, "", "x", wrong, `${good}x`, expired, revoked, `${good} ${good}`, "' OR 1=1 --"];
    for (const [path, body, headers] of ROUTES)
      for (const token of cases) {
        const answer = await send(path, body, token, headers);
        expect([path, token, answer.status]).toEqual([path, token, 401]);
        expect(answer.headers.get("www-authenticate")).toContain("Bearer");
        for (const shown of [good, wrong]) expect(answer.text).not.toContain(shown.split("_")[2] ?? "");
      }
    for (const authorization of [`Basic ${good}`, good, `Token ${good}`])
      expect((await send("/v1/handshakes", handshake(), undefined, { authorization })).status).toBe(401);
    expect(
      (await send("/v1/handshakes", handshake(), undefined, { authorization: `bearer ${good}` })).status,
    ).toBe(200);
    expect((await send(`/v1/handshakes?token=${good}`, handshake())).status).toBe(401);
  });

  it("refuses what the token's scope does not hold", async () => {
    const SCOPES = ["handshakes", "changes", "keys", "read"] as const;
    const tokens = new Map<string, string>();
    for (const scope of SCOPES) tokens.set(scope, await give({ scopes: [scope] }));
    await until(async () => (await metrics(tokens.get("read"))).status === 200);
    for (const [path, body, headers] of ROUTES)
      for (const [scope, token] of tokens) {
        const needed = path === "/v1/changes" ? "changes" : path === "/v1/keys" ? "keys" : "handshakes";
        const { status } = await send(path, body, token, headers);
        if (scope === needed)
          expect([path, scope, [401, 403].includes(status)]).toEqual([path, scope, false]);
        else expect([path, scope, status]).toEqual([path, scope, 403]);
      }
    for (const scope of SCOPES)
      expect((await metrics(tokens.get(scope))).status).toBe(scope === "read" ? 200 : 403);
    expect((await metrics()).status).toBe(401);
    expect((await fetch(`${collector.url}/healthz`)).status).toBe(200);
  });
});

async function metrics(token?: string) {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch(`${collector.url}/metrics`, { headers });
  return { status: response.status, text: await response.text() };
}

describe("bounds", () => {
  it("refuse single lines, with index and reason, and the rest is taken", async () => {
    const token = await give({
      scopes: ["handshakes", "changes", "keys"],
      endpoints: ["bank.*"],
      nodes: ["b-*"],
    });
    const good = { endpoint: "bank.example", node: "b-1" };
    await until200("/v1/handshakes", handshake(good), token);
    const wrongs = [
      { endpoint: "shop.example", node: "b-1" },
      { ...good, node: "edge-1" },
      { ...good, node: null },
    ];
    const lines = [good, ...wrongs, good];
    const { text } = await send("/v1/handshakes", lines.map((line) => handshake(line)).join("\n"), token);
    const reply = JSON.parse(text);
    expect(reply).toMatchObject({ accepted: 2, rejected: 3 });
    expect(reply.errors).toEqual([
      { index: 1, reason: "this token may not write this endpoint" },
      { index: 2, reason: "this token may not write this node" },
      { index: 3, reason: "no node is named, and this token may write some only" },
    ]);
  });

  it("hold on every route, for the sender's name too", async () => {
    const token = await give({ scopes: ["handshakes", "changes", "keys"], nodes: ["b-*"] });
    await until200("/v1/handshakes", handshake({ node: "b-1" }), token);
    expect((await send("/v1/lines/nginx?node=edge-1", "{}", token)).status).toBe(403);
    const ts = Date.now();
    const row = {
      bucketStartMs: Math.floor(ts / 10_000) * 10_000,
      count: 7,
      outcome: "full",
      endpoint: "shop.example",
    };
    const change = { ts, kind: "reload", title: "reloaded" };
    const rows = [{ ...row, node: "edge-1" }, { change }, { sample: JSON.parse(handshake()) }];
    const nginx = {
      msec: String(ts / 1000),
      pid: 7,
      connection: 1,
      connection_requests: 1,
      ssl_protocol: "TLSv1.3",
      ssl_session_reused: ".",
    };
    const cases: [string, string][] = [
      ["/v1/rollups?source=nginx", rows.map((each) => JSON.stringify(each)).join("\n")],
      ["/v1/changes", JSON.stringify(change)],
      ["/v1/keys", JSON.stringify({ ts, keyName: "00".repeat(16), node: "edge-1", action: "promoted" })],
      ["/v1/nodes", JSON.stringify({ ts, node: "edge-1", cores: 4, busyCores: 1 })],
      ["/v1/caches", JSON.stringify({ ts, node: "edge-1", hits: 1, misses: 1 })],
      ["/v1/lines/nginx", JSON.stringify({ ...nginx, ssl_server_name: "shop.example" })],
    ];
    const before = await totalsOf(collector);
    for (const [path, body] of cases) {
      const answer = await send(path, body, token);
      expect([path, answer.status, answer.text]).toEqual([
        path,
        422,
        expect.stringContaining("this token may"),
      ]);
    }
    expect(await totalsOf(collector)).toEqual(before);
  });

  it("of scope hold for what a push of rows carries", async () => {
    const token = await give({ scopes: ["handshakes"] });
    await until200("/v1/handshakes", handshake(), token);
    const change = { ts: Date.now(), kind: "reload", title: "reloaded" };
    const { status, text } = await send("/v1/rollups?source=nginx", JSON.stringify({ change }), token);
    expect([status, text]).toEqual([422, expect.stringContaining('no scope \\"changes\\"')]);
  });
});

describe("a token", () => {
  it("that is revoked gets in no longer than a second", async () => {
    const token = await give();
    await until200("/v1/handshakes", handshake(), token);
    await revoke(token);
    const beganMs = Date.now();
    await until(async () => (await send("/v1/handshakes", handshake(), token)).status === 401);
    expect(Date.now() - beganMs).toBeLessThan(3_000);
  });

  it("writes its own tenant's data only, with keys of pushes of its own", async () => {
    const mine = await give();
    const theirs = await give({ tenant: 7 });
    const once = { "idempotency-key": "the same" };
    await until200("/v1/handshakes", handshake({ node: "t" }), theirs);
    await until200("/v1/handshakes", handshake({ node: "t" }), mine);
    const before = (await totalsOf(collector)).full ?? 0;
    const body = [handshake(), handshake()].join("\n");
    const first = await send("/v1/handshakes", body, theirs, once);
    expect(JSON.parse(first.text)).toMatchObject({ accepted: 2, duplicate: 0 });
    expect((await totalsOf(collector)).full).toBe(before);
    const second = await send("/v1/handshakes", body, mine, once);
    expect(JSON.parse(second.text)).toMatchObject({ accepted: 2, duplicate: 0 });
    expect((await totalsOf(collector)).full).toBe(before + 2);
    const window = { fromMs: Date.now() - 3_600_000, toMs: Date.now() + 60_000, stepMs: 10_000 };
    const { rows } = await collector.store.readRollups(7, window);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(3);
    expect(await collector.store.readSources(7)).toMatchObject([{ source: "native", accepted: 3 }]);
  });

  it("is in no metric, no answer and no stored source", async () => {
    const token = await give({ scopes: ["handshakes", "read"] });
    await until200("/v1/handshakes", handshake(), token);
    await send("/v1/changes", token, token);
    await send("/v1/handshakes", "{}", `${token}0`);
    const secret = token.split("_")[2] ?? "";
    expect((await metrics(token)).text).not.toContain(secret);
    expect(JSON.stringify(await collector.store.readSources(1))).not.toContain(secret);
    expect(JSON.stringify(await collector.store.tokens.readTokens(1))).not.toContain(secret);
  });
});
