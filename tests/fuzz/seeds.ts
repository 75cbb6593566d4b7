import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Source } from "../../collector/sources/source.ts";
import { SyslogFraming } from "../../collector/transports/syslog-framing.ts";
import { parseSyslogMessage } from "../../collector/transports/syslog-message.ts";
import { NOW } from "./promises.ts";

const FIXTURES = "tests/fixtures";
/** Lines that were written by hand, one file or a few for each source: `NAME.log`, `NAME.json.log`, `NAME.txt`. */
const WRITTEN: readonly string[] = ["tests/fixtures/lines", "tests/fuzz/seeds"];
/** Lines looked at of one file, and kept for one source, spread over the whole. */
const LINES_OF_FILE = 2_000;
const SEEDS = 120;

/** Lines of every recording, syslog headers and counts still on. */
export const RECORDED: readonly string[] = readdirSync(FIXTURES, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".gz") && !/truth/.test(name))
  .sort()
  .flatMap((name) => spread(linesOf(join(FIXTURES, name)), LINES_OF_FILE));

function linesOf(path: string): string[] {
  const bytes = gunzipSync(readFileSync(path));
  if (path.endsWith(".raw.gz")) return new SyslogFraming(65_536).push(bytes).messages;
  return bytes
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "" && line.length < 20_000);
}

function spread<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)] as T);
}

/** Recorded lines that say something to a source, as many of each kind as there are up to a number, and all written ones. */
export function seedsFor(source: Source): Buffer[] {
  const decoder = source.decoder({ endpoint: null, node: null, region: null, live: true });
  const byKind = new Map<string, string[]>();
  for (const recorded of RECORDED) {
    const line = parseSyslogMessage(recorded)?.text ?? recorded;
    if (!source.recognises(line)) continue;
    const { kind } = decoder.decode(line, NOW);
    byKind.set(kind, [...(byKind.get(kind) ?? []), line]);
  }
  const lines = [...byKind.values()].flatMap((ofKind) => spread(ofKind, SEEDS));
  return [...lines, ...writtenLines(source.name)].map((line) => Buffer.from(line));
}

/** Lines that were written by hand for something; none where there are none. */
export function writtenLines(name: string): string[] {
  const files = WRITTEN.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)));
  return files
    .filter((path) => new RegExp(`/${name}\\.(json\\.)?(log|txt)$`).test(path))
    .flatMap((path) => readFileSync(path, "utf8").split("\n").filter(Boolean));
}
