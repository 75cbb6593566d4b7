import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { importCommand } from "../../collector/cli/import.ts";
import { startCollector, type TestCollector, totalsOf, until } from "../support/collector.ts";

let folder: string;
let collector: TestCollector;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reprise-import-test-"));
  collector = await startCollector();
});
afterEach(async () => {
  await collector.destroy();
  await rm(folder, { recursive: true });
});

const CONNECTIONS = 20_000;
/** Lines between the requests of one connection: they lie portions apart. */
const APART = 7_000;

/** An access log of TLS 1.3 connections with three requests each, far from each other; every fourth one is full. */
function accessLog(connections: number, apart = APART): string[] {
  const startS = Date.now() / 1000 - 3_600;
  const at = (n: number) => (startS + n / 50).toFixed(3);
  const line = (connection: number, request: number) =>
    JSON.stringify({
      msec: at(connection + request * apart),
      pid: 7,
      connection,
      connection_requests: request + 1,
      connection_time: ((request * apart) / 50 + 0.01).toFixed(3),
      request_time: "0.000",
      ssl_protocol: "TLSv1.3",
      ssl_session_reused: connection % 4 === 0 ? "." : "r",
      ssl_server_name: "shop.example",
      http_user_agent: "curl/8",
    });
  const lines: { position: number; text: string }[] = [];
  for (let connection = 0; connection < connections; connection += 1)
    for (const request of [0, 1, 2])
      lines.push({ position: connection + request * apart, text: line(connection, request) });
  return lines.sort((a, b) => a.position - b.position).map(({ text }) => text);
}
const joined = (lines: readonly string[]): string => `${lines.join("\n")}\n`;
const truth = (connections: number) => ({ full: connections / 4, resumed: (connections * 3) / 4 });

type Imported = { readonly code: number; readonly totals: Record<string, number>; readonly stderr: string };

async function importFiles(
  files: readonly string[],
  more: { source?: string; stdin?: Readable } = {},
): Promise<Imported> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const { source = "nginx", stdin = Readable.from([]) } = more;
  const settings = { ...collector.settings, collectorPort: collector.httpPort };
  const code = await importCommand({ source, files, json: true }, settings, { stdin, stdout, stderr });
  stdout.end();
  stderr.end();
  const out = (await stdout.toArray()).join("");
  return { code, totals: out ? JSON.parse(out) : {}, stderr: (await stderr.toArray()).join("") };
}

