import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSummary } from "../../lib/read/summary.ts";
import { verifyChain } from "../../lib/store/audit-chain.ts";
import { DATABASE_NAME, openReadStore } from "../../lib/store/open.ts";
import { push, until } from "../support/collector.ts";
import { freePort } from "../support/process.ts";

const run = promisify(execFile);
let folder: string;
let dataDir: string;
let collector: ChildProcess;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reprise-backup-test-"));
  dataDir = join(folder, "data");
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    ...{ REPRISE_DATA_DIR: dataDir, REPRISE_COLLECTOR_PORT: String(port), REPRISE_SYSLOG_PORT: "0" },
    ...{ REPRISE_LOG_LEVEL: "silent", REPRISE_DETECT: "0" },
  };
  collector = spawn(process.execPath, ["bin/reprise.mjs", "collector"], { env, stdio: "ignore" });
  await until(
    () =>
      fetch(`${url}/healthz`).then(
        (reply) => reply.ok,
        () => false,
      ),
    60_000,
  );
}, 90_000);
afterAll(async () => {
  collector.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

async function reprise(...words: string[]): Promise<Ended> {
  const env = { ...process.env, REPRISE_DATA_DIR: dataDir };
  try {
    return { code: 0, ...(await run(process.execPath, ["bin/reprise.mjs", ...words], { env })) };
  } catch (error) {
    const { code, stdout, stderr } = error as Ended;
    return { code, stdout, stderr };
  }
}

/** Pushes of 20 handshakes until it is told to stop; answers how many were acknowledged. */
function keepPushing(name: string): () => Promise<number> {
  let going = true;
  let acknowledged = 0;
  const done = (async () => {
    for (let n = 0; going; n += 1) {
      const events = Array.from({ length: 20 }, () => ({ ts: Date.now(), outcome: "full", endpoint: name }));
      const reply = await push(`${url}/v1/handshakes`, events, { "idempotency-key": `${name}-${n}` });
      if (reply.status === 200) acknowledged += 20;
    }
  })();
  return async () => {
    going = false;
    await done;
    return acknowledged;
  };
}

async function inStore<T>(
  at: string,
  work: (store: ReturnType<typeof openReadStore>) => Promise<T>,
): Promise<T> {
  const store = openReadStore({ file: join(at, DATABASE_NAME) });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const counted = (at: string): Promise<number> =>
  inStore(at, async (store) => {
    const nowMs = Date.now();
    const { rows } = await store.readRollups(1, {
      fromMs: nowMs - 3_600_000,
      toMs: nowMs + 60_000,
      stepMs: 10_000,
    });
    return rows.reduce((sum, row) => sum + row.count, 0);
  });

describe("a backup", () => {
  it("made while pushes come in holds whole pushes as of one moment, all that were acknowledged before", async () => {
    const stops = ["a", "b", "c"].map(keepPushing);
    await until(async () => (await counted(dataDir).catch(() => 0)) > 200, 60_000);
    const before = await counted(dataDir);
    const made = await reprise("backup", join(folder, "load.tar.zst"), "--json");
    expect(made).toMatchObject({ code: 0, stderr: "" });
    const after = await counted(dataDir);
    const acknowledged = (await Promise.all(stops.map((stop) => stop()))).reduce((a, b) => a + b, 0);
    expect(await counted(dataDir)).toBe(acknowledged);
    expect(after).toBeGreaterThan(before);

    const to = join(folder, "restored");
    expect(await reprise("restore", join(folder, "load.tar.zst"), "--to", to)).toMatchObject({ code: 0 });
    const restored = await counted(to);
    expect(restored).toBeGreaterThanOrEqual(before);
    expect(restored).toBeLessThanOrEqual(after);
    // Every push that the backup remembers is there with all of its handshakes, and nothing besides.
    expect(restored).toBe(20 * JSON.parse(made.stdout).rows.Batch);
  });

  it("answers what the store answered at that moment, with the same secret, and says that it was restored", async () => {
    const nowMs = Date.now();
    const ask = (at: string) =>
      inStore(at, (store) =>
        readSummary(store, 1, {
          params: { from: String(nowMs - 3_600_000), to: String(nowMs) },
          nowMs,
        }),
      );
    expect(await reprise("backup", join(folder, "quiet.tar.zst"))).toMatchObject({ code: 0 });
    const to = join(folder, "quiet");
    expect(await reprise("restore", join(folder, "quiet.tar.zst"), "--to", to)).toMatchObject({ code: 0 });
    expect(await ask(to)).toEqual(await ask(dataDir));
    expect(readFileSync(join(to, "secret")).equals(readFileSync(join(dataDir, "secret")))).toBe(true);
    await inStore(to, async (store) => {
      const [entry] = await store.audit.readAudit(0, { fromMs: 0, toMs: nowMs + 600_000, limit: 10 });
      expect(entry).toMatchObject({ action: "store.restore", targetKind: "backup", actor: null });
      expect(await verifyChain(store.audit, 0)).toMatchObject({ broken: null, entries: 1 });
    });
  });

  it("is readable by its owner only, as is what is restored", () => {
    for (const path of ["quiet.tar.zst", "quiet/secret", `quiet/${DATABASE_NAME}`])
      expect(statSync(join(folder, path)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("replaces no file and no data unless told to, and no data that is in use", async () => {
    const file = join(folder, "quiet.tar.zst");
    expect(await reprise("backup", file)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("exists already"),
    });
    expect(await reprise("backup", file, "--force")).toMatchObject({ code: 0 });
    expect(await reprise("restore", file)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("holds data"),
    });
    expect(await reprise("restore", file, "--force")).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining("is in use") },
    });
    expect((await fetch(`${url}/healthz`)).ok).toBe(true);
    expect(await reprise("restore", join(folder, "none"), "--to", join(folder, "x"))).toMatchObject({
      code: 1,
    });
    expect(await reprise("backup")).toMatchObject({ code: 2 });
    expect(await reprise("restore", file, "--nonsense")).toMatchObject({ code: 2 });
  });

  it("that is cut off, changed or no backup is refused, and nothing is put in place", async () => {
    const whole = readFileSync(join(folder, "quiet.tar.zst"));
    const changed = Buffer.from(whole);
    for (let at = whole.length >> 1; at < (whole.length >> 1) + 8; at += 1)
      changed[at] = (changed[at] ?? 0) ^ 0x5a;
    const broken = { half: whole.subarray(0, whole.length >> 1), tail: whole.subarray(0, -3), changed };
    for (const [name, bytes] of Object.entries({
      ...broken,
      noise: randomBytes(5_000),
      empty: Buffer.alloc(0),
    })) {
      writeFileSync(join(folder, name), bytes);
      const to = join(folder, `from-${name}`);
      const ended = await reprise("restore", join(folder, name), "--to", to);
      expect(ended).toMatchObject({ code: 1, stdout: "" });
      expect(ended.stderr.trim().split("\n")).toHaveLength(1);
      expect(readdirSync(to)).toEqual([]);
    }
  });
});

it("a restore killed at any moment leaves the old store, or the new one, or none", async () => {
  const to = join(folder, "killed");
  const file = join(folder, "quiet.tar.zst");
  expect(await reprise("restore", join(folder, "load.tar.zst"), "--to", to)).toMatchObject({ code: 0 });
  const [old, news] = [await counted(to), await counted(join(folder, "quiet"))];
  expect(old).not.toBe(news);
  for (let round = 0; round < 6; round += 1) {
    const child = spawn(process.execPath, ["bin/reprise.mjs", "restore", file, "--to", to, "--force"], {
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    // From the start of staging on, a little later each time.
    await until(async () => existsSync(join(to, ".restoring")) || child.exitCode !== null, 60_000);
    await new Promise((resolve) => setTimeout(resolve, round * 150));
    child.kill("SIGKILL");
    await ended;
    if (existsSync(join(to, DATABASE_NAME))) {
      expect([old, news]).toContain(await counted(to));
      expect(existsSync(join(to, "secret"))).toBe(true);
    }
  }
  expect(await reprise("restore", file, "--to", to, "--force")).toMatchObject({ code: 0 });
  expect(await counted(to)).toBe(news);
  expect(existsSync(join(to, ".restoring"))).toBe(false);
});
