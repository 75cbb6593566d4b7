import { describe, expect, it } from "vitest";
import { SOURCES } from "../../collector/sources/registry.ts";
import type { Source } from "../../collector/sources/source.ts";
import { heldBytes } from "./fuzz.ts";
import { NOW } from "./promises.ts";
import { seedsFor } from "./seeds.ts";

const LINES = 200;
/** Lines before these, until all code is compiled. */
const WARM = 30;
const LONG = 4_096;
/** A quarter of what one long text of each line would take; what is remembered of a connection is far below. */
const MAX_KEPT_BYTES = (LINES * LONG) / 4;
const DEFAULTS = { endpoint: null, node: "edge-1", region: null, live: true };
const WORD = /[^\s"'=:,[\]{}()|]+/g;
/** Different lines of one source, since each may be remembered by other fields. */
const SHAPES = 2;

/** Digits, which are text and number alike. */
const filler = (line: number): string => String(1_000 + line).padEnd(LONG, "7");

/** A line as pieces; between two of them stands a word that may be any. */
function shapeOf(source: Source, line: string): readonly string[] | null {
  const tells = (text: string): boolean => source.decoder(DEFAULTS).decode(text, NOW).kind === "handshake";
  if (!tells(line)) return null;
  const pieces: string[] = [];
  let from = 0;
  for (const { index, 0: word } of line.matchAll(WORD)) {
    const behind = line.slice(index + word.length);
    if (!tells([...pieces, line.slice(from, index), behind].join(filler(0)))) continue;
    pieces.push(line.slice(from, index));
    from = index + word.length;
  }
  return pieces.length === 0 ? null : [...pieces, line.slice(from)];
}

describe.each(SOURCES.map((source) => [source.name, source] as const))("%s", (_name, source) => {
  it("remembers connections by bounded texts, and no line for the sake of a part of it", () => {
    const shapes = seedsFor(source)
      .map((seed) => shapeOf(source, seed.toString("utf8")))
      .filter((shape) => shape !== null)
      .slice(0, SHAPES);
    for (const shape of shapes) {
      const decoder = source.decoder(DEFAULTS);
      let before = 0;
      for (let line = 0; line < WARM + LINES; line += 1) {
        if (line === WARM) before = heldBytes();
        // As it comes off a socket: one text, not a tree of its parts.
        const text = Buffer.from(shape.join(filler(line))).toString("utf8");
        expect(decoder.decode(text, NOW).kind, text.slice(0, 300)).not.toBe("refused");
      }
      expect(heldBytes() - before, shape.join("…").slice(0, 300)).toBeLessThan(MAX_KEPT_BYTES);
      decoder.decode("", NOW);
    }
  });
});
