import type { Logger } from "../../lib/runtime/log.ts";
import { beginsAs, type FilePosition, FollowedFile, type LineSink } from "./followed-file.ts";
import {
  type Found,
  filesOf,
  findFile,
  isGenerationOf,
  isSameFile,
  locate,
  siblingsOf,
} from "./log-files.ts";

/** How often names are looked at, for new and rotated files. */
const SCAN_MS = 1_000;
/** A rotated file is left once nothing was written to it for so long: workers reopen their log one after another. */
const QUIET_MS = 60_000;
/** Files followed at once, each with an open descriptor. */
const MAX_FILES = 512;
/** Positions of finished files that are gone from the glob, kept to know open connections after a restart. */
const MAX_PAST = 8;
/** File systems date a change by a clock that is this coarse. */
const COARSE_MS = 20;
/** Buffers read of one file before the next one has its turn. */
const BUFFERS_A_TURN = 4;

export type FollowerOptions = {
  /** A path or a glob. */
  readonly path: string;
  readonly begin: "start" | "end";
  readonly sink: LineSink;
  /** Whether enough is gathered: no more is read until it is not. */
  readonly isFull: () => boolean;
  readonly log: Logger;
};

/** A file that lost its path, and its last change. */
type Moved = { readonly path: string; readonly mtimeMs: number };

/**
 * Follows the files of one path or glob through rotation by renaming, truncation and copytruncate. Files are known by
 * device, inode and their first bytes, never by name. Polling only: every call looks, nothing runs in between.
 */
