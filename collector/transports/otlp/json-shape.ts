import { HttpProblem } from "../body.ts";

/** OTLP nests some ten deep: resources, scopes, metrics, points, attributes, and values within values. */
const MAX_DEPTH = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING: readonly number[] = [0x5b, 0x7b];
const CLOSING: readonly number[] = [0x5d, 0x7d];

/**
 * Looks at a JSON text before it is parsed: a megabyte of brackets costs the parser a second, and memory without bound.
 * Throws HttpProblem: 400 nested too deep, 413 more than `most` objects and arrays.
 */
export function checkShape(json: Uint8Array, most: number): void {
  let depth = 0;
  let opened = 0;
  let inText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (inText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (OPENING.includes(byte)) {
      depth += 1;
      opened += 1;
      if (depth > MAX_DEPTH) throw new HttpProblem(400, `the JSON is nested deeper than ${MAX_DEPTH}`);
      if (opened > most) throw new HttpProblem(413, "the body holds too many items; send smaller batches");
    } else if (CLOSING.includes(byte)) depth -= 1;
  }
}
