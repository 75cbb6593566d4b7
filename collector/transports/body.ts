import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import { createGunzip, createInflate, createZstdDecompress } from "node:zlib";

/** A request that is refused as a whole, with its status. */
export class HttpProblem extends Error {
  override name = "HttpProblem";
  readonly status: number;
  readonly retryAfterS: number | null;
  constructor(status: number, message: string, retryAfterS: number | null = null) {
    super(message);
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

export type BodyLimits = { readonly maxBodyBytes: number; readonly maxInflatedBytes: number };

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  zstd: createZstdDecompress,
};

/**
 * Reads a request body, plain or compressed. Both sizes are limited while reading, so a bomb costs at most the limit.
 * Throws HttpProblem: 413 too large, 415 unknown coding, 400 broken compression.
 */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > limits.maxBodyBytes) throw tooLarge(`the body is larger than ${limits.maxBodyBytes} bytes`);
  const coding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (coding === "identity" || coding === "") return collect(request, limits.maxBodyBytes, "the body");
  const makeDecoder = DECODERS[coding];
  if (!makeDecoder)
    throw new HttpProblem(
      415,
      `content-encoding must be gzip, deflate, zstd or identity, not "${coding.slice(0, 40)}"`,
    );
  const compressed = await collect(request, limits.maxBodyBytes, "the body");
  return inflate(compressed, makeDecoder(), limits.maxInflatedBytes);
}

async function inflate(compressed: Buffer, decoder: Transform, maxBytes: number): Promise<Buffer> {
  decoder.end(compressed);
  try {
    return await collect(decoder, maxBytes, "the decompressed body");
  } catch (error) {
    decoder.destroy();
    if (error instanceof HttpProblem) throw error;
    throw new HttpProblem(400, `the body cannot be decompressed: ${(error as Error).message}`);
  }
}

async function collect(stream: AsyncIterable<Buffer>, maxBytes: number, what: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(`${what} is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

function tooLarge(message: string): HttpProblem {
  return new HttpProblem(413, message);
}
