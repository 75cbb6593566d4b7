import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import type { Writable } from "node:stream";
import { Worker } from "node:worker_threads";
import { systemClock } from "../../lib/runtime/clock.ts";
import type { ScenarioResult } from "./detect-scenario.ts";
import { Progress } from "./progress.ts";

export type DetectArguments = {
  /** A folder of scenarios, or one scenario. */
  readonly folder: string;
  readonly out: string;
  readonly json?: boolean | undefined;
  readonly workers?: string | undefined;
};
type Streams = { readonly stdout: Writable; readonly stderr: Writable };

const HANDSHAKES = "handshakes.ndjson.gz";

/** Folders that hold a scenario: the one given, or those in it, by name. */
export function scenarioFolders(folder: string): string[] {
  if (existsSync(join(folder, HANDSHAKES))) return [folder];
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, HANDSHAKES)))
    .sort();
}

/**
 * `reprise detect DIR --out FILE`: the product's detector over scenarios as if their telemetry were arriving. Only what an
 * operator would have is read: topology, telemetry, changes and silences. Answers the exit code.
 */
export async function detectCommand(input: DetectArguments, io: Streams): Promise<number> {
  const folders = scenarioFolders(input.folder);
  if (folders.length === 0) {
    io.stderr.write(`No scenario in ${input.folder}: ${HANDSHAKES} is missing.\n`);
    return 1;
  }
  const workers = input.workers === undefined ? Math.min(2, availableParallelism()) : Number(input.workers);
  if (!Number.isInteger(workers) || workers < 1) {
    io.stderr.write("--workers has to be a whole number from 1 on.\n");
    return 2;
  }
  const progress = new Progress(io.stderr, systemClock);
  const bytes = (path: string) => statSync(join(path, HANDSHAKES)).size;
  progress.begin(
    "detect",
    folders.reduce((sum, path) => sum + bytes(path), 0),
  );
  const results = new Map<string, ScenarioResult>();
  try {
    await inParallel(folders, workers, async (path) => {
      const result = await runScenario(path);
      results.set(path, result);
      progress.readBytes(bytes(path));
      progress.tookLines(result.rows);
    });
  } catch (error) {
    progress.end();
    io.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
  progress.end();
  const ordered = folders.map((path) => results.get(path)).filter((result) => result !== undefined);
  const lines = ordered.flatMap(({ detections }) => detections.map((detection) => JSON.stringify(detection)));
  writeFileSync(input.out, lines.map((line) => `${line}\n`).join(""));
  report(input, ordered, io);
  return 0;
}

function report(input: DetectArguments, results: readonly ScenarioResult[], io: Streams): void {
  const detections = results.flatMap((result) => result.detections);
  const totals = {
    scenarios: results.length,
    rows: results.reduce((sum, { rows }) => sum + rows, 0),
    pages: detections.filter((detection) => detection.class === "page").length,
    infos: detections.filter((detection) => detection.class === "info").length,
    out: input.out,
  };
  io.stdout.write(
    input.json
      ? `${JSON.stringify(totals)}\n`
      : `${totals.scenarios} scenarios, ${totals.pages} pages and ${totals.infos} notes written to ${basename(input.out)}\n`,
  );
}

async function inParallel<T>(
  items: readonly T[],
  width: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}

/** Runs one scenario in a thread of its own. */
function runScenario(path: string): Promise<ScenarioResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./detect-worker.ts", import.meta.url), { workerData: path });
    worker.once("message", resolve);
    worker.once("error", (error) => reject(new Error(`${path}: ${String(error)}`)));
  });
}
