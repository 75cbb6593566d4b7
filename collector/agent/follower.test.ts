import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeLogger } from "../../lib/runtime/log.ts";
import { type FilePosition, MAX_LINE_BYTES } from "./followed-file.ts";
import { Follower } from "./follower.ts";
import { lookBack } from "./lookback.ts";

let folder: string;
let log: string;
let seen: string[];
let tooLong: number;
let follower: Follower;
let nowMs: number;
const buffer = Buffer.alloc(MAX_LINE_BYTES);

const start = (path = log, begin: "start" | "end" = "start"): Follower =>
  new Follower({
    path,
    begin,
    log: makeLogger("silent"),
    isFull: () => false,
    sink: {
      line: (text) => seen.push(text),
      tooLong: () => {
        tooLong += 1;
      },
    },
  });
/** Looks a while: every call is a second, so that each scans. */
const look = (seconds = 3): string[] => {
  for (let n = 0; n < seconds; n += 1) {
    nowMs += 1_000;
    while (follower.poll(buffer, nowMs));
  }
  return seen.splice(0);
};
/** As after a kill: a new follower that knows the positions alone. */
const restart = (positions: FilePosition[], path = log): void => {
  follower.close();
  follower = start(path);
  follower.resume(JSON.parse(JSON.stringify(positions)), nowMs);
};
const write = (text: string, path = log): void => appendFileSync(path, text);

const touch = (path: string, seconds: number): void => utimesSync(path, seconds, seconds);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-follow-"));
  log = join(folder, "access.log");
  seen = [];
  tooLong = 0;
  nowMs = 1_764_000_000_000;
  follower = start();
});
afterEach(() => {
  follower.close();
  rmSync(folder, { recursive: true });
});

it("reads whole lines, once, from files that appear later too", () => {
  expect(look()).toEqual([]);
  write("one\ntwo\r\nthr");
  expect(look()).toEqual(["one", "two"]);
  expect(look()).toEqual([]);
  write("ee\n\n");
  expect(look()).toEqual(["three"]);
});

it("goes on where its positions say after a restart", () => {
  write("one\ntwo\nthr");
  look();
  const positions = follower.positions();
  write("ee\nfour\n");
  restart(positions);
  expect(look()).toEqual(["three", "four"]);
});

it("begins at the end where it is told to, but reads later files whole", () => {
  write("old\n");
  follower.close();
  follower = start(join(folder, "*.log"), "end");
  expect(look()).toEqual([]);
  write("new\n");
  write("whole\n", join(folder, "other.log"));
  expect(look().sort()).toEqual(["new", "whole"]);
});

it("finishes a renamed file, which workers still write to, and then reads the new one", () => {
  write("a1\n");
  look();
  write("a2\n");
  renameSync(log, `${log}.1`);
  write("b1\n");
  expect(look()).toEqual(["a2", "b1"]);
  write("a3\n", `${log}.1`);
  write("b2\n");
  expect(look().sort()).toEqual(["a3", "b2"]);
  write("a4 without an end", `${log}.1`);
  expect(look(70)).toEqual(["a4 without an end"]);
  expect(follower.status().map(({ path }) => path)).toEqual([log]);
});

it("stays with a renamed file for as long as nothing takes its place", () => {
  write("a1\n");
  look();
  const positions = follower.positions();
  renameSync(log, `${log}.1`);
  restart(positions);
  expect(look(200)).toEqual([]);
  write("a2\n", `${log}.1`);
  expect(look()).toEqual(["a2"]);
});

it("is not told a renamed file's lines again by a glob that matches its new name", () => {
  follower.close();
  follower = start(join(folder, "access.log*"));
  write("a1\n");
  look();
  renameSync(log, `${log}.1`);
  write("b1\n");
  expect(look(100)).toEqual(["b1"]);
  restart(follower.positions(), join(folder, "access.log*"));
  write("late\n", `${log}.1`);
  expect(look(5)).toEqual(["late"]);
});

it("follows two rotations that happened while it was away, oldest first", () => {
  write("a1\na2\n");
  look();
  const positions = follower.positions();
  follower.close();
  write("a3\n");
  renameSync(log, `${log}.2`);
  const later = Date.now() / 1000;
  write("b1\n", `${log}.1`);
  write("c1\n");
  touch(`${log}.2`, later - 100);
  touch(`${log}.1`, later - 50);
  writeFileSync(`${log}.3.gz`, gzipSync("z1\n"));
  write("y1\n", `${log}.4`);
  touch(`${log}.4`, later - 500);
  restart(positions);
  expect(look()).toEqual(["a3", "b1", "c1"]);
});

