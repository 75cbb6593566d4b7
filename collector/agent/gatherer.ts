import type { Change, Handshake } from "../../lib/domain/handshake.ts";
import { emptyIntake, type Intake, refuse, type TimeWindow, take } from "../pipeline/intake.ts";
import { Samples } from "../pipeline/samples.ts";
import { type LineDecoder, logOrigin, type Source } from "../sources/source.ts";
import { LocalFold } from "./local-fold.ts";

/** One push that is still to be sent: a route of the collector with its query, and the body. */
export type Part = { readonly target: string; readonly body: string };

/** Who speaks, and how: what a gatherer writes into its pushes. */
export type Sender = { readonly node: string; readonly region: string | null };

/** Rows or bytes after which a record is made before its time, so that memory and bodies stay small. */
const MANY_ROWS = 4_000;
const MANY_BYTES = 1_000_000;
/** Changes and cache readings of one record. */
const MANY_EVENTS = 1_000;
/** Under this name the collector keeps lines that no source recognised. */
const UNKNOWN = "unknown";

/** Takes lines of one source until they are made into a record. */
export interface Gatherer {
  line(text: string, nowMs: number): void;
  tooLong(beginning: string): void;
  /** Whether a record should be made now. */
  readonly isLarge: boolean;
  /** Lines taken since the start. */
  readonly lines: number;
  /** Everything gathered, as pushes; nothing is left. */
  take(): Part[];
}

/** Decodes on this host: rollup rows, changes and what was refused leave it, and nothing that identifies a client. */
export class RollupGatherer implements Gatherer {
  readonly #source: Source | null;
  readonly #decoder: LineDecoder | null;
  readonly #sender: Sender;
  readonly #fold: LocalFold;
  readonly #window: (nowMs: number) => TimeWindow;
  readonly #samples = new Samples();
  #intake: Intake;
  #newestMs = 0;
  lines = 0;

  /** Without a source and decoder it only refuses: lines that no source recognises. */
  constructor(
    sender: Sender,
    window: (nowMs: number) => TimeWindow,
    what: { readonly source: Source; readonly decoder: LineDecoder } | null,
  ) {
    this.#sender = sender;
    this.#window = window;
    this.#source = what?.source ?? null;
    this.#decoder = what?.decoder ?? null;
    this.#intake = this.#empty();
    this.#fold = new LocalFold(this.#intake.origin);
  }

  get isLarge(): boolean {
    const { changes, caches } = this.#intake;
    return this.#fold.size >= MANY_ROWS || changes.length + caches.length >= MANY_EVENTS;
  }

  line(text: string, nowMs: number): void {
    this.lines += 1;
    const index = this.lines;
    if (!this.#decoder) {
      refuse(this.#intake, index, { reason: "no source recognises this message", line: text });
      return;
    }
    const at = { index, line: text, window: this.#window(nowMs) };
    take(this.#intake, this.#decoder.decode(text, nowMs), at);
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
      node: this.#sender.node,
      via: "agent",
      ...(newest ? { newest: String(newest) } : {}),
    });
    return [{ target: `/v1/rollups?${query}`, body: lines.map((line) => JSON.stringify(line)).join("\n") }];
  }

  #add(handshake: Handshake): void {
    this.#fold.add(handshake);
    this.#samples.consider(handshake);
    if (handshake.atMs > this.#newestMs) this.#newestMs = handshake.atMs;
  }

  #told(intake: Intake): object[] {
    return [
      ...intake.changes.map((change) => ({ change: wireOfChange(change) })),
      ...intake.caches.map(({ atMs, ...rest }) => ({ cache: { ts: atMs, ...rest } })),
      ...[...intake.rejections].map(([refused, { count, sample }]) => ({ refused, count, sample })),
      ...[...intake.breaches].map(([breach, { count, detail }]) => ({ breach, count, detail })),
      ...this.#samples.take().map(({ handshake }) => ({ sample: withoutIdentifiers(handshake) })),
    ];
  }

  #empty(): Intake {
    const name = this.#source?.name ?? UNKNOWN;
    const origin = this.#source
      ? logOrigin(this.#source)
      : ({ source: null, system: null, vantage: "log" } as const);
    return emptyIntake({ source: name, transport: "agent", sender: this.#sender.node }, origin);
  }
}

/** Sends the lines as they are; the collector decodes them. */
export class LineGatherer implements Gatherer {
  readonly #target: string;
  #lines: string[] = [];
  #bytes = 0;
  lines = 0;

  constructor(source: Source, { node, region }: Sender, endpoint: string | null) {
    const query = new URLSearchParams({
      node,
      ...(region === null ? {} : { region }),
      ...(endpoint === null ? {} : { endpoint }),
      via: "agent",
    });
    this.#target = `/v1/lines/${source.name}?${query}`;
  }

  get isLarge(): boolean {
    return this.#bytes >= MANY_BYTES;
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

function wireOfChange({ atMs, endMs, ...rest }: Change): object {
  return { ts: atMs, endTs: endMs, ...rest };
}

function withoutIdentifiers({ atMs, ...rest }: Handshake): object {
  return { ts: atMs, ...rest, keyName: null, ticketId: null, client: null };
}
