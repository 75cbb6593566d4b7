import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SOURCES } from "../../../collector/sources/registry.ts";
import { parseSyslogMessage } from "../../../collector/transports/syslog-message.ts";
import type { Handshake } from "../../../lib/domain/handshake.ts";
import { writtenLines } from "./lines.ts";

const namesOf = (line: string): string[] =>
  SOURCES.filter((source) => source.recognises(line)).map(({ name }) => name);

const NOW = Date.UTC(2026, 0, 6);
const areWhole = ({ atMs, handshakeUs }: Handshake): boolean =>
  Number.isSafeInteger(atMs) && Number.isSafeInteger(handshakeUs ?? 0) && (handshakeUs ?? 0) >= 0;

const WRITTEN = readdirSync("tests/fixtures/lines").filter((file) => file.endsWith(".log"));
const RECORDED = readdirSync("tests/fixtures/recordings", { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".gz") && !file.endsWith("truth.json.gz"),
);

describe("lines of unknown origin", () => {
  it.each(WRITTEN)("%s: recognised as its own source's, and nobody else's", (file) => {
    const [name = ""] = file.split(".");
    for (const line of writtenLines(file)) {
      // Rows of a table need their header, which syslog does not keep with them; other logs of Zeek are not taken.
      const own = name !== "zeek" || (line.startsWith("{") && line.includes('"established"'));
      expect([line, namesOf(line)]).toEqual([line, own ? [name] : []]);
    }
  });

  it.each(WRITTEN)("%s: never throws when its lines are damaged, whatever came before them", (file) => {
    const source = SOURCES.find(({ name }) => name === file.split(".")[0]);
    const decoder = source?.decoder({ endpoint: null, node: null, region: null, live: true });
    const line = fc.constantFrom(...writtenLines(file));
    fc.assert(
      fc.property(line, fc.nat(800), fc.string({ maxLength: 5 }), (text, at, junk) => {
        const decoded = decoder?.decode(text.slice(0, at) + junk + text.slice(at + 1), NOW);
        if (decoded?.kind === "handshake") expect(decoded.handshake).toSatisfy(areWhole);
        else expect(["ignored", "refused"]).toContain(decoded?.kind);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(RECORDED)("%s: recognised as nothing that was only written", (file) => {
    const written = new Set(WRITTEN.map((name) => name.split(".")[0]));
    const lines = gunzipSync(readFileSync(`tests/fixtures/recordings/${file}`))
      .toString()
      .split("\n");
    for (const line of lines.slice(0, 500)) {
      const text = parseSyslogMessage(line)?.text ?? line;
      expect([text, namesOf(text).filter((name) => written.has(name))]).toEqual([text, []]);
    }
  });
});
