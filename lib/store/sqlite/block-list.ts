import { eachSection } from "../cell-block.ts";

/** Blocks in one value, as a statement answers them beside its other columns, so that all are of one snapshot. */
export class BlockList {
  readonly #parts: Uint8Array[] = [];
  /** Null: cells of every endpoint. */
  readonly #wanted: ReadonlySet<number> | null;

  /** `endpoints` is a JSON array of their numbers, or null. */
  constructor(endpoints: string | null) {
    this.#wanted = endpoints === null ? null : new Set(JSON.parse(endpoints) as number[]);
  }

  /** Adds the sections of a block that may hold what is wanted. */
  add(block: Uint8Array): this {
    const wanted = this.#wanted;
    // SQLite's own memory, which is gone after this step.
    if (wanted === null) this.#parts.push(Buffer.from(block.subarray(1)));
    else
      eachSection(block, (endpointId, bytes) => {
        if (endpointId === 0 || wanted.has(endpointId)) this.#parts.push(Buffer.from(bytes));
      });
    return this;
  }

  /** All of them as one block. */
  taken(): Buffer {
    return Buffer.concat([Buffer.from([1]), ...this.#parts]);
  }
}
