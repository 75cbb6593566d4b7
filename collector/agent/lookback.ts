import { closeSync, openSync, readSync } from "node:fs";
import type { FilePosition } from "./followed-file.ts";
import { locate } from "./log-files.ts";

const LF = 0x0a;

/**
 * Reads again what stands before the positions of an earlier run, at most `mostBytes`, the newest of it, oldest first.
 * A decoder that has seen it knows the connections that were open. Rotated files are found where they are now;
 * compressed ones are not read. Answers the bytes read.
 */
export function lookBack(
  positions: readonly FilePosition[],
  mostBytes: number,
  read: { readonly buffer: Buffer; readonly line: (text: string) => void },
): number {
  const ranges: { path: string; from: number; to: number }[] = [];
  let left = mostBytes;
  for (const position of positions.toReversed()) {
    const to = position.offset;
    const found = left > 0 && to > 0 ? locate(position) : null;
    if (!found) continue;
    const from = Math.max(0, to - left);
    ranges.unshift({ path: found.path, from, to });
    left -= to - from;
  }
  for (const range of ranges) readRange(range, read);
  return mostBytes - left;
}

function readRange(
  range: { readonly path: string; readonly from: number; readonly to: number },
  read: { readonly buffer: Buffer; readonly line: (text: string) => void },
): void {
  const { buffer, line } = read;
  const fd = openSync(range.path, "r");
  try {
    // In the middle of a file the first line is most likely half a line.
    let broken = range.from > 0;
    for (let at = range.from; at < range.to; ) {
      const length = readSync(fd, buffer, 0, Math.min(buffer.length, range.to - at), at);
      if (length === 0) return;
      const end = buffer.lastIndexOf(LF, length - 1) + 1;
      for (let start = 0; start < end; ) {
        const lf = buffer.indexOf(LF, start);
        if (!broken && lf > start) line(buffer.toString("utf8", start, lf));
        broken = false;
        start = lf + 1;
      }
      if (end === 0) broken = true;
      at += end === 0 ? length : end;
    }
  } finally {
    closeSync(fd);
  }
}
