import { createHash } from "node:crypto";
import type { IngestReply } from "../../lib/contract/ingest.ts";
import type { Grant } from "../../lib/domain/source-token.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import { parseJson } from "../../lib/runtime/json.ts";
import { Lru } from "../../lib/runtime/lru.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import type { TenantId, WriteStore } from "../../lib/store/port.ts";
import { isUnbounded } from "../access/allowed.ts";
import { acceptedOf, emptyIntake, type Intake, refuse, type TimeWindow, take } from "../pipeline/intake.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { compileFormat, type Formats } from "../sources/formats/configured.ts";
import { decodeWire, type WireKind } from "../sources/native/parse.ts";
import { nativeSource } from "../sources/native/source.ts";
import { findSource, SOURCES } from "../sources/registry.ts";
import { type LineDecoder, type LineDefaults, logOrigin, type Source } from "../sources/source.ts";
import { type Batch, Batches } from "./batches.ts";
import { HttpProblem } from "./body.ts";
import { NativeLines } from "./native-lines.ts";
import { ROLLUPS_PATH, readRollups } from "./rollup-route.ts";
import { senderOf } from "./sender.ts";
import { parseSyslogMessage } from "./syslog-message.ts";

/** Streams of log lines remembered, so that a connection's later requests are known across pushes. */
const MAX_STREAMS = 256;
/** Longest Idempotency-Key. */
const MAX_KEY = 200;
/** Decoded pushes kept because their commit failed. */
const MAX_UNSAVED = 16;

export type IngestOptions = {
  readonly tenant: TenantId;
  readonly pipeline: Pick<Pipeline, "submit">;
  readonly store: Pick<WriteStore, "findBatch">;
  readonly clock: Clock;
  readonly formats: Formats;
  readonly settings: Pick<Settings, "maxLineBytes" | "maxPastMs" | "maxFutureMs">;
};

export type Push = {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  readonly idempotencyKey: string | null;
  /** What its sender may write. */
  readonly grant: Grant;
};

type LineOf = { readonly index: number; readonly intake: Intake; readonly window: TimeWindow };

const NATIVE_ROUTES: Readonly<Record<string, WireKind>> = {
  "/v1/handshakes": "handshake",
  "/v1/changes": "change",
  "/v1/caches": "cache",
  "/v1/keys": "key",
  "/v1/nodes": "load",
};

