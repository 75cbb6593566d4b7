/** What others need for the same events, in the same run, interleaved: the file is read and summed, every total is compared. */
import { spawn, spawnSync } from "node:child_process";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startClickhouse } from "../tests/support/clickhouse.ts";
import { nativeLines } from "./generate.ts";
import { cpuSecondsOf } from "./proc.ts";
import { startCollectorProcess } from "./process.ts";
import { inLines } from "./push.ts";

const EVENTS = 500_000;
const ROUNDS = 5;
const BATCH = 5_000;
const SUMS_MS = 12_000;
const HERE = new URL("./peers/", import.meta.url).pathname;

export type PeerRow = {
  readonly name: string;
  readonly answers: string;
  /** CPU seconds per million events, ascending. */
  readonly cpuSeconds: readonly number[];
};
type Totals = { readonly events: number; readonly resumed: number };
type Round = Totals & { readonly cpuSeconds: number };
type Peer = {
  readonly name: string;
  /** What can be asked of what it leaves. */
  readonly answers: string;
  run(round: number): Promise<Round>;
  end?(): Promise<void>;
};
type Ground = { readonly folder: string; readonly file: string; readonly lines: readonly string[] };

/** Runs a program to its end; it prints events and resumed. */
async function program(command: string, words: readonly string[]): Promise<Round> {
  const before = cpuSecondsOf("self", "children");
  const { status, stdout, stderr } = spawnSync(command, [...words], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  const [events = 0, resumed = 0] = stdout.trim().split(/\s+/).map(Number);
  return { events, resumed, cpuSeconds: cpuSecondsOf("self", "children") - before };
}

const hasProgram = (name: string): boolean =>
  spawnSync("sh", ["-c", `command -v ${name}`], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  }).status === 0;

/** This collector: what a push costs until it is acknowledged, and with the sums that are made of it later. */
async function reprise({ folder, lines }: Ground): Promise<Peer[]> {
  const collector = await startCollectorProcess(spawn, join(folder, "reprise"), {
    REPRISE_MAX_SEGMENTS_PER_SOURCE: "50000",
    REPRISE_DETECT: "0",
  });
  const { bodies } = inLines("/v1/handshakes", lines, BATCH);
  const resumed = lines.filter((line) => line.includes(`"outcome":"resumed"`)).length;
  let whole: Round = { events: 0, resumed: 0, cpuSeconds: 0 };
  const answers = "rates and quantiles by any dimension and minute";
  const push: Peer = {
    ...{
      name: "Reprise: HTTP, 5,000 a push, every dimension, until acknowledged after a FULL commit",
      answers,
    },
    run: async () => {
      const before = cpuSecondsOf(collector.pid, "own");
      let events = 0;
      for (const body of bodies) {
        const response = await fetch(`${collector.url}/v1/handshakes`, { method: "POST", body });
        events += ((await response.json()) as { accepted: number }).accepted;
      }
      const cpuSeconds = cpuSecondsOf(collector.pid, "own") - before;
      await idle(collector.pid);
      whole = { events, resumed, cpuSeconds: cpuSecondsOf(collector.pid, "own") - before };
      return { events, resumed, cpuSeconds };
    },
    end: () => collector.stop(),
  };
  const sums: Peer = {
    name: "the same, and summed into minutes and hours of every grain",
    answers,
    run: async () => whole,
  };
  return [push, sums];
}

/** Waits until a process does no more than its usual upkeep: sums follow a push within ten seconds. */
async function idle(pid: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, SUMS_MS));
  for (let last = cpuSecondsOf(pid, "own"), next = last; ; last = next) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    next = cpuSecondsOf(pid, "own");
    if (next - last < 0.1) return;
  }
}

/** ClickHouse: a table of events, and the sums of a question. */
async function clickhouse({ file }: Ground): Promise<Peer | null> {
  if (!hasProgram("clickhouse-server")) return null;
  const server = await startClickhouse();
  return {
    name: "ClickHouse 18.16: JSONEachRow into MergeTree, then the question",
    answers: "anything, by scanning",
    run: async (round) => {
      const before = cpuSecondsOf(server.pid(), "own");
      await server.ask(
        `CREATE TABLE e${round} (ts UInt64, endpoint String, node String, region String, family String, protocol String,
         outcome String, offer String, handshakeUs UInt32) ENGINE = MergeTree ORDER BY (endpoint, ts)`,
      );
      await server.send(
        `INSERT INTO e${round} FORMAT JSONEachRow`,
        createReadStream(file),
        "input_format_skip_unknown_fields=1",
      );
      const answer = await server.ask(
        `SELECT sum(n), sumIf(n, outcome = 'resumed'), sum(q) FROM (SELECT outcome, count() AS n,
           arraySum(quantiles(0.5, 0.95, 0.99)(handshakeUs)) AS q FROM e${round} GROUP BY endpoint, intDiv(ts, 60000), outcome)`,
      );
      const [events = 0, resumed = 0] = answer.trim().split("\t").map(Number);
      return { events, resumed, cpuSeconds: cpuSecondsOf(server.pid(), "own") - before };
    },
    end: () => server.destroy(),
  };
}

