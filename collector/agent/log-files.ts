import { globSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { beginsAs, type FilePosition, isMissing } from "./followed-file.ts";

/** A regular file as the file system knows it. */
export type Found = {
  readonly path: string;
  readonly dev: string;
  readonly ino: string;
  readonly size: number;
  readonly mtimeMs: number;
};

const COMPRESSED = /\.(gz|bz2|xz|zst|lz4|zip|Z)$/;
const PATTERN = /[*?[\]{}]/;

/** Whether two are one file, whatever it is called now. */
export function isSameFile(
  a: { readonly dev: string; readonly ino: string },
  b: { readonly dev: string; readonly ino: string },
): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/** A regular file; null for anything else. */
export function findFile(path: string): Found | null {
  try {
    const stat = statSync(path, { bigint: true });
    if (!stat.isFile()) return null;
    const { dev, ino, size, mtimeMs } = stat;
    return { path, dev: String(dev), ino: String(ino), size: Number(size), mtimeMs: Number(mtimeMs) };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The files that a path or glob stands for, oldest first; compressed ones are left out. */
export function filesOf(pathOrGlob: string): Found[] {
  const paths = PATTERN.test(pathOrGlob) ? globSync(pathOrGlob) : [pathOrGlob];
  return existing(paths);
}

/** The other files in a log file's folder, oldest first: its rotated generations and copies are among them. */
export function siblingsOf(path: string): Found[] {
  try {
    return existing(readdirSync(dirname(path)).map((name) => join(dirname(path), name)));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Whether a name is one that rotation gives: access.log.1, access.log-20261125, access-20261125.log, access.1.log. */
export function isGenerationOf(path: string, other: string): boolean {
  const [name, otherName] = [basename(path), basename(other)];
  const extension = extname(name);
  const stem = name.slice(0, name.length - extension.length);
  const rest = otherName.startsWith(name)
    ? otherName.slice(name.length)
    : otherName.startsWith(stem) && otherName.endsWith(extension)
      ? otherName.slice(stem.length, otherName.length - extension.length)
      : "";
  return /^[.-]\d[\w.-]*$/.test(rest);
}

/** Where the file of a position is now, or a copy that holds all that was read and more; null when neither is there. */
export function locate(position: FilePosition): Found | null {
  const { path, offset, headBytes } = position;
  const there = findFile(path);
  const others = siblingsOf(path);
  const candidates = there ? [there, ...others] : others;
  const begins = (found: Found): boolean => found.size >= offset && beginsAs(found.path, position);
  if (headBytes === 0) return candidates.find((found) => isSameFile(found, position)) ?? null;
  return (
    candidates.find((found) => found.ino === position.ino && begins(found)) ?? others.findLast(begins) ?? null
  );
}

function existing(paths: readonly string[]): Found[] {
  return paths
    .filter((path) => !COMPRESSED.test(path))
    .flatMap((path) => findFile(path) ?? [])
    .sort((a, b) => a.mtimeMs - b.mtimeMs);
}
