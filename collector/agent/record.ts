import type { FilePosition } from "./followed-file.ts";

/** Where every input stands: by its name in the configuration, the positions of its files. */
export type Checkpoint = Readonly<Record<string, readonly FilePosition[]>>;

/** One push of a record: a route with its query, and the body as it goes over the wire (zstd). */
export type StoredPart = { readonly target: string; readonly body: Buffer };

/** What was read between two flushes, and where reading stood after it: durable together. */
export type SpoolRecord<C = Checkpoint> = {
  /** Number in the spool, from 1, without holes. */
  readonly number: number;
  /** Made of it: the Idempotency-Key of each part. */
  readonly id: string;
  readonly checkpoint: C;
  readonly parts: readonly StoredPart[];
};

type Head<C> = {
  readonly number: number;
  readonly id: string;
  readonly checkpoint: C;
  readonly parts: readonly { readonly target: string; readonly bytes: number }[];
};

/** A record's bytes: length of its JSON head, the head, the bodies. */
export function encodeRecord<C>(record: SpoolRecord<C>): Buffer {
  const { number, id, checkpoint } = record;
  const parts = record.parts.map(({ target, body }) => ({ target, bytes: body.length }));
  const head = Buffer.from(JSON.stringify({ number, id, checkpoint, parts } satisfies Head<C>));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, ...record.parts.map(({ body }) => body)]);
}

/** Reads what `encodeRecord` wrote; its checksum has been looked at already. */
export function decodeRecord<C = Checkpoint>(content: Buffer): SpoolRecord<C> {
  const length = content.readUInt32LE(0);
  const head = JSON.parse(content.toString("utf8", 4, 4 + length)) as Head<C>;
  let at = 4 + length;
  const parts = head.parts.map(({ target, bytes }) => {
    const body = content.subarray(at, at + bytes);
    at += bytes;
    return { target, body };
  });
  return { ...head, parts };
}

/** The Idempotency-Key of a record's n-th part. */
export function keyOf(record: Pick<SpoolRecord, "id">, part: number): string {
  return `agent-${record.id}-${part}`;
}
