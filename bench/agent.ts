/** Memory and CPU of `reprise agent` while it follows nginx JSON lines at a fixed rate, and whether its totals are exact. */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { counted } from "./counted.ts";
import { hexOf, seeded } from "./generate.ts";
import { cpuSecondsOf, memoryMb } from "./proc.ts";
import { startCollectorProcess } from "./process.ts";

const TICK_MS = 50;
const FAMILIES = [
  "okhttp/4.12.0",
  "curl/8.5.0",
  "Go-http-client/2.0",
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
];

export type AgentRow = {
  readonly lines: number;
  readonly perSecond: number;
  readonly peakMb: number;
  readonly typicalMb: number;
  readonly cpuSecondsPerMillion: number;
  /** Lines counted in the store minus lines written: 0. */
  readonly difference: number;
};

/** One access line of the recommended format; every line is a connection of its own, which costs the most memory. */
function line(connection: number, nowMs: number, random: () => number): string {
  const old = random() < 0.15;
  const id = hexOf(random, 8);
  return JSON.stringify({
    msec: (nowMs / 1_000).toFixed(3),
    pid: String(100 + (connection % 4)),
    connection: String(connection),
    connection_requests: "1",
    connection_time: (0.004 + random() * 0.05).toFixed(3),
    request_time: "0.002",
    ssl_protocol: old ? "TLSv1.2" : "TLSv1.3",
    ssl_cipher: old ? "ECDHE-RSA-AES128-GCM-SHA256" : "TLS_AES_128_GCM_SHA256",
    ssl_curve: "X25519",
    ssl_session_reused: random() < 0.62 ? "r" : ".",
    ssl_session_id: old ? id : "",
    ssl_early_data: "",
    ssl_server_name: `ep-${Math.floor(60 * random() ** 3)}.example`,
    remote_addr: `203.0.113.${connection % 250}`,
    remote_port: String(1_024 + (connection % 60_000)),
    http_user_agent: FAMILIES[connection % FAMILIES.length],
  });
}

/** Follows a file that grows by `perSecond` lines for `seconds`. */
export async function benchAgent(perSecond = 20_000, seconds = 40): Promise<AgentRow> {
  const folder = mkdtempSync(join(tmpdir(), "reprise-bench-agent-"));
  const dataDir = join(folder, "data");
  const collector = await startCollectorProcess(spawn, dataDir);
  const log = join(folder, "access.log");
  const config = join(folder, "agent.yaml");
  writeFileSync(
    config,
    `collector: ${collector.url}\nnode: edge-1\nstate: ${join(folder, "state")}\nfiles:\n  - source: nginx\n    path: ${log}\n`,
  );
  const agent = spawn(process.execPath, ["bin/reprise.mjs", "agent", "--config", config], {
    env: { ...process.env, REPRISE_LOG_LEVEL: "warn" },
    stdio: "inherit",
  });
  const pid = agent.pid ?? 0;
  const gone = new Promise((resolve) => agent.once("exit", resolve));
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const random = seeded(11);
  const file = openSync(log, "a");
  const samples: number[] = [];
  const beforeCpu = cpuSecondsOf(pid);
  const startMs = Date.now();
  let written = 0;
  while (written < perSecond * seconds) {
    const nowMs = Date.now();
    const due = Math.min(perSecond * seconds, Math.floor(((nowMs - startMs) / 1_000) * perSecond));
    const lines: string[] = [];
    for (; written < due; written += 1) lines.push(line(written + 1, nowMs, random));
    if (lines.length > 0) writeSync(file, `${lines.join("\n")}\n`);
    samples.push(memoryMb(pid, "now"));
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  closeSync(file);
  const wroteMs = Date.now() - startMs;
  for (let tries = 0; tries < 100 && (await counted(dataDir)) < written; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 200));
  const row: AgentRow = {
    lines: written,
    perSecond: Math.round((written / wroteMs) * 1_000),
    peakMb: memoryMb(pid, "peak"),
    typicalMb: samples.sort((a, b) => a - b)[samples.length >> 1] ?? 0,
    cpuSecondsPerMillion: ((cpuSecondsOf(pid) - beforeCpu) / written) * 1e6,
    difference: (await counted(dataDir)) - written,
  };
  agent.kill("SIGTERM");
  await gone;
  await collector.stop();
  rmSync(folder, { recursive: true });
  return row;
}
