import { readFileSync } from "node:fs";
import type { Decoded, LineDefaults, Source } from "../../../collector/sources/source.ts";
import { type Handshake, UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";

/** Written lines that follow a documented format, for products that cannot be run here. */
export function writtenLines(file: string): string[] {
  return readFileSync(`tests/fixtures/lines/${file}`, "utf8").split("\n").filter(Boolean);
}

const NOW = Date.UTC(2026, 0, 6);
const DEFAULTS: LineDefaults = { endpoint: "given", node: "edge-1", region: "eu", live: false };

/** What one stream of lines turns into. */
export function decodeAll(source: Source, lines: readonly string[], defaults = DEFAULTS): Decoded[] {
  const decoder = source.decoder(defaults);
  return lines.map((line) => decoder.decode(line, NOW));
}

/** A whole handshake: what is named here, and everything else not known. */
export function handshake(at: string, known: Partial<Handshake> & Pick<Handshake, "outcome">): Decoded {
  return {
    kind: "handshake",
    handshake: { ...UNKNOWN_HANDSHAKE, region: "eu", ...known, atMs: Date.parse(at) },
  };
}

export const IRRELEVANT: Decoded = { kind: "ignored", why: "irrelevant" };
export const REPEAT: Decoded = { kind: "ignored", why: "repeat" };
