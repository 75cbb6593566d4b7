import { randomUUID } from "node:crypto";
import { readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../../lib/runtime/folder.ts";
import { FRAME, type Frame, frameOf } from "./frames.ts";
import { type Checkpoint, decodeRecord, encodeRecord, type SpoolRecord, type StoredPart } from "./record.ts";
import { OpenSegment, readFrame, recoverSegment } from "./segment.ts";

/** A segment is closed once it is this large, so that what has been sent leaves the disk soon. */
const SEGMENT_BYTES = 4_000_000;
/** Room that is kept for the record that is being gathered. */
const RESERVE_BYTES = 4_000_000;
const SEGMENT_NAME = /^\d{12}\.spool$/;

type Segment = { readonly file: string; bytes: number; lastRecord: number };
/** What every segment begins with, so that older ones may go. */
type Start<C> = { readonly acknowledged: number; readonly next: number; readonly checkpoint: C | null };

/** What was found at the opening that is no whole frame, and the file that it was moved to. */
export type Damage = { readonly file: string; readonly bytes: number };

/**
 * Records on disk until the collector has acknowledged them. A record and the position after it are one frame with a
 * checksum, synced before anything of it is sent: whatever moment the process dies at, reading goes on after the last
 * whole record. What was acknowledged is noted without a sync: after a power loss it may be sent again, under its key.
 */
export class Spool<C = Checkpoint> {
  readonly damage: Damage[] = [];
  /** Records that were damaged before they were acknowledged, and cannot be sent any more. */
  lostRecords = 0;
  readonly #folder: string;
  readonly #mostBytes: number;
  /** Oldest first; the last is the open one. */
  #segments: Segment[] = [];
  #open: OpenSegment;
  #next = 1;
  #acknowledged = 0;
  #checkpoint: C | null = null;
  /** No record that waits begins before this place. */
  #cursor = { segment: 0, at: 0 };

  /** Opens or makes the spool. Throws what the system says, or a WorldError when the disk is full. */
  constructor(folder: string, mostBytes: number) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
    makeFolder(folder);
    const names = readdirSync(folder).filter((name) => SEGMENT_NAME.test(name));
    const waiting = new Set<number>();
    for (const name of names.sort()) this.#recover(join(folder, name), waiting);
    for (let number = this.#acknowledged + 1; number < this.#next; number += 1)
      if (!waiting.has(number)) this.lostRecords += 1;
    // Never added to a file of an earlier run; and only what is known in the new one may go from the old ones.
    this.#open = this.#roll();
    this.#dropSpent();
  }

  /** Where reading stood after the last whole record; null before the first. */
  get checkpoint(): C | null {
    return this.#checkpoint;
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Records that wait for an acknowledgement. */
  get waiting(): number {
    return this.#next - 1 - this.#acknowledged;
  }

  /** The number of the newest record that was ever written; 0 before the first. */
  get last(): number {
    return this.#next - 1;
  }

  /** Whether nothing more should be read: the next record might not fit. */
  get isFull(): boolean {
    return this.bytes + RESERVE_BYTES > this.#mostBytes;
  }

  /** Makes a record durable, and answers it. Throws a WorldError, with nothing written, when the disk has no room for it. */
  append(parts: readonly StoredPart[], checkpoint: C): SpoolRecord<C> {
    if (this.#open.bytes > SEGMENT_BYTES) this.#open = this.#roll();
    const record = { number: this.#next, id: randomUUID(), checkpoint, parts };
    this.#add(frameOf(FRAME.record, encodeRecord(record)), { sync: true });
    this.#next += 1;
    this.#checkpoint = checkpoint;
    const segment = this.#segments.at(-1);
    if (segment) segment.lastRecord = record.number;
    return record;
  }

  /** Visits every record that is not acknowledged, oldest first. */
  each(visit: (record: SpoolRecord<C>) => void): void {
    for (const { file } of this.#segments)
      for (let frame = readFrame(file, 0); frame; frame = readFrame(file, frame.end)) {
        if (frame.kind !== FRAME.record) continue;
        const record = decodeRecord<C>(frame.payload);
        if (record.number > this.#acknowledged) visit(record);
      }
  }

  /** The oldest record that is not acknowledged; null when there is none. */
  peek(): SpoolRecord<C> | null {
    while (this.waiting > 0) {
      const segment = this.#segments[this.#cursor.segment];
      if (!segment) break;
      const frame = readFrame(segment.file, this.#cursor.at);
      if (frame?.kind === FRAME.record) {
        const record = decodeRecord<C>(frame.payload);
        if (record.number > this.#acknowledged) return record;
      }
      this.#cursor = frame
        ? { segment: this.#cursor.segment, at: frame.end }
        : { segment: this.#cursor.segment + 1, at: 0 };
    }
    // Nothing waits, or what did was damaged: go on with what comes next.
    this.#acknowledged = this.#next - 1;
    const last = this.#segments.length - 1;
    if (this.#cursor.segment > last) this.#cursor = { segment: last, at: this.#open.bytes };
    return null;
  }

  /** Notes that a record, and all before it, have arrived; spent segments leave the disk. */
  acknowledge(number: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, number);
    const oldest = this.#segments[0];
    const drops = this.#segments.length > 1 && oldest !== undefined && this.#isSpent(oldest);
    const frame = frameOf(FRAME.acknowledged, Buffer.from(String(number)));
    try {
      // A record must not be missing while its acknowledgement is not on the disk.
      this.#add(frame, { sync: drops });
      this.#dropSpent();
    } catch (error) {
      if (!drops) throw error;
      // The disk is full, perhaps of the very segments that may go now.
      this.#dropSpent();
      this.#add(frame, { sync: true });
    }
  }

  close(): void {
    this.#open.close();
  }

  #add(frame: Buffer, how: { readonly sync: boolean }): void {
    this.#open.add(frame, how);
    const segment = this.#segments.at(-1);
    if (segment) segment.bytes = this.#open.bytes;
  }

  #isSpent({ lastRecord }: Segment): boolean {
    return lastRecord <= this.#acknowledged;
  }

  #dropSpent(): void {
    for (let oldest = this.#segments[0]; oldest && this.#segments.length > 1; oldest = this.#segments[0]) {
      if (!this.#isSpent(oldest)) return;
      this.#segments.shift();
      const { segment } = this.#cursor;
      this.#cursor = segment > 0 ? { ...this.#cursor, segment: segment - 1 } : { segment: 0, at: 0 };
      unlinkSync(oldest.file);
    }
  }

  #recover(file: string, waiting: Set<number>): void {
    let lastRecord = 0;
    const { bytes, damage } = recoverSegment(file, (frame) => {
      const number = this.#replay(frame);
      if (number > 0) waiting.add(number);
      lastRecord = Math.max(lastRecord, number);
    });
    this.damage.push(...damage);
    this.#segments.push({ file, bytes, lastRecord });
  }

  /** What a frame says of the spool's state; answers its record's number, or 0. */
  #replay({ kind, payload }: Frame): number {
    if (kind === FRAME.acknowledged) {
      this.#acknowledged = Math.max(this.#acknowledged, Number(payload.toString()));
      return 0;
    }
    if (kind === FRAME.start) {
      const start = JSON.parse(payload.toString()) as Start<C>;
      this.#acknowledged = Math.max(this.#acknowledged, start.acknowledged);
      this.#next = Math.max(this.#next, start.next);
      this.#checkpoint = start.checkpoint;
      return 0;
    }
    const { number, checkpoint } = decodeRecord<C>(payload);
    this.#next = Math.max(this.#next, number + 1);
    this.#checkpoint = checkpoint;
    return number;
  }

  /** Begins a new segment. */
  #roll(): OpenSegment {
    const last = this.#segments.at(-1);
    const number = last ? Number(last.file.slice(-"000000000000.spool".length, -".spool".length)) + 1 : 1;
    const file = join(this.#folder, `${String(number).padStart(12, "0")}.spool`);
    const start: Start<C> = {
      acknowledged: this.#acknowledged,
      next: this.#next,
      checkpoint: this.#checkpoint,
    };
    const opened = new OpenSegment(file, frameOf(FRAME.start, Buffer.from(JSON.stringify(start))));
    // Only undefined while the constructor runs.
    this.#open?.close();
    this.#segments.push({ file, bytes: opened.bytes, lastRecord: 0 });
    return opened;
  }
}
