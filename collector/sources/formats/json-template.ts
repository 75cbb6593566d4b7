import { objectOf } from "../fields.ts";
import type { Piece, Values } from "./template.ts";

/** Private-use characters: they stand for nothing in any format. */
const OPEN = "\uE000";
const CLOSE = "\uE001";
const MARK = /^\uE000(\d+)\uE001$/;

/** Deeper objects than this are no log format. */
const MAX_DEPTH = 32;

type Place = { readonly use: string; readonly path: readonly string[] };

/**
 * A format whose lines are JSON objects, read by key: so lines are also read that a shipper wrote again, with other
 * spaces, order or additional keys.
 */
export class JsonTemplate {
  readonly #places: readonly Place[];

  private constructor(places: readonly Place[]) {
    this.#places = places;
  }

  /** null where the pieces are no JSON object, or where a value that is used is only a part of one of its texts. */
  static of(pieces: readonly Piece[]): JsonTemplate | null {
    const example = objectOf(exampleOf(pieces));
    if (example === null) return null;
    const places: Place[] = [];
    collect(example, [], (index, path) => {
      const piece = pieces[index];
      if (piece !== undefined && typeof piece !== "string" && piece.use !== null)
        places.push({ use: piece.use, path });
    });
    const wanted = new Set(pieces.flatMap((piece) => (typeof piece === "string" ? [] : (piece.use ?? []))));
    for (const { use } of places) wanted.delete(use);
    return wanted.size === 0 ? new JsonTemplate(places) : null;
  }

  /** The values of a line, unescaped; null when it is no JSON object or lacks one of the keys. */
  read(line: string): Values | null {
    if (!line.startsWith("{")) return null;
    const object = objectOf(line);
    if (object === null) return null;
    const values: Record<string, string> = {};
    for (const { use, path } of this.#places) {
      const value = valueAt(object, path);
      if (value === undefined) return null;
      values[use] = value;
    }
    return values;
  }
}

/** The format with a mark for each field, in quotes where it stands outside a text. */
function exampleOf(pieces: readonly Piece[]): string {
  let inText = false;
  return pieces
    .map((piece, index) => {
      if (typeof piece !== "string") return inText ? `${OPEN}${index}${CLOSE}` : `"${OPEN}${index}${CLOSE}"`;
      for (let i = 0; i < piece.length; i += 1) {
        if (inText && piece[i] === "\\") i += 1;
        else if (piece[i] === '"') inText = !inText;
      }
      return piece;
    })
    .join("");
}

function collect(
  value: unknown,
  path: readonly string[],
  found: (index: number, path: readonly string[]) => void,
): void {
  if (typeof value === "string") {
    const mark = MARK.exec(value);
    if (mark) found(Number(mark[1]), path);
  } else if (typeof value === "object" && value !== null && path.length < MAX_DEPTH)
    for (const [key, inner] of Object.entries(value)) collect(inner, [...path, key], found);
}

function valueAt(object: unknown, path: readonly string[]): string | undefined {
  let value = object;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  if (value === null) return "";
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}
