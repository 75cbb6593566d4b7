import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openReadStore } from "../../lib/store/open.ts";
import { AccessLogWriter } from "../support/access-log.ts";
import { until } from "../support/collector.ts";
import { CuttingProxy, type Weather } from "../support/cutting-proxy.ts";
import { freePort } from "../support/process.ts";

let folder: string;
/** Compiled once for all processes of this file. */
let code: string;
beforeAll(async () => {
  code = await mkdtemp(join(tmpdir(), "reprise-agent-code-"));
});
afterAll(() => rm(code, { recursive: true, force: true }));
const children = new Set<ChildProcess>();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reprise-agent-"));
});
afterEach(async () => {
  await Promise.all([...children].map((child) => kill(child)));
  await rm(folder, { recursive: true, force: true });
});

const dataDir = (): string => join(folder, "data");
const access = (): string => join(folder, "access.log");

function run(words: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  const env = { ...process.env, NODE_COMPILE_CACHE: code, REPRISE_LOG_LEVEL: "warn", ...environment };
  const child = spawn(process.execPath, ["bin/reprise.mjs", ...words], { env, stdio: "ignore" });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

function kill(child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  const gone = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.kill(signal);
  return gone;
}

const startCollector = (port: number): ChildProcess =>
  run(["collector"], {
    REPRISE_DATA_DIR: dataDir(),
    REPRISE_COLLECTOR_PORT: String(port),
    REPRISE_SYSLOG_PORT: "0",
  });
const startAgent = (): ChildProcess => run(["agent", "--config", join(folder, "agent.yaml")]);

function configure(port: number, more: string): void {
  const state = join(folder, "state");
  writeFileSync(
    join(folder, "agent.yaml"),
    `collector: http://127.0.0.1:${port}\nnode: edge-1\nregion: eu\nflush: 300ms\nstate: ${state}\n${more}`,
  );
}

const answers = (port: number) => () =>
  fetch(`http://127.0.0.1:${port}/healthz`).then(
    (response) => response.ok,
    () => false,
  );

async function withStore<T>(read: (store: ReturnType<typeof openReadStore>) => Promise<T>): Promise<T> {
  const store = openReadStore({ file: join(dataDir(), "reprise.db") });
  try {
    return await read(store);
  } finally {
    await store.close();
  }
}

/** What the store counts, by outcome. */
async function counted(): Promise<Record<string, number>> {
  const nowMs = Date.now();
  const window = { fromMs: nowMs - 600_000, toMs: nowMs + 600_000, stepMs: 10_000 };
  const { rows } = await withStore((store) => store.readRollups(1, window));
  const totals: Record<string, number> = { full: 0, resumed: 0, failed: 0 };
  for (const { outcome, count } of rows)
    totals[outcome ?? "unknown"] = (totals[outcome ?? "unknown"] ?? 0) + count;
  return totals;
}

/** Waits until the store counts this, or for a while; answers what it counts. */
async function settled(truth: object): Promise<Record<string, number>> {
  const wanted = JSON.stringify(truth);
  await until(async () => JSON.stringify(await counted()) === wanted, 15_000).catch(() => undefined);
  return counted();
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("the agent's process", () => {
  it("counts every handshake once through kills of both, cuts and blackholes of the network, and rotations", async () => {
    const random = seeded(Number(process.env.REPRISE_TEST_SEED ?? 20_261_125));
    const port = await freePort();
    const proxy = await new CuttingProxy(port).listen();
    const errors = join(folder, "error.log");
    configure(
      proxy.port,
      `files:\n  - source: nginx\n    path: ${access()}\n  - source: nginx\n    path: ${errors}\n`,
    );
    const writer = new AccessLogWriter({ access: access(), errors }, random);
    let collector = startCollector(port);
    await until(answers(port));
    let agent = startAgent();
    // Files that were rotated before an agent ever ran are history, which it leaves alone: so it begins first.
    writer.write(10, Date.now());
    expect(await settled(writer.written)).toEqual(writer.written);
    const weathers: Weather[] = ["cut", "blackhole", "fair"];
    const faults = [
      async () => {
        await kill(agent);
        agent = startAgent();
      },
      async () => {
        await kill(collector);
        collector = startCollector(port);
      },
      async () => {
        proxy.weather = weathers[Math.floor(random() * weathers.length)] ?? "fair";
      },
      async () => writer.rename(),
      async () => writer.copyTruncate(),
    ];
    for (let step = 0; step < 90; step += 1) {
      writer.write(1 + Math.floor(random() * 40), Date.now());
      await new Promise((resolve) => setTimeout(resolve, 40));
      // Every fault has its turn, at a moment of chance.
      if (step % 6 === 5) {
        await new Promise((resolve) => setTimeout(resolve, random() * 120));
        await faults[(step / 6 - 5 / 6) % faults.length]?.();
      }
    }
    proxy.weather = "fair";
    await until(answers(port));
    expect(await settled(writer.written)).toEqual(writer.written);
    expect(writer.written.full + writer.written.resumed).toBeGreaterThan(500);
    expect(await kill(agent, "SIGTERM")).toBe(0);
    expect(await counted()).toEqual(writer.written);
    await proxy.close();
  }, 60_000);

  it("reports refused lines and syslog of sources that it recognises; nothing that identifies a client leaves it", async () => {
    const port = await freePort();
    const syslogPort = await freePort();
    configure(
      port,
      `files:\n  - source: nginx\n    path: ${access()}\nsyslog:\n  - listen: 127.0.0.1:${syslogPort}\n`,
    );
    const bodies: string[] = [];
    startCollector(port);
    await until(answers(port));
    const agent = startAgent();
    const writer = new AccessLogWriter({ access: access(), errors: join(folder, "none.log") }, seeded(3));
    writer.write(50, Date.now());
    appendFileSync(access(), "garbage of 203.0.113.9\n");
    expect(await settled({ ...writer.written, failed: 0 })).toEqual({ ...writer.written, failed: 0 });
    const line = readFileSync(access(), "utf8").split("\n")[0]?.replace('"pid":"7"', '"pid":"8"') ?? "";
    const udp = createSocket("udp4");
    for (const text of [
      `<190>Nov 25 10:00:00 edge-9 nginx: ${line}`,
      "<190>Nov 25 10:00:00 edge-9 x: what is this",
    ])
      await new Promise((resolve) => udp.send(text, syslogPort, "127.0.0.1", resolve));
    udp.close();
    await until(() => withStore(async (store) => (await store.readSources(1)).length === 2));
    const sources = await withStore((store) => store.readSources(1));
    const total = writer.written.full + writer.written.resumed;
    expect(sources.find(({ source }) => source === "nginx")).toMatchObject({
      transport: "agent",
      sender: "edge-1",
      accepted: total + 1,
      rejected: 1,
      rejections: [{ sample: "garbage of x.x.x.x" }],
    });
    expect(sources.find(({ source }) => source === "unknown")).toMatchObject({
      transport: "agent",
      rejected: 1,
    });
    bodies.push(JSON.stringify(sources), readFileSync(join(dataDir(), "reprise.db"), "latin1"));
    expect(bodies.join("")).not.toContain("203.0.113.9");
    expect(await kill(agent, "SIGTERM")).toBe(0);
  }, 30_000);

  it("sends lines where it is told to, once each, and keeps a second agent out of its state", async () => {
    const port = await freePort();
    configure(port, `send: lines\nfiles:\n  - source: nginx\n    path: ${access()}\n`);
    startCollector(port);
    await until(answers(port));
    const first = startAgent();
    const writer = new AccessLogWriter({ access: access(), errors: join(folder, "none.log") }, seeded(5));
    writer.write(300, Date.now());
    const truth = { ...writer.written, failed: 0 };
    expect(await settled(truth)).toEqual(truth);
    const second = startAgent();
    const status = run(["agent", "status", "--config", join(folder, "agent.yaml")]);
    const codes = [second, status].map((child) => new Promise((resolve) => child.once("exit", resolve)));
    expect(await Promise.all(codes)).toEqual([1, 0]);
    expect(await kill(first, "SIGTERM")).toBe(0);
    expect(await settled(truth)).toEqual(truth);
  }, 30_000);
});
