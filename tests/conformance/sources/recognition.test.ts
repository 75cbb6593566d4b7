import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { h2oSource } from "../../../collector/sources/h2o/source.ts";
import { hitchSource } from "../../../collector/sources/hitch/source.ts";
import { nghttpxSource } from "../../../collector/sources/nghttpx/source.ts";
import { recogniseSource } from "../../../collector/sources/registry.ts";
import { stunnelSource } from "../../../collector/sources/stunnel/source.ts";
import { countBy, linesOf } from "./replay.ts";

const LOGS = readdirSync("tests/fixtures/recordings").flatMap((folder) =>
  readdirSync(`tests/fixtures/recordings/${folder}`)
    .filter((file) => file.includes(".log") && file.endsWith(".gz"))
    .map((file) => ({ folder, file: file.slice(0, -".gz".length) })),
);
// Messages of nghttpx at INFO go on over several lines, which are nobody's.
const isBegun = (line: string): boolean => /^(\{|\d)/.test(line) || line.startsWith("LOG");

it.each([nghttpxSource, h2oSource, hitchSource, stunnelSource])(
  "$name recognises its own recorded lines, and no line of another",
  (source) => {
    for (const { folder, file } of LOGS) {
      const lines = linesOf(folder, file);
      const own = folder === source.name ? lines.filter(isBegun).length : 0;
      expect({ file, own: lines.filter(source.recognises).length }).toEqual({ file, own });
    }
  },
);

it.each(LOGS.filter(({ folder }) => ["nghttpx", "hitch", "stunnel"].includes(folder)))(
  "$folder/$file comes to its own source over syslog",
  ({ folder, file }) => {
    const lines = linesOf(folder, file).filter(isBegun);
    expect(countBy(lines, (line) => String(recogniseSource(line)?.name))).toEqual({ [folder]: lines.length });
  },
);
