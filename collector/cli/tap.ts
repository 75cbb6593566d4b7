import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { makeLogger } from "../../lib/runtime/log.ts";
import { readSettings, type Settings } from "../../lib/runtime/settings.ts";
import { Sender } from "../agent/sender.ts";
import { type NodeNames, readNodeNames } from "../tap/addresses.ts";
import { readFamilies } from "../tap/families.ts";
import { Outbox } from "../tap/outbox.ts";
import type { TapHandshake, TapKey } from "../tap/report.ts";
import { summaryText } from "../tap/summary.ts";
import { Tap } from "../tap/tap.ts";
import { collectorUrlOf } from "./collector-client.ts";
import type { Streams } from "./decode.ts";
import { chunksOf } from "./lines.ts";

export type TapArguments = {
  /** A capture (gzip is fine), or "-" for standard input. */
  readonly file: string;
  readonly node?: readonly string[] | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly families?: string | undefined;
  /** Where to send to; true: to the collector of the settings. */
  readonly send?: string | true | undefined;
  readonly token?: string | undefined;
  readonly ca?: string | undefined;
  readonly json?: boolean | undefined;
};

type TapSettings = Pick<
  Settings,
  "collectorUrl" | "collectorHost" | "collectorPort" | "collectorTlsCert" | "logLevel" | "token" | "ca"
>;

/** What has gathered is sent this often, however little it is. */
const FLUSH_MS = 1_000;
const LOOK_MS = 200;
/** How long the last batches are tried for once the capture is over. */
const LAST_TRIES_MS = 60_000;

/** `reprise tap`. */
export function registerTap(program: Command): void {
  const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];
  program
    .command("tap")
    .description("read TLS handshakes off the wire: a capture of tcpdump, as a file or on standard input")
    .option("--node <name>", "name of the server, or ADDRESS[:PORT]=NAME, once for each", collect)
    .option("--region <name>", "region of the servers")
    .option("--endpoint <name>", "endpoint of handshakes without a server name")
    .option("--families <file>", "client families: lines of a JA4 fingerprint and a family")
    .option("--send [url]", "send to a collector instead of printing (default: the one of this host)")
    .option(
      "--token <text>",
      "source token of the collector (better: REPRISE_TOKEN, which no list of processes shows)",
    )
    .option("--ca <file>", "PEM bundle that vouches for the collector's certificate (default: REPRISE_CA)")
    .option("--json", "print the summary (on stderr) as JSON")
    .argument("[file]", "capture (pcap or pcapng, gzip is fine), or - for standard input", "-")
    .action(async (file: string, options: Omit<TapArguments, "file">) => {
      const settings = readSettings(process.env);
      // The writer of the pipe gets the same signal; its end is ours, with all that it wrote.
      for (const signal of ["SIGINT", "SIGTERM"] as const)
        process.once(signal, () => process.once(signal, () => process.exit(130)));
      process.exitCode = await tapCommand({ ...options, file }, settings, process);
    });
}

/**
 * Handshakes and issued tickets as NDJSON on stdout, or to a collector, and a summary on stderr. Answers the exit code: 2
 * for options that make no sense, 1 when the capture is damaged, cannot be read, or was not all sent.
 */
export async function tapCommand(input: TapArguments, settings: TapSettings, io: Streams): Promise<number> {
  const names = readNames(input);
  if (typeof names === "string") {
    io.stderr.write(`${names}\n`);
    return 2;
  }
  if (typeof input.send === "string" && !/^https?:\/\/[^/]/.test(input.send)) {
    io.stderr.write(
      `--send takes the http:// or https:// address of a collector, but it is "${input.send}".\n`,
    );
    return 2;
  }
  const output = input.send === undefined ? new Printer(io) : new Delivery(input, settings, names.nodes.all);
  const { region = null, endpoint = null } = input;
  const tap = new Tap({
    ...{ ...names, region, endpoint },
    onHandshake: (handshake) => output.handshake(handshake),
    onKey: (key) => output.key(key),
  });
  const problems: string[] = [];
  try {
    for await (const chunk of chunksOf(input.file, io.stdin)) {
      tap.push(chunk);
      if (tap.problem !== null) break;
      await output.ready();
    }
  } catch (error) {
    problems.push(
      `Cannot read ${input.file === "-" ? "the input" : input.file}: ${(error as Error).message}`,
    );
  }
  tap.end();
  if (tap.problem !== null && problems.length === 0) problems.push(tap.problem);
  const unsent = await output.end();
  if (unsent !== null) problems.push(unsent);
  io.stderr.write(input.json ? `${JSON.stringify({ ...tap.counts, problems })}\n` : summaryText(tap.counts));
  if (!input.json) for (const problem of problems) io.stderr.write(`${problem}\n`);
  return problems.length === 0 ? 0 : 1;
}