/** DuckDB from the registry, into the folder of the run: the product needs none. */
function duckdb({ folder, file }: Ground): Peer | null {
  const words = ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder, "@duckdb/node-api"];
  if (spawnSync("npm", words).status !== 0) return null;
  const module = pathToFileURL(join(folder, "node_modules/@duckdb/node-api/lib/index.js")).href;
  return {
    name: "DuckDB, one thread: read_ndjson, sums and 3 quantiles",
    answers: "the question, by reading the file again",
    run: () => program(process.execPath, [join(HERE, "duckdb.mjs"), module, file]),
  };
}

function limit({ folder, file }: Ground): Peer | null {
  if (!hasProgram("gcc")) return null;
  const scan = join(folder, "scan");
  const compiled = spawnSync("gcc", [
    "-O3",
    "-march=native",
    "-Wall",
    "-Werror",
    "-o",
    scan,
    join(HERE, "scan.c"),
  ]);
  if (compiled.status !== 0) throw new Error(String(compiled.stderr));
  return {
    name: "C, gcc -O3: scan, sum, bins; 3 dimensions, in memory",
    answers: "nothing is kept",
    run: () => program(scan, [file]),
  };
}

const AWK = `match($0, /"outcome":"[a-z]+"/) { o = substr($0, RSTART + 11, RLENGTH - 12); match($0, /"endpoint":"[^"]+"/)
  c[substr($0, RSTART, RLENGTH) " " o " " int(substr($0, 7, 13) / 60000)]++; n++; if (o == "resumed") r++ } END { print n, r }`;

/** Every peer that this machine has, and the names of those that it has not. */
async function peersOn(ground: Ground): Promise<{ peers: Peer[]; missing: string[] }> {
  const { folder, file } = ground;
  const [push = null, sums = null] = await reprise(ground);
  const found: Record<string, Peer | null> = {
    Reprise: push,
    sums,
    "gcc (apt-get install gcc)": limit(ground),
    "DuckDB (npm, not reached)": duckdb(ground),
    "ClickHouse (apt-get install clickhouse-server)": await clickhouse(ground),
    parse: {
      name: "Node: JSON.parse of each line, Map of sums and bins; 3 dimensions, in memory",
      answers: "nothing is kept",
      run: () => program(process.execPath, [join(HERE, "parse.mjs"), file]),
    },
    sqlite: {
      name: "better-sqlite3: a row an event, 5,000 a FULL commit",
      answers: "anything, by scanning",
      run: (round) =>
        program(process.execPath, [join(HERE, "raw-rows.mjs"), file, join(folder, `raw-${round}.db`)]),
    },
    awk: {
      name: "awk: counts; 3 dimensions",
      answers: "counts only",
      run: () => program("awk", [AWK, file]),
    },
  };
  const peers = Object.values(found).filter((peer) => peer !== null);
  return { peers, missing: Object.keys(found).filter((name) => found[name] === null) };
}

/** Rounds of everybody in turn. Throws where one counts differently. */
export async function benchPeers(
  events = EVENTS,
): Promise<{ readonly rows: readonly PeerRow[]; readonly missing: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "reprise-bench-peers-"));
  const file = join(folder, "events.ndjson");
  const lines = nativeLines(events, { seed: 42, endMs: Date.now(), spanMs: 3_600_000 });
  writeFileSync(file, `${lines.join("\n")}\n`);
  const { peers, missing } = await peersOn({ folder, file, lines });
  const spent = new Map<Peer, number[]>(peers.map((peer) => [peer, []]));
  const totals = new Set<string>();
  try {
    // The first round is nobody's: files are cold, and programs compile.
    for (let round = 0; round <= ROUNDS; round += 1)
      for (const peer of peers) {
        const { events: counted, resumed, cpuSeconds } = await peer.run(round);
        totals.add(`${counted} events, ${resumed} resumed`);
        if (round > 0) spent.get(peer)?.push((cpuSeconds * 1e6) / events);
      }
  } finally {
    for (const peer of peers) await peer.end?.();
    rmSync(folder, { recursive: true });
  }
  if (totals.size !== 1) throw new Error(`They count differently: ${[...totals].join("; ")}`);
  const rows = [...spent].map(([{ name, answers }, list]) => ({
    ...{ name, answers },
    cpuSeconds: list.sort((a, b) => a - b),
  }));
  return { rows, missing };
}
