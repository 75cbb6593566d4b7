import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import type { Handshake } from "../../lib/domain/handshake.ts";
import { compileFormat } from "../sources/formats/configured.ts";
import { findSource, SOURCES } from "../sources/registry.ts";
import type { LineDecoder, LineDefaults } from "../sources/source.ts";
import { FileDecoder } from "./file-decoder.ts";
import { linesOf } from "./lines.ts";

export type DecodeArguments = {
  readonly source: string;
  /** A path, or "-" for standard input. */
  readonly file: string;
  readonly node?: string | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  /** A log format of the operator's own, or the file that holds it. */
  readonly format?: string | undefined;
  readonly formatFile?: string | undefined;
};
export type Streams = { readonly stdin: Readable; readonly stdout: Writable; readonly stderr: Writable };

/** A handshake in its wire form: `ts` in epoch milliseconds, unknown fields null. */
export function toWire({ atMs, ...rest }: Handshake): Record<string, unknown> {
  return { ts: atMs, ...rest };
}

/**
 * How to make the decoder that the arguments of a command name: of a source's own forms, or of the format given. In one
 * sentence what is wrong with them otherwise.
 */
export function decoderMaker(input: {
  readonly source: string;
  readonly format?: string | undefined;
  readonly formatFile?: string | undefined;
}): ((defaults: LineDefaults) => LineDecoder) | string {
  const source = findSource(input.source);
  if (!source) {
    const names = SOURCES.map(({ name }) => name).join(", ");
    return `Unknown source "${input.source}". Known sources: ${names}.`;
  }
  const { format = null, formatFile = null } = input;
  if (format !== null && formatFile !== null) return "Give --format or --format-file, not both.";
  if (format === null && formatFile === null) return (defaults) => source.decoder(defaults);
  try {
    const compiled = compileFormat(source.name, format ?? readFileSync(formatFile ?? "", "utf8"));
    return typeof compiled === "string" ? compiled : compiled.decoder;
  } catch (error) {
    return `Cannot read ${formatFile}: ${(error as Error).message}`;
  }
}

/**
 * `reprise decode`: canonical handshakes as NDJSON on stdout after reduction to connections, refused lines with their
 * number and reason on stderr. Syslog headers are taken off. Answers the exit code: 2 for an unknown source or a format
 * that cannot be used, 1 when the file cannot be read.
 */
export async function decodeCommand(input: DecodeArguments, io: Streams): Promise<number> {
  const { endpoint = null, node = null, region = null } = input;
  const made = decoderMaker(input);
  if (typeof made === "string") {
    io.stderr.write(`${made}\n`);
    return 2;
  }
  const decoder = new FileDecoder(made, { endpoint, node, region, live: false });
  let number = 0;
  try {
    for await (const lines of linesOf(input.file, io.stdin)) {
      const out: string[] = [];
      for (const line of lines) {
        number += 1;
        if (line.trim() === "") continue;
        const { decoded } = decoder.decode(line, Date.now());
        if (decoded.kind === "handshake") out.push(`${JSON.stringify(toWire(decoded.handshake))}\n`);
        if (decoded.kind === "refused") io.stderr.write(`line ${number}: ${decoded.reason}\n`);
      }
      if (out.length && !io.stdout.write(out.join("")))
        await new Promise((done) => io.stdout.once("drain", done));
    }
  } catch (error) {
    io.stderr.write(`Cannot read ${input.file}: ${(error as Error).message}\n`);
    return 1;
  }
  return 0;
}
