import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Readable, Writable } from "node:stream";
import type { IngestReply } from "../../lib/contract/ingest.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import { type Collector, runCollector } from "../main.ts";
import { findSource, SOURCES } from "../sources/registry.ts";
import { linesOf } from "./lines.ts";

/** Lines of one push. */
const PORTION = 5_000;
const TRIES = 60;
const PAUSE_MS = 1_000;

export type ImportArguments = {
  readonly source: string;
  readonly files: readonly string[];
  readonly node?: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly json?: boolean;
};
type Streams = { readonly stdin: Readable; readonly stdout: Writable; readonly stderr: Writable };
type Totals = { accepted: number; rejected: number; duplicate: number };

/**
 * `reprise import`: feeds files through the running collector, or through one of its own for the while where none runs.
 * Each portion has a key made from the file's content, so importing a file again counts nothing twice.
 */
export async function importCommand(
  input: ImportArguments,
  settings: Settings,
  io: Streams,
): Promise<number> {
  if (!findSource(input.source)) {
    io.stderr.write(
      `Unknown source "${input.source}". Known sources: ${SOURCES.map((s) => s.name).join(", ")}.\n`,
    );
    return 2;
  }
  const running = await answers(`http://${settings.collectorHost}:${settings.collectorPort}/healthz`);
  const own = running ? null : await runCollector({ ...settings, collectorPort: 0, syslogPort: 0 });
  const base = `http://${settings.collectorHost}:${own?.httpPort ?? settings.collectorPort}`;
  try {
    const totals: Totals = { accepted: 0, rejected: 0, duplicate: 0 };
    for (const file of input.files) await importFile(file, { input, base, totals, io });
    io.stdout.write(
      input.json
        ? `${JSON.stringify(totals)}\n`
        : `${totals.accepted} lines accepted, ${totals.duplicate} known from an earlier import, ${totals.rejected} refused.\n`,
    );
    return 0;
  } catch (error) {
    io.stderr.write(`${(error as Error).message}\n`);
    return 1;
  } finally {
    await finish(own);
  }
}

async function finish(own: Collector | null): Promise<void> {
  if (!own) return;
  await own.store.compact(Date.now());
  await own.close();
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

type Context = { input: ImportArguments; base: string; totals: Totals; io: Streams };

async function importFile(file: string, context: Context): Promise<void> {
  const digest = await digestOf(file);
  let portion: string[] = [];
  let first = 0;
  const push = async (): Promise<void> => {
    if (portion.length === 0) return;
    await pushPortion(portion, { file, digest, first, ...context });
    first += portion.length;
    portion = [];
  };
  for await (const lines of linesOf(file, context.io.stdin))
    for (const line of lines) {
      portion.push(line);
      if (portion.length >= PORTION) await push();
    }
  await push();
}

async function pushPortion(
  lines: readonly string[],
  at: Context & { file: string; digest: string; first: number },
): Promise<void> {
  const { input, base, totals, io } = at;
  const query = new URLSearchParams({ history: "complete" });
  for (const name of ["node", "region", "endpoint"] as const) if (input[name]) query.set(name, input[name]);
  const key = `import ${input.source} ${query} ${at.digest} ${at.first}`;
  const headers = { "idempotency-key": createHash("sha256").update(key).digest("hex") };
  const url = `${base}/v1/lines/${input.source}?${query}`;
  const reply = await postUntilTaken(url, { headers, body: lines.join("\n") });
  totals.accepted += reply.accepted;
  totals.rejected += reply.rejected;
  totals.duplicate += reply.duplicate;
  for (const { index, reason } of reply.errors)
    io.stderr.write(`${at.file}:${at.first + index + 1}: ${reason}\n`);
}

async function postUntilTaken(
  url: string,
  push: { headers: Record<string, string>; body: string },
): Promise<IngestReply> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(url, { method: "POST", ...push });
    if (response.ok || response.status === 422) return (await response.json()) as IngestReply;
    const busy = response.status === 429 || response.status === 503;
    if (!busy || attempt >= TRIES)
      throw new Error(`The collector refused: ${response.status} ${await response.text()}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
