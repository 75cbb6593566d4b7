import { randomBytes } from "node:crypto";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Agent } from "../../collector/agent/agent.ts";
import { type AgentConfig, parseAgentConfig } from "../../collector/agent/config.ts";
import { problemOf, readStatus } from "../../collector/agent/status.ts";
import { systemClock } from "../../lib/runtime/clock.ts";
import { makeLogger } from "../../lib/runtime/log.ts";
import { readSettings } from "../../lib/runtime/settings.ts";

type Push = { readonly key: string; readonly target: string; readonly text: string; readonly token: string };
type Answer = { status: number; body?: string; headers?: Record<string, string> } | "hang up";

let folder: string;
let server: Server;
let port: number;
let pushes: Push[];
/** Answers in order; 200 to all after them. */
let answers: Answer[];
let agent: Agent | null;
let running: Promise<void>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "reprise-agent-unit-"));
  pushes = [];
  answers = [];
  agent = null;
  server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  port = typeof address === "object" && address ? address.port : 0;
});
afterEach(async () => {
  await stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  pushes.push({
    key: String(request.headers["idempotency-key"]),
    target: request.url ?? "",
    text: zstdDecompressSync(Buffer.concat(chunks)).toString(),
    token: request.headers.authorization ?? "",
  });
  const answer = answers.shift() ?? { status: 200 };
  if (answer === "hang up") {
    request.socket.destroy();
    return;
  }
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body ?? '{"accepted":1,"rejected":0,"duplicate":0,"errors":[]}');
}

const log = (): string => join(folder, "access.log");
function config(more: string): AgentConfig {
  const text = `collector: http://127.0.0.1:${port}\ntoken: s3cret\nnode: edge-1\nflush: 100ms\nstate: ${join(folder, "state")}\n${more}`;
  return parseAgentConfig(text, "agent.yaml");
}
const LINES = (): string => `send: lines\nfiles:\n  - source: nginx\n    path: ${log()}\n`;
function start(more = LINES()): void {
  const settings = readSettings({});
  agent = new Agent(config(more), { log: makeLogger("silent"), clock: systemClock, settings });
  running = agent.run();
}
async function stop(): Promise<void> {
  agent?.stop();
  await running;
  agent = null;
}
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
const status = () => readStatus(join(folder, "state"));

it("sends the same bytes under the same key until they are acknowledged, and waits as long as it is asked to", async () => {
  answers = ["hang up", { status: 500 }, { status: 503, headers: { "retry-after": "1" } }, { status: 200 }];
  writeFileSync(log(), "one\ntwo\n");
  start();
  await until(() => pushes.length === 3);
  const askedMs = Date.now();
  await until(() => pushes.length === 4);
  expect(Date.now() - askedMs).toBeGreaterThan(900);
  expect(new Set(pushes.map((push) => JSON.stringify(push))).size).toBe(1);
  expect(pushes[0]).toMatchObject({
    text: "one\ntwo",
    target: "/v1/lines/nginx?node=edge-1&via=agent",
    token: "Bearer s3cret",
  });
  appendFileSync(log(), "three\n");
  await until(() => pushes.length === 5);
  expect(pushes[4]?.text).toBe("three");
  expect(pushes[4]?.key).not.toBe(pushes[0]?.key);
});

it("goes on after a push that was refused line by line, and loudly after a conflict", async () => {
  const reply = '{"accepted":0,"rejected":7,"duplicate":0,"errors":[{"index":0,"reason":"not JSON"}]}';
  answers = [
    { status: 422, body: reply },
    { status: 409, body: "{}" },
  ];
  for (const text of ["a\n", "b\n", "c\n"]) {
    appendFileSync(log(), text);
    if (text === "a\n") start();
    const before = pushes.length;
    await until(() => pushes.length > before);
  }
  await until(() => status()?.spool.waiting === 0 && status()?.sending.conflicts === 1);
  expect(pushes.map(({ text }) => text)).toEqual(["a", "b", "c"]);
  expect(status()?.sending).toMatchObject({ state: "ok", rejected: 7, conflicts: 1 });
});

it("says when the collector will not take it, keeps everything, and goes on when it does", async () => {
  answers = Array.from({ length: 4 }, () => ({ status: 401, body: '{"error":"no token"}' }));
  writeFileSync(log(), "one\n");
  start();
  await until(() => status()?.sending.state === "refused");
  expect(problemOf(status(), Date.now())).toContain("401");
  await until(() => pushes.length === 5);
  await until(() => status()?.sending.state === "ok");
  expect(problemOf(status(), Date.now())).toBeNull();
});

it("stops reading when the spool is full, says so, and loses nothing", async () => {
  answers = Array.from({ length: 100 }, () => ({ status: 503 }));
  const written: string[] = [];
  for (let n = 0; n < 30; n += 1) {
    const lines = Array.from({ length: 1_000 }, () => randomBytes(500).toString("hex"));
    written.push(...lines);
    appendFileSync(log(), `${lines.join("\n")}\n`);
  }
  start(`spool: 16MB\n${LINES()}`);
  await until(() => status()?.spool.full === true);
  expect(problemOf(status(), Date.now())).toContain("The spool is full");
  expect(status()?.spool.bytes).toBeLessThan(16_000_000);
  expect(status()?.inputs[0]?.files[0]?.offset).toBeLessThan(statSync(log()).size);
  pushes = [];
  answers = [];
  const seen = (): Map<string, string> => new Map(pushes.map(({ key, text }) => [key, text]));
  const count = (): number => [...seen().values()].reduce((sum, text) => sum + text.split("\n").length, 0);
  await until(() => count() >= written.length);
  await until(() => status()?.spool.full === false);
  expect([...seen().values()].join("\n") === written.join("\n")).toBe(true);
}, 30_000);

it("takes syslog over TCP, folds it, and leaves nothing of a client in it", async () => {
  const socketPort = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
  start(`syslog:\n  - listen: 127.0.0.1:${socketPort}\n    source: nginx\n`);
  const line = (connection: number): string =>
    `<190>Nov 25 10:00:00 edge-9 nginx: ${JSON.stringify({
      msec: (Date.now() / 1_000).toFixed(3),
      pid: "7",
      connection: String(connection),
      connection_requests: "1",
      ssl_protocol: "TLSv1.3",
      ssl_session_reused: "r",
      ssl_server_name: "shop.example",
      remote_addr: "203.0.113.9",
    })}\n`;
  await until(() => status() !== null);
  const socket = connect(socketPort, "127.0.0.1");
  socket.end(Array.from({ length: 50 }, (_, n) => line(n)).join(""));
  const rows = (): { count?: number }[] =>
    pushes.flatMap(({ text }) => text.split("\n").map((one) => JSON.parse(one)));
  await until(() => rows().reduce((sum, { count = 0 }) => sum + count, 0) === 50);
  expect(pushes[0]?.target).toMatch(/^\/v1\/rollups\?source=nginx&node=edge-1&via=agent&newest=\d+$/);
  expect(pushes.map(({ text }) => text).join("")).not.toContain("203.0.113.9");
});

it("keeps its place in its lock: a second agent on the same state is refused in one sentence", () => {
  start();
  expect(
    () =>
      new Agent(config(LINES()), {
        log: makeLogger("silent"),
        clock: systemClock,
        settings: readSettings({}),
      }),
  ).toThrow(/^Another agent \(process \d+\) uses /);
  expect(readFileSync(join(folder, "state", "lock"), "utf8")).toContain(String(process.pid));
});
