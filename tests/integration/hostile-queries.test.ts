import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { csvLines } from "../../app/_server/csv.ts";
import { POST as recordChange } from "../../app/api/changes/route.ts";
import { GET as getSeries } from "../../app/api/series/route.ts";
import { openApiDocument } from "../../lib/contract/openapi.ts";
import { INJECTIONS, SCRIPTS } from "../support/hostile.ts";
import { asked } from "../support/people.ts";
import { ROUTE_ROLES } from "../support/route-roles.ts";
import { type StoredFleet, storedFleet } from "../support/stored.ts";

const NOW = Date.now();
let fleet: StoredFleet;
beforeAll(async () => {
  fleet = await storedFleet(Date.now);
  vi.stubEnv("REPRISE_DATA_DIR", fleet.dataDir);
  const told = { atMs: NOW - 60_000, endpoint: "shop", node: "n1", outcome: "full", count: 5 } as const;
  await fleet.tell([told, { ...told, endpoint: null, count: 3 }]);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await fleet.destroy();
});

const text = async (response: Response) => ({ status: response.status, body: await response.text() });
const series = (query: string) =>
  getSeries(asked(`/api/series?metric=handshakes&from=now-1h&to=now&by=endpoint&${query}`)).then(text);

it("five hundred injections into a filter find what an unknown name finds: nothing", async () => {
  const points = (body: string) =>
    JSON.parse(body).series.flatMap((one: { points: unknown[] }) => one.points).length;
  const { body: unknown } = await series("endpoint=unknown.example");
  expect(points(unknown)).toBe(0);
  for (const injection of INJECTIONS) {
    const { status, body } = await series(`endpoint=${encodeURIComponent(injection)}`);
    expect(status, injection).toBe(200);
    expect(points(body), injection).toBe(0);
  }
  expect(points((await series("endpoint=shop")).body)).toBeGreaterThan(0);
}, 120_000);

type Described = { readonly get?: { readonly parameters?: readonly { name: string; in: string }[] } };
type Handler = (request: Request, context: unknown) => Promise<Response>;

it("no parameter of any route is part of a statement: refused or nothing found, and never told how", async () => {
  const paths = openApiDocument().paths as Record<string, Described>;
  let turn = 0;
  for (const name of Object.keys(ROUTE_ROLES).filter(
    (one) => one.startsWith("GET") && !/events|openapi/.test(one),
  )) {
    const path = name.slice(4);
    const module: { GET: Handler } = await import(pathToFileURL(join("app", path, "route.ts")).href);
    const { parameters = [] } = paths[path.replaceAll(/\[(\w+)\]/g, "{$1}")]?.get ?? {};
    for (const { name: parameter, in: place } of parameters)
      for (let again = 0; again < 12; again += 1) {
        const injection = INJECTIONS[turn++ % INJECTIONS.length] ?? "";
        const query = new URLSearchParams({ from: "now-1h", to: "now", metric: "handshakes" });
        if (place === "query") query.set(parameter, injection);
        const params = Promise.resolve({ id: injection, key: injection, name: injection });
        const { status, body } = await module.GET(asked(`/api/x?${query}`), { params }).then(text);
        expect(
          [200, 400, 404, 409].includes(status),
          `${name} ${parameter}=${injection}: ${status} ${body}`,
        ).toBe(true);
        // What was asked may be told back.
        const own = body.replaceAll(JSON.stringify(injection).slice(1, -1), "");
        expect(own, `${name} ${parameter}`).not.toMatch(
          /sqlite|syntax error|no such (table|column)|SELECT .* FROM/i,
        );
      }
  }
  expect(turn).toBeGreaterThan(500);
}, 120_000);

it("keys that reach prototypes change none, deep or long bodies are refused", async () => {
  const send = (body: string) =>
    recordChange(new Request(asked("/api/changes", { method: "POST" }), { body, method: "POST" })).then(text);
  const before = JSON.stringify(Object.getOwnPropertyNames(Object.prototype).sort());
  for (const key of ["__proto__", "constructor", "prototype"]) {
    const { status } = await send(`{"ts":${NOW},"kind":"deploy","title":"x","${key}":{"polluted":true}}`);
    expect([201, 400]).toContain(status);
    expect(({} as { polluted?: boolean }).polluted).toBe(undefined);
  }
  expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype).sort())).toBe(before);
  expect((await send(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`)).status).toBe(400);
  const long = await send(`{"ts":${NOW},"kind":"deploy","title":"${"x".repeat(2_000_000)}"}`);
  expect([long.status, long.body]).toEqual([400, expect.stringContaining("longer than")]);
});

it("no cell of a CSV is a formula to a spreadsheet", () => {
  const starts = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "\u200b=", '"='];
  for (const start of starts) {
    const lines = csvLines([[`${start}cmd|'/c calc'!A1`]]);
    expect(lines.replace(/^"/, "").startsWith("'"), JSON.stringify(lines)).toBe(true);
  }
  for (const script of SCRIPTS) expect(csvLines([[script, -5, null]]).split("\r\n")).toHaveLength(2);
  expect(csvLines([["shop.example", -5, 0.25, null]])).toBe("shop.example,-5,0.25,\r\n");
});
