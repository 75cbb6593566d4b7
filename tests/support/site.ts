import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openReadStore } from "../../lib/store/open.ts";
import type { ReadStore } from "../../lib/store/port.ts";
import { until } from "./collector.ts";
import { freePort } from "./process.ts";

/** A collector as a process of its own, on a port and folder that it keeps over kills and new starts. */
export class CollectorSite {
  readonly port: number;
  readonly dataDir: string;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;
  output = "";

  private constructor(port: number, dataDir: string, environment: Readonly<Record<string, string>>) {
    this.port = port;
    this.dataDir = dataDir;
    this.#environment = environment;
  }

  /** Makes its folder; `start` starts it. */
  static async make(environment: Readonly<Record<string, string>> = {}): Promise<CollectorSite> {
    const dataDir = await mkdtemp(join(tmpdir(), "reprise-site-"));
    return new CollectorSite(await freePort(), dataDir, environment);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it and waits until it answers. Throws with its output when it ends before. */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const env = {
      ...process.env,
      ...{ REPRISE_DATA_DIR: this.dataDir, REPRISE_COLLECTOR_PORT: String(this.port) },
      ...{ REPRISE_SYSLOG_PORT: "0", REPRISE_DETECT: "0", REPRISE_LOG_LEVEL: "warn" },
      ...this.#environment,
      ...more,
    };
    const child = spawn(process.execPath, ["bin/reprise.mjs", "collector"], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const hear = (chunk: Buffer): void => {
      this.output += chunk;
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    this.#child = child;
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`the collector ended:\n${this.output}`);
      return (await this.health()) !== null;
    }, 30_000);
  }

  /** What it says of itself; null while it does not answer. */
  health(): Promise<{ readonly status: string; readonly forwarding?: string } | null> {
    return fetch(`${this.url}/healthz`).then(
      (response) => response.json() as Promise<{ status: string; forwarding?: string }>,
      () => null,
    );
  }

  /** A metric without labels, or the sum over its labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const values = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([0-9.e+-]+)$`, "gm"))];
    return values.reduce((sum, [, value]) => sum + Number(value), 0);
  }

  /** Ends the process, and waits until it has ended. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }

  /** Reads its store, beside it or after its end. */
  async read<T>(work: (store: ReadStore) => Promise<T>): Promise<T> {
    const store = openReadStore({ file: join(this.dataDir, "reprise.db") });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  async destroy(): Promise<void> {
    await this.stop("SIGKILL");
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** Handshakes of the last day by endpoint, node, source and outcome, as one table. */
export async function handshakeTable(store: ReadStore): Promise<Record<string, number>> {
  const nowMs = Date.now();
  const { rows } = await store.readRollups(1, {
    fromMs: nowMs - 86_400_000,
    toMs: nowMs + 600_000,
    stepMs: 10_000,
    by: ["endpoint", "node", "source"],
    views: "all",
  });
  const table: Record<string, number> = {};
  for (const { group, outcome, count } of rows) {
    const key = `${group.endpoint} ${group.node} ${group.source} ${outcome}`;
    table[key] = (table[key] ?? 0) + count;
  }
  return table;
}
