/** `reprise token` as a process of its own, beside a running collector; and what a collector's process says of tokens. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startCollector, type TestCollector, until } from "../support/collector.ts";
import { freePort, type Running, startProgram } from "../support/process.ts";

/** 127.0.0.1, in a form that is not taken for it: as strange to the collector as any other address. */
const NOT_CALLED_LOOPBACK = "127.1";

const run = promisify(execFile);
let folder: string;
let collector: TestCollector;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reprise-token-"));
  collector = await startCollector({ requireTokens: true, dataDir: folder });
});
afterAll(async () => {
  await collector.close();
  await rm(folder, { recursive: true });
});

async function token(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, REPRISE_DATA_DIR: folder };
  return run(process.execPath, ["bin/reprise.mjs", "token", ...words], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      ...{ code: error.code, out: error.stdout, err: error.stderr },
    }),
  );
}
async function push(shown: string, part: object = {}, url = collector.url): Promise<number> {
  const body = JSON.stringify({
    ts: Date.now(),
    outcome: "full",
    endpoint: "shop.example",
    node: "edge-1",
    ...part,
  });
  const headers = { authorization: `Bearer ${shown}` };
  return (await fetch(`${url}/v1/handshakes`, { method: "POST", body, headers })).status;
}

it("makes, lists, rotates and revokes tokens that the running collector knows at once", async () => {
  const words = ["--name", "edge", "--node", "edge-*", "--scope", "handshakes", "--expires", "90d", "--json"];
  const made = JSON.parse((await token("create", ...words)).out);
  expect(made).toMatchObject({
    name: "edge",
    scopes: ["handshakes"],
    nodes: ["edge-*"],
    endpoints: null,
    state: "usable",
  });
  await until(async () => (await push(made.token)) === 200);
  expect(await push(made.token, { node: "b" })).toBe(422);

  const rotated = JSON.parse((await token("rotate", made.id, "--overlap", "1h", "--json")).out);
  expect(rotated).toMatchObject({ nodes: ["edge-*"], replaces: made.id });
  await until(async () => (await push(rotated.token)) === 200);
  expect(await push(made.token)).toBe(200);
  expect((await token("rotate", made.id)).code).toBe(1);

  expect((await token("revoke", made.id)).code).toBe(0);
  await until(async () => (await push(made.token)) === 401);
  expect(await push(rotated.token)).toBe(200);
  expect((await token("revoke", made.id)).code).toBe(1);

  await collector.close();
  const { tokens } = JSON.parse((await token("list", "--json")).out);
  expect(tokens).toMatchObject([
    { id: rotated.id, state: "usable", lastUsed: expect.any(String), successorId: null },
    { id: made.id, state: "revoked", successorId: rotated.id },
  ]);
  const store = await readFile(join(folder, "reprise.db"), "latin1");
  for (const { token: text } of [made, rotated]) expect(store).not.toContain(text.split("_")[2]);
  collector = await startCollector({ requireTokens: true, dataDir: folder });
}, 120_000);

it.each([
  [["create", "--name", "x", "--scope", "everything"], 2],
  [["create", "--name", "x", "--expires", "yesterday"], 2],
  [["create", "--name", "x\ny"], 2],
  [["create", "--name", "x", "--tenant", "nobody"], 1],
  [["rotate", "nothing"], 1],
])(
  "says what is wrong with %j",
  async (words, code) => {
    const answer = await token(...words);
    expect([answer.code, answer.err.trim() === ""]).toEqual([code, false]);
  },
  60_000,
);

it("a collector that is reached from beyond loopback lets nobody in without a token, and tells no log of it", async () => {
  const port = await freePort();
  const env = {
    ...process.env,
    ...{
      REPRISE_DATA_DIR: join(folder, "open"),
      REPRISE_COLLECTOR_HOST: NOT_CALLED_LOOPBACK,
      REPRISE_COLLECTOR_PORT: String(port),
    },
    ...{ REPRISE_SYSLOG_PORT: "0", REPRISE_LOG_LEVEL: "trace", REPRISE_DETECT: "0" },
  };
  let program: Running | null = null;
  try {
    program = await startProgram(process.execPath, ["bin/reprise.mjs", "collector"], {
      port,
      env,
      withinMs: 60_000,
    });
    const url = `http://127.0.0.1:${port}`;
    const words = ["bin/reprise.mjs", "token", "create", "--name", "x", "--json"];
    const made = JSON.parse((await run(process.execPath, words, { env })).stdout);
    await until(async () => (await push(made.token, {}, url)) === 200);
    expect(await push("x", {}, url)).toBe(401);
    expect(await push(`${made.token}x`, {}, url)).toBe(401);
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await program.stop();
    expect(program.output()).toContain("collector ready");
    expect(program.output()).toContain("without TLS");
    expect(program.output()).not.toContain(made.token.split("_")[2]);
  } finally {
    await program?.stop();
  }
}, 120_000);
