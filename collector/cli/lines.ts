import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { SyslogFraming } from "../transports/syslog-framing.ts";

/** Longest line read from a file. */
const MAX_LINE_BYTES = 1_048_576;

/** A file's bytes, or standard input for "-"; gzip is recognised by its first two bytes. */
async function* chunksOf(file: string, stdin: Readable): AsyncGenerator<Buffer> {
  const input: Readable = file === "-" ? stdin : createReadStream(file, { highWaterMark: 1 << 18 });
  const chunks = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  if (first.done) return;
  async function* all(): AsyncGenerator<Buffer> {
    yield Buffer.from(first.value as Buffer);
    for (let next = await chunks.next(); !next.done; next = await chunks.next())
      yield Buffer.from(next.value);
  }
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield* all();
    return;
  }
  const gunzip = createGunzip();
  const feeding = (async () => {
    for await (const chunk of all())
      if (!gunzip.write(chunk)) await new Promise((done) => gunzip.once("drain", done));
    gunzip.end();
  })();
  feeding.catch((error: Error) => gunzip.destroy(error));
  for await (const chunk of gunzip) yield chunk as Buffer;
  await feeding;
}

/** The lines (or octet-counted syslog messages) of a file or of standard input, in portions. */
export async function* linesOf(file: string, stdin: Readable): AsyncGenerator<string[]> {
  const framing = new SyslogFraming(MAX_LINE_BYTES);
  for await (const chunk of chunksOf(file, stdin)) yield framing.push(chunk).messages;
  yield framing.end().messages;
}
