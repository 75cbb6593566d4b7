import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeLogger } from "../../lib/runtime/log.ts";
import { MAX_LINE_BYTES } from "./followed-file.ts";
import { Follower } from "./follower.ts";

const START_MS = 1_764_000_000_000;
let folder: string;
let seen: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-unseen-"));
  seen = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const log = (): string => join(folder, "access.log");
const follow = (): Follower =>
  new Follower({
    path: log(),
    begin: "start",
    log: makeLogger("silent"),
    isFull: () => false,
    sink: { line: (text) => seen.push(text), tooLong: () => undefined },
  });
/** A file that was last written so many seconds after the start. */
const written = (name: string, text: string, second: number): void => {
  writeFileSync(join(folder, name), text);
  utimesSync(join(folder, name), START_MS / 1_000 + second, START_MS / 1_000 + second);
};
const look = (follower: Follower, second: number): string[] => {
  const buffer = Buffer.alloc(MAX_LINE_BYTES);
  for (const ms of [0, 1_000, 2_000]) while (follower.poll(buffer, START_MS + second * 1_000 + ms));
  return seen.splice(0);
};
/** As after a kill: a new follower that knows the positions alone. */
const restarted = (follower: Follower, second: number): Follower => {
  const positions = follower.positions();
  follower.close();
  const next = follow();
  next.resume(JSON.parse(JSON.stringify(positions)), START_MS + second * 1_000);
  return next;
};

it("reads a file that came and was rotated away before it was ever seen, also over a restart; older ones are history", () => {
  written("access.log.3", "history\n", -60);
  let follower = follow();
  expect(look(follower, 0)).toEqual([]);
  written("access.log.2", "unseen 1\n", 11);
  follower = restarted(follower, 12);
  written("access.log.1", "unseen 2\n", 13);
  written("access.log", "present\n", 14);
  expect(look(follower, 15)).toEqual(["unseen 1", "unseen 2", "present"]);
  follower = restarted(follower, 20);
  expect(look(follower, 21)).toEqual([]);
  follower.close();
});
