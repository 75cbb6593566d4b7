import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ANY_PORT, type Collector, runCollector } from "../../collector/main.ts";
import type { IngestReply } from "../../lib/contract/ingest.ts";
import { makeLogger } from "../../lib/runtime/log.ts";
import { readSettings, type Settings } from "../../lib/runtime/settings.ts";

export type TestCollector = Collector & {
  readonly url: string;
  readonly dataDir: string;
  readonly settings: Settings;
  /** Closes it and removes its folder. */
  destroy(): Promise<void>;
};

/** A real collector on ports of the system's choice, with a folder of its own. */
export async function startCollector(
  change: Partial<Settings> = {},
  clock?: () => number,
): Promise<TestCollector> {
  const dataDir = change.dataDir ?? (await mkdtemp(join(tmpdir(), "reprise-collector-")));
  // Detection is a thread of its own; tests that are about it switch it on.
  const ports = { collectorPort: 0, syslogPort: ANY_PORT };
  const settings = { ...readSettings({}), ...ports, detect: false, dataDir, ...change };
  const collector = await runCollector(settings, { log: makeLogger("silent"), ...(clock ? { clock } : {}) });
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await collector.close();
    open = false;
  };
  return {
    ...collector,
    close,
    dataDir,
    settings,
    url: `http://127.0.0.1:${collector.httpPort}`,
    destroy: async () => {
      await close();
      await rm(dataDir, { recursive: true });
    },
  };
}

export type Pushed = {
  readonly status: number;
  readonly body: IngestReply & { error?: string };
  readonly headers: Headers;
};

/** Pushes a body; lines are joined. */
export async function push(
  url: string,
  body: string | Uint8Array | readonly unknown[],
  headers: Record<string, string> = {},
): Promise<Pushed> {
  const isList = Array.isArray(body);
  const content = isList
    ? body.map((item) => JSON.stringify(item)).join("\n")
    : (body as string | Uint8Array<ArrayBuffer>);
  const response = await fetch(url, { method: "POST", body: content, headers });
  return {
    status: response.status,
    body: (await response.json()) as Pushed["body"],
    headers: response.headers,
  };
}

/** Handshakes that a store holds, by outcome. */
export async function totalsOf(
  collector: TestCollector,
  spanMs = 86_400_000,
): Promise<Record<string, number>> {
  const nowMs = Date.now();
  const { rows } = await collector.store.readRollups(1, {
    fromMs: nowMs - spanMs,
    toMs: nowMs + 600_000,
    stepMs: 10_000,
  });
  const totals: Record<string, number> = {};
  for (const row of rows) {
    const outcome = row.outcome ?? "unknown";
    totals[outcome] = (totals[outcome] ?? 0) + row.count;
  }
  return totals;
}

/** Waits until a condition holds; throws after `withinMs`. */
export async function until(condition: () => Promise<boolean>, withinMs = 10_000): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
