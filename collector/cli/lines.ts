import { createReadStream } from "node:fs";
import { pipeline, type Readable, Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import { SyslogFraming } from "../transports/syslog-framing.ts";

/** Longest line read from a file; what is beyond is cut off. */
const MAX_LINE_BYTES = 1_048_576;
const CHUNK_BYTES = 1 << 18;
const LF = 0x0a;
const CR = 0x0d;
/** How a stream of octet-counted syslog messages begins (RFC 6587 3.4.1). */
const COUNTED = /^\d{1,7} </;

/**
 * The lines of a file or ("-") of standard input, in portions; blank ones too, so that they can be counted. Gzip is
 * recognised by its first bytes, octet-counted syslog messages by theirs. `read` hears of bytes as they lie in the file.
 */
export async function* linesOf(
  file: string,
  stdin: Readable,
  read: (bytes: number) => void = () => undefined,
): AsyncGenerator<string[]> {
  let cutter: { push(chunk: Buffer): string[]; end(): string[] } | null = null;
  for await (const chunk of chunksOf(file, stdin, read)) {
    cutter ??= COUNTED.test(chunk.toString("latin1", 0, 9)) ? countedMessages() : new Lines();
    yield cutter.push(chunk);
  }
  if (cutter) yield cutter.end();
}

/** The bytes of a file or ("-") of standard input in pieces; gzip is unpacked. */
export async function* chunksOf(
  file: string,
  stdin: Readable,
  read: (bytes: number) => void = () => undefined,
): AsyncGenerator<Buffer> {
  const input = file === "-" ? stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES });
  const first = await firstBytes(input);
  const counted = new Transform({
    highWaterMark: CHUNK_BYTES,
    transform(chunk: Buffer, _encoding, done) {
      read(chunk.length);
      done(null, chunk);
    },
  });
  const end = first?.[0] === 0x1f && first[1] === 0x8b ? createGunzip({ chunkSize: CHUNK_BYTES }) : null;
  // Errors of any part end the last one, and so this loop.
  if (end) pipeline(input, counted, end, () => undefined);
  else pipeline(input, counted, () => undefined);
  for await (const chunk of end ?? counted) yield Buffer.from(chunk as Buffer);
}

/** Waits for the first bytes and puts them back. Throws what the stream says. */
async function firstBytes(input: Readable): Promise<Buffer | null> {
  for (;;) {
    const chunk: unknown = input.read();
    if (chunk !== null) {
      const bytes = Buffer.from(chunk as Buffer);
      input.unshift(bytes);
      return bytes;
    }
    if (input.readableEnded || input.destroyed) return null;
    const ended = await new Promise<boolean>((resolve, reject) => {
      input.once("readable", () => resolve(false));
      input.once("end", () => resolve(true));
      input.once("error", reject);
    });
    if (ended) return null;
  }
}

function countedMessages(): { push(chunk: Buffer): string[]; end(): string[] } {
  const framing = new SyslogFraming(MAX_LINE_BYTES);
  return { push: (chunk) => framing.push(chunk).messages, end: () => framing.end().messages };
}

class Lines {
  #rest: Buffer = Buffer.alloc(0);
  /** In the part of a line that is cut off. */
  #skipping = false;

  push(chunk: Buffer): string[] {
    const buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const lines: string[] = [];
    let at = 0;
    for (let lf = buffer.indexOf(LF); lf >= 0; lf = buffer.indexOf(LF, at)) {
      if (!this.#skipping) lines.push(text(buffer, at, lf));
      this.#skipping = false;
      at = lf + 1;
    }
    this.#rest = this.#skipping ? Buffer.alloc(0) : Buffer.from(buffer.subarray(at));
    if (this.#rest.length > MAX_LINE_BYTES) {
      lines.push(text(this.#rest, 0, MAX_LINE_BYTES));
      this.#rest = Buffer.alloc(0);
      this.#skipping = true;
    }
    return lines;
  }

  end(): string[] {
    return this.#rest.length === 0 ? [] : [text(this.#rest, 0, this.#rest.length)];
  }
}

function text(buffer: Buffer, from: number, to: number): string {
  return buffer.toString("utf8", from, buffer[to - 1] === CR && to > from ? to - 1 : to);
}