async function fileOf(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** The command as a process of its own, so that it can be killed. */
function spawnImport(file: string, port: number, dataDir: string): ChildProcess {
  const env = {
    ...process.env,
    REPRISE_COLLECTOR_PORT: String(port),
    REPRISE_DATA_DIR: dataDir,
    REPRISE_LOG_LEVEL: "silent",
  };
  return spawn(process.execPath, ["bin/reprise.mjs", "import", "--source", "nginx", file], {
    env,
    stdio: "ignore",
  });
}
const ended = (child: ChildProcess) => new Promise((resolve) => child.once("exit", resolve));
const accepted = async () =>
  (await collector.store.readSources(1)).reduce((sum, source) => sum + source.accepted, 0);

describe("the same lines count once", () => {
  it("packed, plain, from standard input, and under another name", async () => {
    const lines = accessLog(4_000, 500);
    const packed = await fileOf("access.log.gz", gzipSync(joined(lines)));
    const plain = await fileOf("copy.log", joined(lines).replaceAll("\n", "\r\n"));
    expect(await importFiles([packed])).toMatchObject({
      code: 0,
      totals: { accepted: lines.length, duplicate: 0, rejected: 0 },
    });
    expect(await totalsOf(collector)).toEqual(truth(4_000));
    for (const again of [[packed], [plain], [packed, plain]])
      expect((await importFiles(again)).totals).toEqual({
        accepted: 0,
        duplicate: again.length * lines.length,
        rejected: 0,
      });
    const stdin = Readable.from([Buffer.from(joined(lines))]);
    expect((await importFiles(["-"], { stdin })).totals).toMatchObject({
      accepted: 0,
      duplicate: lines.length,
    });
    expect(await totalsOf(collector)).toEqual(truth(4_000));
  });

  it("also when keys of pushes are long forgotten", async () => {
    const lines = accessLog(400, 50);
    const file = await fileOf("access.log", joined(lines));
    await importFiles([file]);
    const kept = { tenSecondsMs: 1e12, minutesMs: 1e12, hoursMs: 1e12, samplesMs: 1e12, batchesMs: 0 };
    await collector.store.retain(Date.now() + 1_000, kept);
    expect((await importFiles([file])).totals).toMatchObject({ accepted: 0, duplicate: lines.length });
    expect(await totalsOf(collector)).toEqual(truth(400));
  });

  it("when the file has grown since, and when an older copy comes", async () => {
    const lines = accessLog(4_000, 500);
    const file = await fileOf("access.log", joined(lines.slice(0, 7_001)));
    await importFiles([file]);
    await writeFile(file, joined(lines));
    expect((await importFiles([file])).totals).toEqual({
      accepted: lines.length - 7_001,
      duplicate: 7_001,
      rejected: 0,
    });
    const older = await fileOf("older.log", joined(lines.slice(0, 3_000)));
    const { totals, stderr } = await importFiles([older]);
    expect(totals).toMatchObject({ accepted: 0, duplicate: 3_000 });
    expect(stderr).toContain("older.log begins like an import of 12000 lines");
    expect(await totalsOf(collector)).toEqual(truth(4_000));
  });

  it("over rotated files: a connection that lasts from one into the next is one, also when the first is known", async () => {
    const lines = accessLog(4_000, 500);
    const first = await fileOf("access.log.1", joined(lines.slice(0, 6_000)));
    const second = await fileOf("access.log", joined(lines.slice(6_000)));
    expect((await importFiles([first])).totals).toMatchObject({ accepted: 6_000 });
    expect((await importFiles([first, second])).totals).toMatchObject({ accepted: 6_000, duplicate: 6_000 });
    expect(await totalsOf(collector)).toEqual(truth(4_000));
  });

  it("when one command names it several times: a part of it, all of it, and a copy", async () => {
    // Each line is a connection, and nothing in it tells that it was read before.
    const lines = Array.from({ length: 9_000 }, (_, n) =>
      [
        "tls 2.0",
        new Date(Date.now() - 3_600_000 + n).toISOString().slice(0, 19),
        `net/edge/1 listener 10.0.0.1:${n} 10.0.0.2:443 5 2 98 246 - cert serial`,
        "TLS_AES_128_GCM_SHA256 tlsv13 X25519 shop.example",
      ].join(" "),
    );
    const part = await fileOf("part.log", joined(lines.slice(0, 7_000)));
    const [whole, copy] = [await fileOf("whole.log", joined(lines)), await fileOf("copy.log", joined(lines))];
    expect(await importFiles([part, whole, copy], { source: "aws-nlb" })).toMatchObject({
      code: 0,
      totals: { accepted: 9_000, duplicate: 7_000 + 9_000, rejected: 0 },
    });
    expect(await totalsOf(collector)).toEqual({ unknown: 9_000 });
  });

  it("when another import of it has begun since it was looked up", async () => {
    const lines = accessLog(8_000);
    expect((await importFiles([await fileOf("access.log", joined(lines))])).code).toBe(0);
    const digestOf = (until: number) =>
      createHash("sha256")
        .update(joined(lines.slice(0, until)))
        .digest("hex");
    const header = {
      ...{ source: "nginx", id: randomUUID(), seen: 0, fromLine: 0, toLine: 5_000 },
      ...{ head: digestOf(16), digest: digestOf(5_000) },
    };
    const response = await fetch(`${collector.url}/v1/imports`, {
      method: "POST",
      body: JSON.stringify(header),
    });
    const reply = { error: expect.stringContaining("begins alike") };
    expect([response.status, await response.json()]).toEqual([409, reply]);
    expect(await totalsOf(collector)).toEqual(truth(8_000));
  });

  it("when two imports of it run at once", async () => {
    const file = await fileOf("access.log", joined(accessLog(8_000)));
    const both = await Promise.all([importFiles([file]), importFiles([file])]);
    expect(both.some(({ code }) => code === 0)).toBe(true);
    expect((await importFiles([file])).code).toBe(0);
    expect(await totalsOf(collector)).toEqual(truth(8_000));
  });

  it("changes too, in whichever file their line stands", async () => {
    const reload = "2026/01/24 00:16:35 [notice] 9#9: signal 1 (SIGHUP) received from 8, reconfiguring";
    const other = "2026/01/24 00:18:35 [notice] 9#9: signal 1 (SIGHUP) received from 8, reconfiguring";
    const whenMs = [16, 18].map((minute) => new Date(2026, 0, 24, 0, minute, 35).getTime());
    // A clock of its own, since the lines carry their dates.
    await collector.destroy();
    collector = await startCollector({}, () => (whenMs[1] ?? 0) + 86_400_000);
    await importFiles([await fileOf("error.log", `${reload}\n`)]);
    await importFiles([await fileOf("error.log.old", `${other}\n${reload}\n`)]);
    const changes = await collector.store.readChanges(1, { fromMs: 0, toMs: Date.now() + 1e12, limit: 9 });
    expect(changes.map(({ atMs, kind }) => [kind, atMs]).sort()).toEqual(
      whenMs.map((atMs) => ["reload", atMs]),
    );
  });
});

describe("interrupted", () => {
  it("killed in the middle, again and again, it goes on where it was, exactly", async () => {
    const lines = accessLog(CONNECTIONS);
    const file = await fileOf("access.log.gz", gzipSync(joined(lines)));
    for (const enough of [1, 6_000, 12_000]) {
      const child = spawnImport(file, collector.httpPort, folder);
      const gone = ended(child);
      await until(async () => (await accepted()) >= enough, 60_000);
      child.kill("SIGKILL");
      await gone;
    }
    const { code, totals } = await importFiles([file]);
    expect(code).toBe(0);
    expect(totals.duplicate).toBeGreaterThanOrEqual(12_000);
    expect((totals.accepted ?? 0) + (totals.duplicate ?? 0)).toBe(lines.length);
    expect(await totalsOf(collector)).toEqual(truth(CONNECTIONS));
    expect((await importFiles([file])).totals).toMatchObject({ accepted: 0, duplicate: lines.length });
  });

  it("goes on when the collector was another one meanwhile, or its own was killed with it", async () => {
    const lines = accessLog(CONNECTIONS);
    const file = await fileOf("access.log", joined(lines));
    const child = spawnImport(file, collector.httpPort, folder);
    const gone = ended(child);
    await until(async () => (await accepted()) > 0, 60_000);
    child.kill("SIGKILL");
    await gone;
    const { dataDir } = collector;
    await collector.close();
    // No collector runs now: the command brings its own, and both are killed.
    const alone = spawnImport(file, 1, dataDir);
    const aloneGone = ended(alone);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    alone.kill("SIGKILL");
    await aloneGone;
    collector = await startCollector({ dataDir });
    expect((await importFiles([file])).code).toBe(0);
    expect(await totalsOf(collector)).toEqual(truth(CONNECTIONS));
  });
});

describe("what cannot be taken", () => {
  it("is named by file and line, and the rest is taken", async () => {
    const [one = "", two = ""] = accessLog(2, 10);
    const file = await fileOf("access.log", `${one}\n\nnonsense\n${two}\n{"ssl_session_reused":"r"}\n`);
    const { code, totals, stderr } = await importFiles([file]);
    expect(code).toBe(0);
    expect(totals).toEqual({ accepted: 2, duplicate: 0, rejected: 2 });
    expect(stderr.trim().split("\n")).toEqual([
      `${file}:3: neither the reprise log_format nor an error_log line`,
      `${file}:5: msec is missing`,
    ]);
    expect(await collector.store.readSources(1)).toMatchObject([
      { source: "nginx", transport: "import", accepted: 2, rejected: 2 },
    ]);
  });

  it("because it is too old is named likewise", async () => {
    const [line = ""] = accessLog(1, 1);
    const file = await fileOf("access.log", `${line.replace(/"msec":"\d+/, '"msec":"1000000000')}\n`);
    const { totals, stderr } = await importFiles([file]);
    expect(totals).toEqual({ accepted: 0, duplicate: 0, rejected: 1 });
    expect(stderr).toContain(`${file}:1: ts lies more than 400 days in the past`);
  });

  it("wrong words end with 2, missing files with 1 before anything is taken", async () => {
    const file = await fileOf("access.log", joined(accessLog(4, 1)));
    expect(await importFiles([file], { source: "ngnix" })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Unknown source "ngnix"'),
    });
    const missing = join(folder, "nope.log");
    expect(await importFiles([file, missing])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Cannot read ${missing}`),
    });
    expect(await accepted()).toBe(0);
  });

  it("a file that is cut off in the middle is taken as far as it goes, and said to be", async () => {
    const lines = accessLog(8_000);
    const whole = gzipSync(joined(lines));
    const file = await fileOf("access.log.gz", whole.subarray(0, whole.length - 2_000));
    expect(await importFiles([file])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("unexpected end"),
    });
    const some = await accepted();
    expect(some).toBeGreaterThan(0);
    await writeFile(file, whole);
    expect((await importFiles([file])).code).toBe(0);
    expect(await totalsOf(collector)).toEqual(truth(8_000));
  });
});

it("says nothing of its progress where there is no terminal and little to do", async () => {
  const file = await fileOf("access.log", joined(accessLog(400, 10)));
  expect(await importFiles([file])).toMatchObject({ code: 0, stderr: "" });
});
