import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { captureOf, type Frame, framesOf, pcapOf, RECORDED } from "../support/captures.ts";
import { startCollector, type TestCollector, totalsOf, until } from "../support/collector.ts";

let collector: TestCollector;
const nowUs = Math.floor(Date.now() / 1_000) * 1e6;

/** The recorded connections, as if they had happened a minute ago. */
function recent(): Buffer {
  const frames = RECORDED.flatMap((name) => framesOf(captureOf(name)));
  const [first] = frames as [Frame];
  return pcapOf(frames.map((frame) => ({ ...frame, atUs: frame.atUs - first.atUs + nowUs - 60e6 })));
}
const capture = recent();

beforeAll(async () => {
  collector = await startCollector();
});
afterAll(() => collector.destroy());

async function tap(
  words: readonly string[],
  input: Buffer = capture,
): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, ["bin/reprise.mjs", "tap", ...words], {
    env: { ...process.env, REPRISE_LOG_LEVEL: "silent" },
  });
  const [out, err] = [[] as Buffer[], [] as Buffer[]];
  child.stdout.on("data", (chunk) => out.push(chunk));
  child.stderr.on("data", (chunk) => err.push(chunk));
  const gone = once(child, "close");
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [code] = (await gone) as [number];
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

it("prints handshakes and issued tickets, and a summary", async () => {
  const { code, out, err } = await tap(["--node", "edge-1", "--node", "10.0.0.1=edge-2", "--region", "eu"]);
  expect(code).toBe(0);
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.filter((line) => line.kind === "handshake")).toHaveLength(20);
  expect(lines.filter((line) => line.kind === "key")).toHaveLength(6);
  expect(lines[0]).toMatchObject({ node: "edge-1", region: "eu", endpoint: "www.example.test" });
  expect(err).toContain("20 handshakes: 12 full, 8 resumed, 0 failed; 6 tickets issued in the clear");
  expect(JSON.parse((await tap(["--json"])).err)).toMatchObject({ handshakes: 20, problems: [] });
});

it("says what is wrong with options and captures", async () => {
  expect(await tap(["--node", "not-an-address=x"])).toMatchObject({ code: 2 });
  expect(await tap(["--send", "capture.pcap"])).toMatchObject({ code: 2 });
  expect(await tap(["--families", "tests/fixtures/pcap/decoded.txt"])).toMatchObject({ code: 2 });
  expect((await tap([], Buffer.from("no capture at all"))).err).toContain("This is no capture");
  const cut = await tap([], capture.subarray(0, -7));
  expect(cut).toMatchObject({ code: 1 });
  expect(cut.err).toContain("ends within a packet");
  expect((await tap(["/nowhere.pcap"])).err).toContain("Cannot read /nowhere.pcap");
});

it("sends to a collector as a view of its own; a capture that is sent twice counts once", async () => {
  const words = ["--node", "edge-1", "--send", collector.url];
  expect(await tap(words)).toMatchObject({ code: 0, out: "" });
  await until(async () => (await totalsOf(collector)).full === 12);
  expect(await tap(words)).toMatchObject({ code: 0 });
  expect(await totalsOf(collector)).toEqual({ full: 12, resumed: 8 });
  expect(await collector.store.readCoverage(1)).toEqual([
    expect.objectContaining({
      node: "edge-1",
      system: null,
      vantage: "wire",
      sources: ["tap"],
      outcomes: true,
    }),
  ]);
  const offers = await collector.store.readRollups(1, {
    ...{ fromMs: Date.now() - 600_000, toMs: Date.now() + 60_000, stepMs: 10_000 },
  });
  const refused = offers.rows.filter((row) => row.reason === "unknown_key");
  expect(refused.reduce((sum, row) => sum + row.count, 0)).toBe(3);
});

it("counts a node's log and the tap on it once", async () => {
  const line = JSON.stringify({
    ...{ ts: nowUs / 1_000 - 90_000, endpoint: "www.example.test", node: "edge-1", protocol: "TLSv1.3" },
    ...{ outcome: "full", count: 5 },
  });
  await fetch(`${collector.url}/v1/handshakes`, { method: "POST", body: line });
  // The native source speaks for any product, as the tap does: the same node is the same handshakes.
  await until(async () => (await totalsOf(collector)).full === 5);
  expect(await totalsOf(collector)).toEqual({ full: 5 });
});

it("goes on trying while a collector is away, under one key, and gives up where it refuses", async () => {
  const seen: { key: string; token: string; lines: number }[] = [];
  const answers = [503, 429, 200, 200];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    seen.push({
      key: String(request.headers["idempotency-key"]),
      token: String(request.headers.authorization),
      lines: zstdDecompressSync(Buffer.concat(chunks)).toString().split("\n").length,
    });
    response.writeHead(answers.shift() ?? 401);
    response.end('{"accepted":1,"rejected":0,"duplicate":0,"errors":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await tap(["--send", url, "--token", "secret"])).toMatchObject({ code: 0 });
  expect(seen.map(({ token }) => token)).toEqual(["Bearer secret", "Bearer secret", "Bearer secret"]);
  expect(new Set(seen.map(({ key }) => key)).size).toBe(1);
  // Tickets issued under one key are one line.
  expect(seen[0]?.lines).toBe(20 + 6);
  answers.length = 0;
  const refused = await tap(["--send", url]);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.err).toContain("1 batches were not sent: 401");
  await new Promise((resolve) => server.close(resolve));
});