export class Follower {
  readonly #options: FollowerOptions;
  /** In the order in which they are read: older generations first. */
  #files: FollowedFile[] = [];
  #past: FilePosition[] = [];
  #scannedMs = Number.NEGATIVE_INFINITY;
  #first = true;
  /** Stands for the path until its first file is seen: what is rotated away after this moment has not been read. */
  #begin: FilePosition | null = null;
  readonly #unread = new Set<string>();

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Goes on at positions of an earlier run, wherever those files are now. */
  resume(positions: readonly FilePosition[], nowMs: number): void {
    this.#first = false;
    this.#begin = positions.find(isBeginning) ?? null;
    const files = positions.filter((position) => !isBeginning(position));
    this.#past = files.filter(({ finished }) => finished);
    const moved = files
      .filter(({ finished }) => !finished)
      .flatMap((position) => this.#resumeOne(position, nowMs) ?? []);
    // What came and went unseen is newer than every file that was known.
    const newest = moved.reduce<Moved | null>((a, b) => (a && a.mtimeMs > b.mtimeMs ? a : b), null);
    if (newest) this.#openGenerations(newest, nowMs);
  }

  /** Reads what is new, a bounded amount. Answers whether there is more to read at once. */
  poll(buffer: Buffer, nowMs: number): boolean {
    if (nowMs - this.#scannedMs >= SCAN_MS || nowMs < this.#scannedMs) {
      this.#readAll(buffer, nowMs);
      this.#scan(nowMs);
    }
    return this.#readAll(buffer, nowMs);
  }

  /** Where every file stands, finished ones included, oldest first. */
  positions(): FilePosition[] {
    const known = [...this.#past, ...this.#files.map(({ position }) => position)];
    return known.length === 0 && this.#begin ? [this.#begin] : known;
  }

  /** Files with what is still to be read of each. */
  status(): { path: string; offset: number; behindBytes: number }[] {
    return this.#files.map((file) => ({
      path: file.path,
      offset: file.offset,
      behindBytes: Math.max(0, file.size - file.offset),
    }));
  }

  close(): void {
    for (const file of this.#files) file.close();
  }

  #readAll(buffer: Buffer, nowMs: number): boolean {
    const waiting = new Set<string>();
    for (const file of [...this.#files]) {
      if (this.#options.isFull()) return true;
      // A newer generation waits until the older one has been read, so that lines stay in order.
      if (!waiting.has(file.path) && this.#read(file, buffer, nowMs)) waiting.add(file.path);
    }
    return waiting.size > 0;
  }

  #read(file: FollowedFile, buffer: Buffer, nowMs: number): boolean {
    for (let turn = 0; turn < BUFFERS_A_TURN; turn += 1) {
      const result = file.read(buffer, this.#options.sink, nowMs);
      if (result === "truncated") {
        this.#cut(file, nowMs);
        return true;
      }
      if (result === "end") {
        this.#leave(file, buffer, nowMs);
        return false;
      }
    }
    return true;
  }

  /** The file was cut: goes on in its copy, where there is one, and begins it anew. */
  #cut(file: FollowedFile, nowMs: number): void {
    const { offset } = file;
    const { skipping } = file.position;
    const copy = siblingsOf(file.path).findLast(
      (other) => !isSameFile(other, file) && other.size >= offset && file.startsLike(other.path),
    );
    const { log } = this.#options;
    if (copy) this.#open(copy.path, { offset, nowMs, skipping, as: file.path, before: file });
    else
      log.warn(
        { path: file.path, offset },
        "the file was truncated and no copy of it is there: lines written to it since the last reading are lost",
      );
    file.restart();
  }

  #leave(file: FollowedFile, buffer: Buffer, nowMs: number): void {
    if (!file.displaced || nowMs - file.grewMs < (file.isCopy ? 0 : QUIET_MS)) return;
    // Renamed, but nothing has taken its place: its proxy still writes to it, however seldom.
    if (!file.isCopy && !file.isDeleted && findFile(file.path) === null) return;
    file.finish(buffer, this.#options.sink);
    this.#files = this.#files.filter((other) => other !== file);
    this.#past.push(file.position);
  }

  #scan(nowMs: number): void {
    this.#scannedMs = nowMs;
    if (this.#first) this.#begin = beginningOf(this.#options.path, nowMs - COARSE_MS);
    // A file that came and was rotated away before it was ever seen.
    if (this.#begin && this.#files.length + this.#past.length === 0)
      this.#openGenerations(this.#begin, nowMs);
    for (const file of this.#files) if (!file.displaced) this.#noticeRotation(file, nowMs);
    const found = filesOf(this.#options.path);
    for (const one of found) this.#consider(one, nowMs);
    this.#first = false;
    const gone = this.#past.filter((past) => !found.some((one) => isSameFile(one, past)));
    const forgotten = new Set(gone.slice(0, -MAX_PAST));
    this.#past = this.#past.filter((past) => !forgotten.has(past));
  }

  #noticeRotation(file: FollowedFile, nowMs: number): void {
    const there = findFile(file.path);
    if (there === null ? !file.isDeleted : isSameFile(there, file)) return;
    file.displaced = true;
    file.grewMs = nowMs;
    this.#openGenerations(file, nowMs);
  }

  #consider(found: Found, nowMs: number): void {
    if (found.size === 0 || this.#files.some((file) => isSameFile(file, found))) return;
    const past = this.#past.find((one) => isSameFile(one, found));
    if (past && beginsAs(found.path, past)) {
      if (found.size > past.offset) this.#reopen(past, found, nowMs);
      return;
    }
    if (past) this.#past = this.#past.filter((one) => one !== past);
    if (this.#isCopy(found)) return;
    const offset = this.#first && this.#options.begin === "end" ? "end" : 0;
    this.#open(found.path, { offset, nowMs });
  }

  /** A finished file has grown after all. */
  #reopen(past: FilePosition, found: Found, nowMs: number): void {
    this.#past = this.#past.filter((one) => one !== past);
    const { offset, skipping } = past;
    this.#open(found.path, { offset, nowMs, skipping });
  }

  #isCopy(found: Found): boolean {
    return (
      this.#files.some((file) => file.startsLike(found.path)) ||
      this.#past.some((past) => beginsAs(found.path, past))
    );
  }

  /** Answers where the file is now, when it is not where it was. */
  #resumeOne(position: FilePosition, nowMs: number): Moved | null {
    const { offset, skipping, path, mtimeMs } = position;
    const found = locate(position);
    const isThere = found?.path === path;
    const at = { offset, nowMs, skipping, ...(isThere ? {} : { as: path }) };
    if (!found)
      this.#options.log.warn(
        { path, offset },
        "this file is gone: lines written to it since the last reading are lost",
      );
    // One that cannot be opened now is taken up by the scan where it was left.
    if (!found || !this.#open(found.path, at)) this.#past.push({ ...position, finished: true });
    return isThere ? null : { path, mtimeMs: found?.mtimeMs ?? mtimeMs };
  }

  /** Generations between a rotated file and the present one, which came and went unseen. */
  #openGenerations(older: Moved, nowMs: number): void {
    for (const found of siblingsOf(older.path)) {
      if (found.mtimeMs <= older.mtimeMs || found.size === 0) continue;
      if (!isGenerationOf(older.path, found.path) || this.#isCopy(found)) continue;
      if (this.#files.some((file) => isSameFile(file, found))) continue;
      this.#open(found.path, { offset: 0, nowMs, as: older.path });
    }
  }

  /** `as`: the path that the file was rotated away from; it is read to its end and left. */
  #open(
    path: string,
    at: { offset: number | "end"; nowMs: number; skipping?: boolean; as?: string; before?: FollowedFile },
  ): boolean {
    if (this.#files.length >= MAX_FILES) return this.#complain(path, `more than ${MAX_FILES} files`);
    let file: FollowedFile;
    try {
      file = FollowedFile.open(path, at);
    } catch (error) {
      return this.#complain(path, (error as Error).message);
    }
    if (at.as !== undefined) {
      file.path = at.as;
      file.displaced = true;
      file.isCopy = at.before !== undefined;
    }
    const index = at.before ? this.#files.indexOf(at.before) : this.#files.length;
    this.#files.splice(index, 0, file);
    this.#begin = null;
    this.#unread.delete(path);
    this.#options.log.info({ path, offset: file.offset }, "following");
    return true;
  }

  /** Says once that a file cannot be followed now; every scan tries again. */
  #complain(path: string, problem: string): false {
    if (!this.#unread.has(path)) this.#options.log.warn({ path, problem }, "cannot be followed yet");
    this.#unread.add(path);
    return false;
  }
}

/** A position of no file: its path, and since when it is watched. */
function beginningOf(path: string, sinceMs: number): FilePosition {
  const file = { dev: "", ino: "", head: "", headBytes: 0, offset: 0, skipping: false };
  return { path, ...file, mtimeMs: sinceMs, finished: true };
}

function isBeginning(position: FilePosition): boolean {
  return position.ino === "";
}