it("repeats no generation that it knew when the newest was rotated while it was away", () => {
  write("a1\n");
  look();
  renameSync(log, `${log}.1`);
  write("b1\n");
  expect(look()).toEqual(["b1"]);
  const positions = follower.positions();
  follower.close();
  write("b2\n");
  renameSync(log, `${log}.2`);
  write("c1\n");
  renameSync(log, `${log}.3`);
  write("d1\n");
  const nowS = Date.now() / 1_000;
  for (const [age, suffix] of [
    [30, ".1"],
    [20, ".2"],
    [10, ".3"],
  ] as const)
    touch(`${log}${suffix}`, nowS - age);
  restart(positions);
  expect(look()).toEqual(["b2", "c1", "d1"]);
  restart(follower.positions());
  expect(look(70)).toEqual([]);
});

it("begins again when a file is truncated, also when it has grown past the old place since", () => {
  write("one\ntwo\n");
  look();
  truncateSync(log);
  expect(look()).toEqual([]);
  write("three\n");
  expect(look()).toEqual(["three"]);
  truncateSync(log);
  write("four is longer than what was there before\nfive\n");
  expect(look()).toEqual(["four is longer than what was there before", "five"]);
});

it("loses and repeats nothing by copytruncate, whose copy the glob may match or not", () => {
  for (const glob of ["access.log", "access.log*"]) {
    follower.close();
    follower = start(join(folder, glob));
    write(`${glob} 1\n`);
    look();
    write(`${glob} 2\n`);
    copyFileSync(log, `${log}.1`);
    expect(look()).toEqual([`${glob} 2`]);
    write(`${glob} 3\n`);
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    write(`${glob} 4\n`);
    expect(look()).toEqual([`${glob} 3`, `${glob} 4`]);
    expect(look(70)).toEqual([]);
    unlinkSync(`${log}.1`);
    unlinkSync(log);
  }
});

it("finds the copy when copytruncate happened while it was away", () => {
  write("one\n");
  look();
  const positions = follower.positions();
  write("two\n");
  copyFileSync(log, `${log}-20261125`);
  truncateSync(log);
  write("three\n");
  restart(positions);
  expect(look()).toEqual(["two", "three"]);
});

it("is not fooled by an inode that is used again", () => {
  write("a long first line of the old file\n");
  look();
  const positions = follower.positions();
  follower.close();
  unlinkSync(log);
  write("new\n");
  const [position] = positions;
  if (!position) throw new Error("no position");
  restart([{ ...position, ino: String(statSync(log).ino) }]);
  expect(look()).toEqual(["new"]);
});

it("reads through a deleted file and takes up the next one", () => {
  write("a1\n");
  look();
  write("a2\n");
  unlinkSync(log);
  expect(look()).toEqual(["a2"]);
  write("b1\n");
  expect(look()).toEqual(["b1"]);
});

it("survives junk: long lines are counted once, bytes that are no text stay lines", () => {
  write(`${"x".repeat(200_000)}\nshort\n`);
  write(Buffer.from([0xff, 0x00, 0x80, 0x0a]).toString("latin1"));
  write(`${"y".repeat(100_000)}`);
  const first = look();
  expect([tooLong, first[0], first.length]).toEqual([2, "short", 2]);
  const positions = follower.positions();
  write("yyy\nnext\n");
  restart(positions);
  expect([look(), tooLong]).toEqual([["next"], 2]);
});

it("reads far behind in order, bounded at every call", () => {
  const lines = Array.from({ length: 40_000 }, (_, i) => `line ${i} ${"-".repeat(20)}`);
  write(`${lines.join("\n")}\n`);
  look(1);
  renameSync(log, `${log}.1`);
  write("last\n");
  nowMs += 1_000;
  expect(follower.poll(buffer, nowMs)).toBe(false);
  follower.close();
  follower = start();
  renameSync(`${log}.1`, log);
  follower.poll(buffer, nowMs);
  const some = seen.length;
  expect(some).toBeLessThan(20_000);
  renameSync(log, `${log}.1`);
  write("last\n");
  expect(look().slice(-2)).toEqual([lines.at(-1), "last"]);
});

it("looks back over rotations for as much as it may, oldest first", () => {
  write("a1\na2\n");
  look();
  renameSync(log, `${log}.1`);
  write("b1\nb2\n");
  look(70);
  write("not read yet\n");
  const back = (bytes: number): string[] => {
    const lines: string[] = [];
    lookBack(follower.positions(), bytes, { buffer, line: (text) => lines.push(text) });
    return lines;
  };
  expect(back(1_000)).toEqual(["a1", "a2", "b1", "b2"]);
  expect(back(9)).toEqual(["b1", "b2"]);
  expect(back(0)).toEqual([]);
});
