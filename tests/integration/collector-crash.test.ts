import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openReadStore } from "../../lib/store/open.ts";
import { push, until } from "../support/collector.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "reprise-crash-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

function run(environment: Record<string, string>): ChildProcess & { errors: string } {
  const env = {
    ...process.env,
    REPRISE_DATA_DIR: dataDir,
    REPRISE_SYSLOG_PORT: "0",
    REPRISE_LOG_LEVEL: "silent",
    ...environment,
  };
  const child = Object.assign(
    spawn(process.execPath, ["bin/reprise.mjs", "collector"], { env, stdio: ["ignore", "ignore", "pipe"] }),
    {
      errors: "",
    },
  );
  child.stderr?.on("data", (chunk) => {
    child.errors += chunk;
  });
  return child;
}
const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once("exit", resolve));
const answers = (port: number) => () =>
  fetch(`http://127.0.0.1:${port}/healthz`).then(
    (response) => response.ok,
    () => false,
  );

async function counted(): Promise<number> {
  const store = openReadStore({ file: join(dataDir, "reprise.db") });
  const nowMs = Date.now();
  const { rows } = await store.readRollups(1, {
    fromMs: nowMs - 600_000,
    toMs: nowMs + 600_000,
    stepMs: 10_000,
  });
  await store.close();
  return rows.reduce((sum, row) => sum + row.count, 0);
}

describe("the collector's process", () => {
  it("killed at any moment loses nothing acknowledged and counts nothing twice", async () => {
    const port = await freePort();
    let acknowledged = 0;
    for (let round = 0; round < 5; round += 1) {
      const child = run({ REPRISE_COLLECTOR_PORT: String(port) });
      await until(answers(port));
      let alive = true;
      const sender = async (name: string): Promise<void> => {
        for (let n = 0; alive; n += 1) {
          const events = Array.from({ length: 20 }, () => ({
            ts: Date.now(),
            outcome: "full",
            endpoint: name,
          }));
          const key = { "idempotency-key": `${round}-${name}-${n}` };
          const reply = await push(`http://127.0.0.1:${port}/v1/handshakes`, events, key).catch(() => null);
          if (reply?.status === 200) acknowledged += reply.body.accepted;
        }
      };
      const senders = ["a", "b", "c", "d"].map(sender);
      await new Promise((resolve) => setTimeout(resolve, 150 + round * 70));
      child.kill("SIGKILL");
      await ended(child);
      alive = false;
      await Promise.all(senders);
    }
    const total = await counted();
    expect(acknowledged).toBeGreaterThan(0);
    expect(total).toBeGreaterThanOrEqual(acknowledged);
    // What was committed but not answered any more may be there too: at most one push of each sender a round.
    expect(total - acknowledged).toBeLessThanOrEqual(5 * 4 * 20);
  });

  it("told to stop finishes what it took and ends with 0", async () => {
    const port = await freePort();
    const child = run({ REPRISE_COLLECTOR_PORT: String(port) });
    await until(answers(port));
    const pushes = Array.from({ length: 20 }, (_, i) =>
      push(`http://127.0.0.1:${port}/v1/handshakes`, [
        { ts: Date.now(), outcome: "full", endpoint: `e${i}` },
      ]).catch(() => null),
    );
    await pushes[0];
    child.kill("SIGTERM");
    expect(await ended(child)).toBe(0);
    const accepted = (await Promise.all(pushes)).filter((reply) => reply?.status === 200).length;
    expect(await counted()).toBe(accepted);
  });

  it("says in one sentence why it cannot start", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const address = server.address();
    const port = String(typeof address === "object" && address ? address.port : 0);
    const busy = run({ REPRISE_COLLECTOR_PORT: port });
    expect(await ended(busy)).toBe(1);
    expect(busy.errors).toContain(`Port ${port} is in use`);
    expect(busy.errors.trim().split("\n").length).toBe(1);
    await new Promise((resolve) => server.close(resolve));
    const open = run({ REPRISE_COLLECTOR_HOST: "0.0.0.0", REPRISE_SYSLOG_PORT: "5514" });
    expect(await ended(open)).toBe(1);
    expect(open.errors).toContain("REPRISE_SYSLOG_ALLOW");
    const wrong = run({ REPRISE_COLLECTOR_PORT: "many" });
    expect(await ended(wrong)).toBe(1);
    expect(wrong.errors).toContain("REPRISE_COLLECTOR_PORT must be a whole number");
    const unwritable = run({ REPRISE_DATA_DIR: "/proc/reprise", REPRISE_COLLECTOR_PORT: "0" });
    expect(await ended(unwritable)).toBe(1);
    expect(unwritable.errors).toContain("cannot be written");
  });
});
