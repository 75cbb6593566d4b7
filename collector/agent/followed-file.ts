import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Bytes of a file's beginning that it is known by: log lines begin with a time, so no two files share them. */
const HEAD_BYTES = 1_024;
/** Longest line that is read; a longer one is skipped and counted. Also the size of the one read buffer. */
export const MAX_LINE_BYTES = 65_536;
const LF = 0x0a;
const CR = 0x0d;

/** A file's identity and how far it has been read, as it is kept in a checkpoint. */
export type FilePosition = {
  readonly path: string;
  readonly dev: string;
  readonly ino: string;
  /** sha256 of the first `headBytes` bytes, shortened; these are bytes that had been read. */
  readonly head: string;
  readonly headBytes: number;
  /** All before this has been taken. */
  readonly offset: number;
  /** In the middle of a line that is too long. */
  readonly skipping: boolean;
  /** Its last change when it was last read, epoch ms. */
  readonly mtimeMs: number;
  /** Rotated away and read to its end. */
  readonly finished: boolean;
};

export type ReadResult =
  /** Nothing new. */
  | "end"
  /** There is more. */
  | "more"
  /** It was cut: what is there now is another text. */
  | "truncated";

/** What a file's lines are given to. */
export type LineSink = {
  line(text: string): void;
  tooLong(beginning: string): void;
};

/** One log file, open, read line by line from where it was left. */
export class FollowedFile {
  path: string;
  readonly dev: string;
  readonly ino: string;
  offset: number;
  mtimeMs: number;
  /** Another file has taken its path, or it is a copy: it is read to its end and left. */
  displaced = false;
  /** A copy that copytruncate made: it does not grow. */
  isCopy = false;
  finished = false;
  /** When it last had something new, epoch ms. */
  grewMs: number;
  #skipping: boolean;
  #head: Buffer;
  #fd: number | null;

  private constructor(
    fd: number,
    at: { path: string; dev: string; ino: string; offset: number; nowMs: number; skipping: boolean },
  ) {
    this.#fd = fd;
    this.path = at.path;
    this.dev = at.dev;
    this.ino = at.ino;
    this.offset = at.offset;
    this.grewMs = at.nowMs;
    this.#skipping = at.skipping;
    this.#head = readHead(fd, Math.min(HEAD_BYTES, at.offset));
    this.mtimeMs = fstatSync(fd).mtimeMs;
  }

  /** Opens a file to read from an offset (its size for "end"). Throws what the system says. */
  static open(
    path: string,
    from: { offset: number | "end"; nowMs: number; skipping?: boolean },
  ): FollowedFile {
    const fd = openSync(path, "r");
    const { dev, ino, size } = fstatSync(fd, { bigint: true });
    const offset = from.offset === "end" ? Number(size) : from.offset;
    const { nowMs, skipping = false } = from;
    return new FollowedFile(fd, { path, dev: String(dev), ino: String(ino), offset, nowMs, skipping });
  }

  get size(): number {
    return this.#fd === null ? this.offset : fstatSync(this.#fd).size;
  }

  /** Whether no name leads to it any more. */
  get isDeleted(): boolean {
    return this.#fd !== null && fstatSync(this.#fd).nlink === 0;
  }

  get position(): FilePosition {
    const { path, dev, ino, offset, mtimeMs, finished } = this;
    const skipping = this.#skipping;
    return { path, dev, ino, ...digestOf(this.#head), offset, skipping, mtimeMs, finished };
  }

  /** Whether another file begins with the same bytes: a copy of this one. Never true where nothing was read yet. */
  startsLike(path: string): boolean {
    return this.#head.length > 0 && headOf(path, this.#head.length)?.equals(this.#head) === true;
  }

  /** Reads at most one buffer of whole lines into the sink. Throws what the system says. */
  read(buffer: Buffer, sink: LineSink, nowMs: number): ReadResult {
    if (this.#fd === null) return "end";
    const length = readSync(this.#fd, buffer, 0, MAX_LINE_BYTES, this.offset);
    // The beginning is looked at after the reading: what was read belongs to the text that begins so.
    if (!this.#isSame(length)) return "truncated";
    if (length === 0) return "end";
    const last = buffer.lastIndexOf(LF, length - 1);
    if (last >= 0) this.#take(buffer, last + 1, sink);
    else if (length === MAX_LINE_BYTES) this.#skip(buffer, length, sink);
    else return "end";
    this.#grow(nowMs);
    return length === MAX_LINE_BYTES ? "more" : "end";
  }

  /** Takes what stands after the last line end as a line, since nothing will follow. */
  finish(buffer: Buffer, sink: LineSink): void {
    if (this.#fd === null) return;
    const length = readSync(this.#fd, buffer, 0, MAX_LINE_BYTES, this.offset);
    if (length > 0 && !this.#skipping) sink.line(buffer.toString("utf8", 0, length));
    this.offset += length;
    this.finished = true;
    this.close();
  }

  /** Begins again at the start of what is there now. */
  restart(): void {
    this.offset = 0;
    this.#skipping = false;
    this.#head = Buffer.alloc(0);
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #isSame(length: number): boolean {
    if (this.#fd === null) return true;
    if (length === 0 && fstatSync(this.#fd).size < this.offset) return false;
    return this.#head.length === 0 || readHead(this.#fd, this.#head.length).equals(this.#head);
  }

  #take(buffer: Buffer, end: number, sink: LineSink): void {
    let start = 0;
    if (this.#skipping) {
      start = buffer.indexOf(LF) + 1;
      this.#skipping = false;
    }
    while (start < end) {
      const lf = buffer.indexOf(LF, start);
      const stop = lf > start && buffer[lf - 1] === CR ? lf - 1 : lf;
      if (stop > start) sink.line(buffer.toString("utf8", start, stop));
      start = lf + 1;
    }
    this.offset += end;
  }

  #skip(buffer: Buffer, length: number, sink: LineSink): void {
    if (!this.#skipping) sink.tooLong(buffer.toString("utf8", 0, 256));
    this.#skipping = true;
    this.offset += length;
  }

  #grow(nowMs: number): void {
    this.grewMs = nowMs;
    if (this.#fd === null) return;
    this.mtimeMs = fstatSync(this.#fd).mtimeMs;
    if (this.#head.length < HEAD_BYTES) this.#head = readHead(this.#fd, Math.min(HEAD_BYTES, this.offset));
  }
}

/** Whether a file (by path) begins as a position says. A position that had read nothing matches none. */
export function beginsAs(path: string, position: Pick<FilePosition, "head" | "headBytes">): boolean {
  if (position.headBytes === 0) return false;
  const head = headOf(path, position.headBytes);
  return head !== null && digestOf(head).head === position.head;
}

function headOf(path: string, length: number): Buffer | null {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    return readHead(fd, length);
  } finally {
    closeSync(fd);
  }
}

/** Whether a file is simply not there, or not ours to read. */
export function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "");
}

function readHead(fd: number, length: number): Buffer {
  const head = Buffer.alloc(length);
  return head.subarray(0, length === 0 ? 0 : readSync(fd, head, 0, length, 0));
}

function digestOf(head: Buffer): { head: string; headBytes: number } {
  return { head: createHash("sha256").update(head).digest("hex").slice(0, 32), headBytes: head.length };
}
