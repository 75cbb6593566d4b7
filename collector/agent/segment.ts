import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { WorldError } from "../../lib/runtime/invariant.ts";
import { FRAME_HEAD_BYTES, type Frame, frameAt, frameLengthOf, type Gap, scanFrames } from "./frames.ts";

/** The segment that is written to: frames are added at its end. */
export class OpenSegment {
  readonly file: string;
  readonly #fd: number;
  bytes = 0;

  /** Makes a new file with its first frame, durable. Throws a WorldError, with no file left, when there is no room. */
  constructor(file: string, first: Buffer) {
    this.file = file;
    this.#fd = create(file);
    try {
      this.add(first, { sync: true });
      syncFolder(dirname(file));
    } catch (error) {
      closeSync(this.#fd);
      unlinkSync(file);
      throw error;
    }
  }

  /** Adds a frame, all or nothing. Throws a WorldError: retryable unless what the disk holds is not known any more. */
  add(frame: Buffer, how: { readonly sync: boolean }): void {
    try {
      let done = 0;
      while (done < frame.length)
        done += writeSync(this.#fd, frame, done, frame.length - done, this.bytes + done);
    } catch (cause) {
      ftruncateSync(this.#fd, this.bytes);
      throw new WorldError(`the spool cannot be written: ${(cause as Error).message}`, {
        retryable: true,
        cause,
      });
    }
    this.bytes += frame.length;
    if (!how.sync) return;
    try {
      fdatasyncSync(this.#fd);
    } catch (cause) {
      throw new WorldError(`the spool cannot be synced: ${(cause as Error).message}`, {
        retryable: false,
        cause,
      });
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function create(file: string): number {
  try {
    return openSync(file, "wx", 0o600);
  } catch (cause) {
    throw new WorldError(`the spool cannot grow: ${(cause as Error).message}`, { retryable: true, cause });
  }
}

/** One frame of a segment by its place; null at its end. */
export function readFrame(file: string, at: number): Frame | null {
  const fd = openSync(file, "r");
  try {
    const head = Buffer.alloc(FRAME_HEAD_BYTES);
    if (readSync(fd, head, 0, head.length, at) < head.length) return null;
    const length = frameLengthOf(head);
    if (length === null) return null;
    const bytes = Buffer.alloc(length);
    readSync(fd, bytes, 0, length, at);
    const frame = frameAt(bytes, 0);
    return frame && { ...frame, at, end: at + frame.end };
  } finally {
    closeSync(fd);
  }
}

/** What is left of a segment: its whole frames. Damage is written to files of its own beside it, and taken out. */
export function recoverSegment(
  file: string,
  visit: (frame: Frame) => void,
): { readonly bytes: number; readonly damage: readonly { readonly file: string; readonly bytes: number }[] } {
  const bytes = readWhole(file);
  const { frames, gaps } = scanFrames(bytes);
  for (const frame of frames) visit(frame);
  const damage = gaps.map((gap) => setAside(file, bytes, gap));
  if (gaps.length > 0) rewrite(file, Buffer.concat(frames.map(({ at, end }) => bytes.subarray(at, end))));
  return { bytes: frames.reduce((sum, { at, end }) => sum + end - at, 0), damage };
}

function readWhole(file: string): Buffer {
  const fd = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(statSync(file).size);
    let done = 0;
    for (let read = -1; read !== 0 && done < bytes.length; done += read)
      read = readSync(fd, bytes, done, bytes.length - done, done);
    return bytes;
  } finally {
    closeSync(fd);
  }
}

function setAside(file: string, bytes: Buffer, gap: Gap): { file: string; bytes: number } {
  const aside = `${file}-${gap.at}.damaged`;
  writeFileSync(aside, bytes.subarray(gap.at, gap.end), { mode: 0o600 });
  return { file: aside, bytes: gap.end - gap.at };
}

/** Replaces a file by name, so that a crash leaves the old or the new one. */
function rewrite(file: string, bytes: Buffer): void {
  const fresh = `${file}.new`;
  const fd = openSync(fresh, "w", 0o600);
  try {
    writeSync(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, file);
  syncFolder(dirname(file));
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
