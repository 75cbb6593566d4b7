import type { Handshake } from "../../lib/domain/handshake.ts";
import { emptyIntake, type Intake, refuse, type TimeWindow, take } from "../pipeline/intake.ts";
import { KeyFold } from "../pipeline/key-fold.ts";
import { Samples } from "../pipeline/samples.ts";
import { type LineDecoder, logOrigin, type Source } from "../sources/source.ts";
import { parseSyslogMessage } from "../transports/syslog-message.ts";
import type { AgentConfig } from "./config.ts";
import type { Make } from "./inputs.ts";
import { LocalFold } from "./local-fold.ts";
import { wireOfCache, wireOfChange, wireOfKey, wireOfSample } from "./wire-lines.ts";

/** One push that is still to be sent: a route of the collector with its query, and the body. */
export type Part = { readonly target: string; readonly body: string };

/** Bytes (about) of a row, change or reading on its way out. */
const ITEM_BYTES = 250;
/** Under this name the collector keeps lines that no source recognised. */
const UNKNOWN = "unknown";

/** Takes lines of one source until they are made into a record. */
export interface Gatherer {
  line(text: string, nowMs: number): void;
  tooLong(beginning: string): void;
  /** Bytes (about) gathered so far. */
  readonly weight: number;
  /** Lines taken since the start. */
  readonly lines: number;
  /** Everything gathered, as pushes; nothing is left. */
  take(): Part[];
}

/** Decodes on this host: rollup rows, changes and what was refused leave it, and nothing that identifies a client. */
export class RollupGatherer implements Gatherer {
  readonly #source: Source | null;
  readonly #decoder: LineDecoder | null;
  readonly #node: string;
  readonly #fold: LocalFold;
  readonly #limits: Omit<TimeWindow, "nowMs">;
  readonly #samples = new Samples();
  readonly #keys = new KeyFold();
  #intake: Intake;
  #newestMs = 0;
  lines = 0;

  /** Without a source and decoder it only refuses: lines that no source recognises. */
  constructor(make: Make, what: { readonly source: Source; readonly decoder: LineDecoder } | null) {
    const { maxPastMs, maxFutureMs } = make.deps.settings;
    this.#node = make.config.node;
    this.#limits = { maxPastMs, maxFutureMs };
    this.#source = what?.source ?? null;
    this.#decoder = what?.decoder ?? null;
    this.#intake = this.#empty();
    this.#fold = new LocalFold();
  }

  get weight(): number {
    const { changes, caches } = this.#intake;
    return (this.#fold.size + changes.length + caches.length) * ITEM_BYTES;
  }

  line(text: string, nowMs: number): void {
    this.lines += 1;
    const index = this.lines;
    if (!this.#decoder) {
      refuse(this.#intake, index, { reason: "no source recognises this message", line: text });
      return;
    }
    const at = { index, line: text, window: { nowMs, ...this.#limits } };
    take(this.#intake, this.#decoder.decode(bare(text), nowMs), at);
    const handshake = this.#intake.handshakes.pop();
    if (handshake) this.#add(handshake);
  }

  tooLong(beginning: string): void {
    this.lines += 1;
    refuse(this.#intake, this.lines, { reason: "the line is too long", line: beginning });
  }

  take(): Part[] {
    const intake = this.#intake;
    this.#intake = this.#empty();
    const lines = [...this.#fold.take(), ...this.#told(intake)];
    const newest = this.#newestMs;
    this.#newestMs = 0;
    if (lines.length === 0) return [];
    const query = new URLSearchParams({
      source: this.#source?.name ?? UNKNOWN,
      node: this.#node,
      via: "agent",
      ...(newest ? { newest: String(newest) } : {}),
    });
    return [{ target: `/v1/rollups?${query}`, body: lines.map((line) => JSON.stringify(line)).join("\n") }];
  }

  #add(handshake: Handshake): void {
    this.#fold.add(handshake);
    this.#samples.consider(handshake);
    this.#keys.addHandshake(handshake, "");
    if (handshake.atMs > this.#newestMs) this.#newestMs = handshake.atMs;
  }

  #told(intake: Intake): object[] {
    for (const key of intake.keys) this.#keys.add(key, "");
    return [
      ...this.#keys.take().flatMap(wireOfKey),
      ...intake.changes.map((change) => ({ change: wireOfChange(change) })),
      ...intake.caches.map((cache) => ({ cache: wireOfCache(cache) })),
      ...[...intake.rejections].map(([refused, { count, sample }]) => ({ refused, count, sample })),
      ...[...intake.breaches].map(([breach, { count, detail }]) => ({ breach, count, detail })),
      ...this.#samples.take().map(({ handshake }) => ({ sample: wireOfSample(handshake) })),
    ];
  }

  #empty(): Intake {
    const name = this.#source?.name ?? UNKNOWN;
    const origin = this.#source
      ? logOrigin(this.#source)
      : ({ source: null, system: null, vantage: "log" } as const);
    return emptyIntake({ source: name, transport: "agent", sender: this.#node }, origin);
  }
}

/** Sends the lines as they are; the collector decodes them. */
export class LineGatherer implements Gatherer {
  readonly #target: string;
  #lines: string[] = [];
  #bytes = 0;
  lines = 0;

  constructor(source: Source, { node, region }: AgentConfig, endpoint: string | null) {
    const query = new URLSearchParams({
      node,
      ...(region === undefined ? {} : { region }),
      ...(endpoint === null ? {} : { endpoint }),
      via: "agent",
    });
    this.#target = `/v1/lines/${source.name}?${query}`;
  }

  get weight(): number {
    return this.#bytes;
  }

  line(text: string): void {
    this.lines += 1;
    this.#lines.push(text);
    this.#bytes += text.length;
  }

  /** Only the beginning goes: the collector refuses it, and so counts and shows it. */
  tooLong(beginning: string): void {
    this.line(beginning);
  }

  take(): Part[] {
    const body = this.#lines.join("\n");
    this.#lines = [];
    this.#bytes = 0;
    return body === "" ? [] : [{ target: this.#target, body }];
  }
}

/** A line without the syslog header that it may have. */
export function bare(line: string): string {
  return parseSyslogMessage(line)?.text ?? line;
}
