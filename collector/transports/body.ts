import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import { createGunzip, createInflate, createZstdDecompress } from "node:zlib";

/** A request that is refused as a whole, with its status. */
export class HttpProblem extends Error {
  override name = "HttpProblem";
  readonly status: number;
  readonly retryAfterS: number | null;
  /** What is answered in place of `{error}`, where there is more to say. */
  readonly reply: object | null;
  constructor(status: number, message: string, more: { retryAfterS?: number; reply?: object } = {}) {
    super(message);
    this.status = status;
    this.retryAfterS = more.retryAfterS ?? null;
    this.reply = more.reply ?? null;
  }
}

/** A body, inflated, and how large it was as it was sent. */
export type ReadBody = { readonly body: Buffer; readonly sentBytes: number };
export type BodyLimits = { readonly maxBodyBytes: number; readonly maxInflatedBytes: number };

const DECODERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["zstd", createZstdDecompress],
]);
const PLAIN: readonly string[] = ["", "identity"];
/** Logs shrink to a tenth, the same line over and over to a two-hundredth; more than that is a bomb. */
const MAX_RATIO = 400;
/** A body this small may have any ratio. */
const FREE_BYTES = 4 * 1024 * 1024;
/** Bodies that may be in memory at once, in units of the largest one inflated. */
const BODIES_AT_ONCE = 4;
const RETRY_AFTER_S = 1;

/**
 * Reads request bodies, plain or compressed. Their sizes are limited while reading, and so is the memory that all of
 * them hold together: a hundred bombs at once cost no more than one.
 */
export class BodyReader {
  readonly #limits: BodyLimits;
  #heldBytes = 0;
  /** Compressed bodies are inflated one after another. */
  #inflating: Promise<unknown> = Promise.resolve();

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /**
   * One body, inflated unless its coding is among `left`. Throws HttpProblem: 413 too large, 415 unknown coding, 400 broken compression, 503 while too
   * many bodies are being read.
   */
  async read(request: IncomingMessage, left: readonly string[] = []): Promise<ReadBody> {
    const { maxBodyBytes } = this.#limits;
    const declared = Number(request.headers["content-length"] ?? 0);
    if (declared > maxBodyBytes) throw tooLarge(`the body is larger than ${maxBodyBytes} bytes`);
    const coding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
    const makeDecoder = DECODERS.get(coding);
    if (!makeDecoder && !PLAIN.includes(coding) && !left.includes(coding))
      throw new HttpProblem(
        415,
        `content-encoding must be gzip, deflate, zstd or identity, not "${coding.slice(0, 40)}"`,
      );
    let heldBytes = 0;
    const hold = (bytes: number): void => {
      heldBytes += bytes;
      this.#hold(bytes);
    };
    try {
      const body = await collect(request, { maxBytes: maxBodyBytes, what: "the body", hold });
      const sentBytes = body.length;
      return { body: makeDecoder ? await this.#inflate(body, makeDecoder) : body, sentBytes };
    } finally {
      this.#heldBytes -= heldBytes;
    }
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    if (this.#heldBytes > BODIES_AT_ONCE * this.#limits.maxInflatedBytes)
      throw new HttpProblem(503, "too many bodies are being read at once", { retryAfterS: RETRY_AFTER_S });
  }

  #inflate(compressed: Buffer, makeDecoder: () => Transform): Promise<Buffer> {
    const byRatio = Math.max(FREE_BYTES, compressed.length * MAX_RATIO);
    const limit =
      byRatio < this.#limits.maxInflatedBytes
        ? { maxBytes: byRatio, what: `the body, ${MAX_RATIO} times decompressed,` }
        : { maxBytes: this.#limits.maxInflatedBytes, what: "the decompressed body" };
    const turn = this.#inflating.then(() => inflate(compressed, makeDecoder(), limit));
    this.#inflating = turn.catch(() => undefined);
    return turn;
  }
}

type Limit = { readonly maxBytes: number; readonly what: string; readonly hold?: (bytes: number) => void };

async function inflate(compressed: Buffer, decoder: Transform, limit: Limit): Promise<Buffer> {
  decoder.end(compressed);
  try {
    return await collect(decoder, limit);
  } catch (error) {
    decoder.destroy();
    if (error instanceof HttpProblem) throw error;
    throw new HttpProblem(400, `the body cannot be decompressed: ${(error as Error).message}`);
  }
}

async function collect(stream: AsyncIterable<Buffer>, limit: Limit): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit.maxBytes) throw tooLarge(`${limit.what} is larger than ${limit.maxBytes} bytes`);
    limit.hold?.(chunk.length);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

function tooLarge(message: string): HttpProblem {
  return new HttpProblem(413, message);
}