function readNames(
  input: TapArguments,
): { readonly nodes: NodeNames; readonly families: ReadonlyMap<string, string> } | string {
  const nodes = readNodeNames(input.node ?? []);
  if (typeof nodes === "string") return nodes;
  if (input.families === undefined) return { nodes, families: new Map() };
  try {
    const families = readFamilies(readFileSync(input.families, "utf8"));
    return typeof families === "string" ? families : { nodes, families };
  } catch (error) {
    return `Cannot read ${input.families}: ${(error as Error).message}`;
  }
}

/** Lines on stdout; it waits while nobody takes them. */
class Printer {
  readonly #io: Streams;
  #lines: string[] = [];

  constructor(io: Streams) {
    this.#io = io;
  }

  handshake(handshake: object): void {
    this.#lines.push(`${JSON.stringify(handshake)}\n`);
  }

  key(key: object): void {
    this.#lines.push(`${JSON.stringify(key)}\n`);
  }

  async ready(): Promise<void> {
    const text = this.#lines.join("");
    this.#lines = [];
    if (text !== "" && !this.#io.stdout.write(text))
      await new Promise((done) => this.#io.stdout.once("drain", done));
  }

  async end(): Promise<null> {
    await this.ready();
    return null;
  }
}

/** Batches to a collector, by the agent's sender; reading waits while too many are under way. */
class Delivery {
  readonly #outbox: Outbox;
  readonly #sender: Sender;
  readonly #running: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  constructor({ send, token, ca }: TapArguments, settings: TapSettings, sender: string | null) {
    this.#outbox = new Outbox(sender);
    const collector = typeof send === "string" ? send : collectorUrlOf(settings);
    const deps = { spool: this.#outbox, log: makeLogger(settings.logLevel), clock: Date.now };
    const shown = token ?? settings.token;
    const vouching = ca ?? settings.ca;
    const access = {
      ...(shown === "" ? {} : { token: shown }),
      ...(vouching === "" ? {} : { ca: vouching }),
    };
    this.#sender = new Sender({ collector, ...access }, deps);
    this.#running = this.#sender.run();
    this.#timer = setInterval(() => this.#outbox.isFull || this.#outbox.flush(), FLUSH_MS);
  }

  handshake(handshake: TapHandshake): void {
    this.#outbox.addHandshake(handshake);
  }

  key(key: TapKey): void {
    this.#outbox.addKey(key);
  }

  async ready(): Promise<void> {
    while (this.#outbox.isFull && this.#sender.status.state !== "refused")
      await this.#outbox.changed(LOOK_MS);
    if (this.#outbox.isFull) throw new Error(this.#problem());
  }

  /** Sends what is left; says what was not. */
  async end(): Promise<string | null> {
    clearInterval(this.#timer);
    this.#outbox.flush();
    const untilMs = Date.now() + LAST_TRIES_MS;
    while (this.#outbox.waiting > 0 && Date.now() < untilMs && this.#sender.status.state !== "refused")
      await this.#outbox.changed(LOOK_MS);
    this.#sender.stop();
    await this.#running;
    if (this.#outbox.waiting > 0) return this.#problem();
    const { rejected } = this.#sender.status;
    return rejected > 0 ? `The collector refused ${rejected} lines (see its Sources page).` : null;
  }

  #problem(): string {
    const { problem } = this.#sender.status;
    return `${this.#outbox.waiting} batches were not sent: ${problem ?? "no answer"}`;
  }
}
