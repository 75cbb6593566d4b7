import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { WorldError } from "../../lib/runtime/invariant.ts";
import type { SpoolRecord } from "../agent/record.ts";
import { Spool } from "../agent/spool.ts";
import type { Shipment } from "./shipment.ts";

/** What was noted before this and did not become durable in the store, by number. */
type Fates = { readonly lost: readonly number[] };

/** A commit that was noted: its place in the journal and the name by which the store knows it. */
export type Entry = { readonly number: number; readonly id: string };

/** Longest entry, below what a frame of the spool may hold. */
const MOST_BYTES = 60_000_000;
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * Commits on disk before the store makes them durable. The store decides: with each commit it keeps the id of what was noted
 * last. An entry says which ones before it the store did not keep, so that only the very last can be in doubt at a start.
 */
export class Journal {
  readonly #spool: Spool<Fates>;
  #lost: number[] = [];

  /** Opens or makes it. Throws what the system says, or a WorldError when the disk is full. */
  constructor(folder: string) {
    this.#spool = new Spool<Fates>(folder, Number.POSITIVE_INFINITY);
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#spool.bytes;
  }

  /** The number of the newest entry that was ever noted; 0 before the first. */
  get last(): number {
    return this.#spool.last;
  }

  get damage(): Spool["damage"] {
    return this.#spool.damage;
  }

  get lostRecords(): number {
    return this.#spool.lostRecords;
  }

  /** Makes a shipment durable. Throws a WorldError, with nothing noted where it is retryable. */
  note(shipment: Shipment): Entry {
    const body = zstdCompressSync(Buffer.from(JSON.stringify(shipment)), FAST);
    if (body.length > MOST_BYTES)
      throw new WorldError("too much came at once to be noted", { retryable: true });
    const { number, id } = this.#spool.append([{ target: "", body }], { lost: this.#lost });
    this.#lost = [];
    return { number, id };
  }

  /** The store did not keep this one. */
  lose({ number }: Entry): void {
    this.#lost.push(number);
  }

  /** All up to this one are in a record that is durable. */
  release(through: number): void {
    this.#spool.acknowledge(through);
  }

  /**
   * Gives what was noted after `through` and kept, oldest first; `markId` is the id that the store kept last, null for none.
   * Answers how many entries the store did not keep.
   */
  recover(
    at: { readonly through: number; readonly markId: string | null },
    visit: (entry: Entry, shipment: Shipment) => void,
  ): number {
    const { waiting, lost } = this.#fates(at.through);
    const last = waiting.at(-1);
    if (last && last.id !== at.markId && !lost.has(last.number)) {
      this.lose(last);
      lost.add(last.number);
    }
    // One after another: together they may be larger than what belongs into memory.
    this.#spool.each((record) => {
      if (record.number > at.through && !lost.has(record.number)) visit(record, shipmentIn(record));
    });
    return waiting.filter(({ number }) => lost.has(number)).length;
  }

  close(): void {
    this.#spool.close();
  }

  #fates(through: number): { readonly waiting: Entry[]; readonly lost: Set<number> } {
    const waiting: Entry[] = [];
    const lost = new Set<number>();
    this.#spool.each(({ number, id, checkpoint }) => {
      if (number > through) waiting.push({ number, id });
      for (const one of checkpoint.lost) lost.add(one);
    });
    return { waiting, lost };
  }
}

function shipmentIn(record: SpoolRecord<Fates>): Shipment {
  const body = record.parts[0]?.body ?? Buffer.alloc(0);
  return JSON.parse(zstdDecompressSync(body).toString()) as Shipment;
}
