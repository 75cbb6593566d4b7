import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Settings } from "../../lib/runtime/settings.ts";
import { loadConfiguration } from "../configuration.ts";
import { type Collector, runCollector } from "../main.ts";
import { Formats } from "../sources/formats/configured.ts";
import { findSource } from "../sources/registry.ts";
import type { LineDefaults } from "../sources/source.ts";
import { askCollector, type CollectorAccess, collectorAccess } from "./collector-client.ts";
import { decoderMaker } from "./decode.ts";
import { FileDecoder } from "./file-decoder.ts";
import { type History, type HistoryFile, importHistory, lookUp } from "./history.ts";
import { ImportClient } from "./import-client.ts";
import { Progress } from "./progress.ts";

export type ImportArguments = {
  readonly source: string;
  readonly files: readonly string[];
  readonly format?: string | undefined;
  readonly formatFile?: string | undefined;
  readonly node?: string | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly json?: boolean | undefined;
};
type Streams = {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
};
/** Lines: taken now, refused, and known from earlier imports. */
type Totals = { accepted: number; rejected: number; duplicate: number };

/**
 * `reprise import`: decodes files of one server, in the order given, and has the running collector take what they tell;
 * one of its own for the while where none runs. What was taken is known for good, so the same lines count once however
 * often, in whatever packing, and after whatever interruption they are given. Answers the exit code.
 */
export async function importCommand(
  input: ImportArguments,
  settings: Settings,
  io: Streams,
): Promise<number> {
  const make = makerOf(input, settings);
  if (typeof make === "string") {
    io.stderr.write(`${make}\n`);
    return 2;
  }
  const spool = input.files.includes("-") ? await mkdtemp(join(tmpdir(), "reprise-import-")) : null;
  let own: Collector | null = null;
  try {
    const files = await filesOf(input.files, io.stdin, spool);
    const access = collectorAccess(settings);
    const alone = aloneSettings(settings);
    own = (await answers(access)) ? null : await runCollector(alone);
    const reached = own ? collectorAccess({ ...alone, collectorPort: own.httpPort }) : access;
    const totals = await importAll(files, input, {
      decoder: new FileDecoder(make, defaultsOf(input)),
      client: new ImportClient(reached),
      io,
    });
    io.stdout.write(input.json ? `${JSON.stringify(totals)}\n` : `${sentence(totals)}\n`);
    return 0;
  } catch (error) {
    io.stderr.write(`${(error as Error).message}\n`);
    return 1;
  } finally {
    await finish(own);
    if (spool) await rm(spool, { recursive: true });
  }
}

type Work = { readonly decoder: FileDecoder; readonly client: ImportClient; readonly io: Streams };

async function importAll(files: readonly HistoryFile[], input: ImportArguments, work: Work): Promise<Totals> {
  const { client, io, decoder } = work;
  const progress = new Progress(io.stderr, Date.now);
  const totals: Totals = { accepted: 0, rejected: 0, duplicate: 0 };
  const histories: History[] = [];
  for (const file of files) histories.push(await lookUp(file, input.source, { client, progress }));
  for (const { known, name, note } of histories) {
    totals.duplicate += known;
    if (note !== null) io.stderr.write(`${name} ${note}.\n`);
  }
  // A known file is read only where an unknown one follows, whose connections may have begun in it.
  const wanted = histories.slice(0, histories.findLastIndex(({ complete }) => !complete) + 1);
  const begin = (index: number): void =>
    progress.begin(
      "Importing",
      wanted.slice(index).reduce((sum, { bytes }) => sum + bytes, 0),
    );
  const begun = new Set<string>();
  begin(0);
  try {
    for (const [index, looked] of wanted.entries()) {
      // A copy, or a longer one, of a file before it: what is known of it now is what that one brought.
      const isAlike = begun.has(looked.head) && !looked.complete;
      const history = isAlike ? await lookUp(looked, input.source, { client, progress }) : looked;
      if (isAlike) begin(index);
      totals.duplicate += history.known - looked.known;
      begun.add(history.head);
      await importHistory(history, {
        source: input.source,
        node: input.node ?? null,
        decoder,
        client,
        progress,
        refused: (line, reason) => progress.say(`${history.name}:${line}: ${reason}`),
        taken: (reply) => {
          for (const kind of ["accepted", "rejected", "duplicate"] as const) totals[kind] += reply[kind];
        },
      });
    }
  } finally {
    progress.end();
  }
  return totals;
}

function sentence({ accepted, rejected, duplicate }: Totals): string {
  return `${accepted} lines accepted, ${duplicate} known from an earlier import, ${rejected} refused.`;
}

function defaultsOf(input: ImportArguments): LineDefaults {
  const { endpoint, node, region } = input;
  return { endpoint: endpoint ?? null, node: node ?? null, region: region ?? null, live: false };
}

/** Decoders by the format given, else of the source's own forms and the configuration file's formats. */
function makerOf(input: ImportArguments, settings: Settings): ReturnType<typeof decoderMaker> {
  const made = decoderMaker(input);
  const source = findSource(input.source);
  if (typeof made === "string" || !source || input.format !== undefined || input.formatFile !== undefined)
    return made;
  const formats = Formats.compile(loadConfiguration(settings.configFile).formats, settings.configFile);
  return (defaults) => formats.decoder(source, defaults);
}

/** Everything is looked at before anything is taken. Standard input is kept in a file for the while: it is read twice. */
async function filesOf(
  names: readonly string[],
  stdin: Readable,
  spool: string | null,
): Promise<HistoryFile[]> {
  if (names.filter((name) => name === "-").length > 1)
    throw new Error("Standard input (-) can be read only once.");
  const files: HistoryFile[] = [];
  for (const name of names) {
    const path = name === "-" && spool ? join(spool, "stdin") : name;
    if (name === "-") await pipeline(stdin, createWriteStream(path, { mode: 0o600 }));
    const found = await stat(path).catch((error: Error) => error);
    if (found instanceof Error) throw new Error(`Cannot read ${name}: ${found.message}`);
    if (found.isDirectory()) throw new Error(`Cannot read ${name}: it is a folder; name its files.`);
    files.push({ name, path, bytes: found.size });
  }
  return files;
}

/** A collector for this import only: it listens for nothing else and fetches nothing. */
function aloneSettings(settings: Settings): Settings {
  const ports = { collectorPort: 0, syslogPort: 0, syslogTlsPort: 0, statsdPort: 0 };
  const nearby = { collectorHost: "127.0.0.1", collectorUrl: "", requireTokens: false, token: "", ca: "" };
  const plain = { collectorTlsCert: "", collectorTlsKey: "", collectorTlsCa: "", collectorTlsCrl: "" };
  return { ...settings, ...ports, ...nearby, ...plain, configFile: "", detect: false };
}

async function answers(access: CollectorAccess): Promise<boolean> {
  return askCollector(access, "/healthz", { withinMs: 1_000 }).then(
    ({ status }) => status === 200,
    () => false,
  );
}

async function finish(own: Collector | null): Promise<void> {
  if (!own) return;
  await own.store.compact(Date.now());
  await own.close();
}