/** The ingest routes, without HTTP: bodies in, replies out once everything is durable. */
export class IngestRoutes {
  readonly #options: IngestOptions;
  readonly #streams = new Lru<string, LineDecoder>(MAX_STREAMS);
  readonly #batches: Batches;
  readonly #native: NativeLines;
  // A decoder has moved on once it has read a push: read again, its connections would be taken for known ones. By digest,
  // since those who send no Idempotency-Key try again too.
  readonly #unsaved = new Lru<string, Intake>(MAX_UNSAVED);

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#batches = new Batches(options.store, options.tenant);
    this.#native = new NativeLines(options.settings.maxLineBytes);
  }

  /** Whether a path is one of ours. */
  static serves(path: string): boolean {
    return path in NATIVE_ROUTES || path === ROLLUPS_PATH || path.startsWith("/v1/lines/");
  }

  /** Takes a push. Throws HttpProblem: 400 nothing readable, 404, 409, 422 no acceptable line. */
  async accept(push: Push): Promise<IngestReply> {
    if (push.idempotencyKey === null) return this.#ingest(push, null);
    if (push.idempotencyKey.length > MAX_KEY)
      throw new HttpProblem(400, `Idempotency-Key is longer than ${MAX_KEY}`);
    const batch = { key: push.idempotencyKey, digest: digestOf(push) };
    return this.#batches.once(batch, {
      run: () => this.#ingest(push, batch),
      again: (reply) => asDuplicate(JSON.parse(reply) as IngestReply),
    });
  }

  async #ingest(push: Push, batch: Batch | null): Promise<IngestReply> {
    const intake = this.#takeUnsaved(push) ?? this.#read(push);
    const lines = acceptedOf(intake) + intake.ignored + intake.rejected;
    if (lines === 0) throw new HttpProblem(400, "the body holds no line");
    const reply = await this.#options.pipeline
      .submit(intake, intake.rejected === lines ? null : batch)
      .catch((error: Error) => {
        const digest = unsavedKey(push);
        // Of two that came before either was durable, the first has what is new in them.
        if (!this.#unsaved.get(digest)) this.#unsaved.set(digest, intake);
        throw error;
      });
    if (reply.accepted === 0) throw new HttpProblem(422, "no line was acceptable", { reply });
    return reply;
  }

  /** What was made of an equal push whose commit failed. */
  #takeUnsaved(push: Push): Intake | undefined {
    // The usual case, in which no digest is made for it.
    if (this.#unsaved.size === 0) return undefined;
    const digest = unsavedKey(push);
    const intake = this.#unsaved.get(digest);
    this.#unsaved.delete(digest);
    return intake;
  }

  #read(push: Push): Intake {
    const kind = NATIVE_ROUTES[push.path];
    const sender = senderOf(push.query);
    const transport = transportOf(push.query);
    const { query, body, grant } = push;
    if (push.path === ROLLUPS_PATH) {
      return readRollups({ query, transport, grant }, (visit) => eachLine(body, visit), this.#window());
    }
    if (kind)
      return this.#readNative(
        kind,
        push.body,
        emptyIntake({ source: "native", transport, sender }, logOrigin(nativeSource), grant),
      );
    // As it stands: names need no encoding, and one that is broken is unknown like any other.
    const name = push.path.slice("/v1/lines/".length);
    const source = findSource(name);
    if (!source)
      throw new HttpProblem(
        404,
        `unknown source "${name.slice(0, 60)}"; known: ${SOURCES.map((s) => s.name).join(", ")}`,
      );
    const defaults: LineDefaults = {
      endpoint: push.query.get("endpoint"),
      node: push.query.get("node"),
      region: push.query.get("region"),
      live: push.query.get("history") !== "complete",
    };
    const format = push.query.get("format");
    const streamKey = JSON.stringify([name, defaults, format]);
    const decoder = this.#streams.get(streamKey) ?? this.#decoder(source, defaults, format);
    this.#streams.set(streamKey, decoder);
    return this.#readLines(
      push.body,
      decoder,
      emptyIntake({ source: name, transport, sender }, logOrigin(source), grant),
    );
  }

  #decoder(source: Source, defaults: LineDefaults, format: string | null): LineDecoder {
    if (format === null) return this.#options.formats.decoder(source, defaults);
    const compiled = compileFormat(source.name, format);
    if (typeof compiled === "string") throw new HttpProblem(400, compiled);
    return compiled.decoder(defaults);
  }

  #readLines(body: Buffer, decoder: LineDecoder, intake: Intake): Intake {
    const window = this.#window();
    eachLine(body, (line, index) => {
      if (this.#tooLong(line, index, intake)) return;
      const text = parseSyslogMessage(line)?.text ?? line;
      take(intake, decoder.decode(text, window.nowMs), { index, line, window });
    });
    return intake;
  }

  #readNative(kind: WireKind, body: Buffer, intake: Intake): Intake {
    const window = this.#window();
    const array = arrayOf(body);
    if (array) {
      array.forEach((value, index) => {
        const line = JSON.stringify(value)?.slice(0, 300) ?? "";
        take(intake, decodeWire(kind, value), { index, line, window });
      });
      return intake;
    }
    if (kind === "handshake" && isUnbounded(intake.grant))
      this.#native.read(body, intake, {
        window,
        parse: (line, index) => this.#takeLine(kind, line, { index, intake, window }),
      });
    else eachLine(body, (line, index) => this.#takeLine(kind, line, { index, intake, window }));
    return intake;
  }

  #takeLine(kind: WireKind, line: string, { index, intake, window }: LineOf): void {
    if (this.#tooLong(line, index, intake)) return;
    let value: unknown;
    try {
      value = parseJson(line);
    } catch {
      refuse(intake, index, { reason: "not JSON", line });
      return;
    }
    take(intake, decodeWire(kind, value), { index, line, window });
  }

  #tooLong(line: string, index: number, intake: Intake): boolean {
    const { maxLineBytes } = this.#options.settings;
    if (line.length <= maxLineBytes) return false;
    refuse(intake, index, { reason: `the line is longer than ${maxLineBytes} bytes`, line });
    return true;
  }

  #window(): TimeWindow {
    const { clock, settings } = this.#options;
    return { nowMs: clock(), maxPastMs: settings.maxPastMs, maxFutureMs: settings.maxFutureMs };
  }
}

const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

/** The items of a JSON array, or the one object that spans lines; null when the body is lines. */
function arrayOf(body: Buffer): unknown[] | null {
  const first = body.find((byte) => byte > 0x20);
  if (first === OPEN_BRACKET) {
    try {
      const value: unknown = parseJson(body.toString("utf8"));
      return Array.isArray(value) ? value : null;
    } catch (error) {
      throw new HttpProblem(400, `the body is no JSON array: ${(error as Error).message}`);
    }
  }
  // A pretty-printed object: its first line alone is no JSON, the whole is.
  if (first !== OPEN_BRACE || !body.includes(0x0a) || body.length > 65_536) return null;
  const text = body.toString("utf8").trim();
  if (isJson(text.slice(0, text.indexOf("\n") < 0 ? undefined : text.indexOf("\n")))) return null;
  return isJson(text) ? [parseJson(text)] : null;
}

function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}

/** How a push came: `?via=agent` from the agent, `?via=forward` from a site's collector, over plain HTTP otherwise. */
function transportOf(query: URLSearchParams): string {
  const via = query.get("via");
  return via === "agent" || via === "forward" ? via : "http";
}

/** Calls back for every line that is not blank, with its index among all lines from 0. */
function eachLine(body: Buffer, visit: (line: string, index: number) => void): void {
  const text = body.toString("utf8");
  let index = 0;
  for (let start = 0; start < text.length; index += 1) {
    const lf = text.indexOf("\n", start);
    const end = lf < 0 ? text.length : lf;
    const line = text.charCodeAt(end - 1) === 13 ? text.slice(start, end - 1) : text.slice(start, end);
    if (line.length > 0 && line.trim() !== "") visit(line, index);
    start = end + 1;
  }
}

/** Another sender may write other things, so that what was made of the same bytes is not the same. */
const unsavedKey = (push: Push): string => `${push.grant.by} ${digestOf(push)}`;

function digestOf(push: Push): string {
  return createHash("sha256").update(`${push.path}?${push.query}\n`).update(push.body).digest("hex");
}

function asDuplicate(first: IngestReply): IngestReply {
  return { ...first, accepted: 0, duplicate: first.accepted };
}
