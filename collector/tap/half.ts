import type { RecordReader } from "./records.ts";
import type { Segment } from "./segment.ts";

/** Pieces and bytes of one direction that may wait for what comes before them. */
const MAX_PIECES = 64;
const MAX_WAITING_BYTES = 131_072;
/** A sequence number farther ahead is none of this connection: window scaling allows a gigabyte, a handshake needs little. */
const MAX_AHEAD = 1_048_576;

type Piece = {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly cut: number;
  readonly atUs: number;
};

/**
 * One direction of a TCP connection put in order: retransmissions and overlaps are left out (the first copy counts), what
 * is ahead waits, up to a limit. Then, and at the end, what is missing is told to the reader as a gap.
 */
export class Half {
  /** Sequence number of the next byte; null while not known. */
  next: number | null = null;
  /** Bytes that wait. */
  held = 0;
  /** Whether anything came out of order, so that "before" and "after" of the other direction are not certain. */
  isReordered = false;
  /** Sequence number behind the last byte, once a FIN was seen. */
  #finishedAt: number | null = null;
  readonly #reader: RecordReader;
  #waiting: Piece[] = [];

  constructor(reader: RecordReader) {
    this.#reader = reader;
  }

  /** Takes a segment's payload; `sequence` is of its first byte. */
  take(sequence: number, segment: Segment): void {
    this.next ??= sequence;
    const { bytes, start, end, cut, atUs } = segment;
    const ahead = (sequence - this.next) | 0;
    if (ahead > MAX_AHEAD || ahead < -MAX_AHEAD) return;
    if (ahead > 0) {
      this.#wait({ sequence, bytes: new Uint8Array(bytes.subarray(start, end)), cut, atUs });
      return;
    }
    this.#read({ sequence, bytes, cut, atUs }, start, end);
    if (this.#waiting.length > 0) this.#readWaiting(false);
  }

  /** Notes where the direction ends (the sequence number of its FIN). */
  finish(sequence: number): void {
    this.#finishedAt = sequence;
  }

  /** Whether all was read that this direction was going to say. */
  get isFinished(): boolean {
    return this.#finishedAt !== null && this.next !== null && ((this.#finishedAt - this.next) | 0) <= 0;
  }

  /** Reads what waits, though something before it is missing. */
  flush(): void {
    this.#readWaiting(true);
  }

  release(): void {
    this.#waiting = [];
    this.held = 0;
    this.#reader.release();
  }

  #read({ sequence, bytes, cut, atUs }: Piece, start: number, end: number): void {
    const known = ((this.next ?? sequence) - sequence) | 0;
    const length = end - start;
    if (known < length) {
      this.#reader.push(bytes, start + Math.max(0, known), end, atUs);
      this.next = (sequence + length) >>> 0;
    }
    const missing = cut - Math.max(0, known - length);
    if (cut > 0 && missing > 0) {
      this.#reader.gap(missing, atUs);
      this.next = (sequence + length + cut) >>> 0;
    }
  }

  #wait(piece: Piece): void {
    this.isReordered = true;
    const later = this.#waiting.findIndex(({ sequence }) => ((sequence - piece.sequence) | 0) > 0);
    this.#waiting.splice(later < 0 ? this.#waiting.length : later, 0, piece);
    this.held += piece.bytes.length;
    if (this.#waiting.length > MAX_PIECES || this.held > MAX_WAITING_BYTES) this.#readWaiting(true);
  }

  #readWaiting(past: boolean): void {
    for (let piece = this.#waiting[0]; piece; piece = this.#waiting[0]) {
      const hole = (piece.sequence - (this.next ?? piece.sequence)) | 0;
      if (hole > 0 && !past) return;
      if (hole > 0) {
        this.#reader.gap(hole, piece.atUs);
        this.next = piece.sequence;
      }
      this.#waiting.shift();
      this.held -= piece.bytes.length;
      this.#read(piece, 0, piece.bytes.length);
    }
  }
}
