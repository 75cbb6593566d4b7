import { JsonTemplate } from "./json-template.ts";
import { type Field, type Piece, Template, type Values } from "./template.ts";

/** Longest format that is taken, characters; what the configuration file allows. */
export const MAX_FORMAT = 16_384;

/** A value that is needed, as the operator would have to write it, and what for. */
export type Need = { readonly uses: readonly (readonly string[])[]; readonly lacking: string };

export type LineFormatOptions = {
  /** Turns a raw value of the text into what the proxy meant. */
  readonly decode: (value: string, field: Field) => string;
  readonly needs: readonly Need[];
  /** How the proxy calls such a format, for messages. */
  readonly noun: string;
};

/** Lines of one format of the operator's: as JSON where the format is a JSON object, as text otherwise. */
export class LineFormat {
  readonly #template: Template;
  readonly #json: JsonTemplate | null;
  readonly #fields: ReadonlyMap<string, Field>;
  readonly #decode: LineFormatOptions["decode"];

  private constructor(template: Template, pieces: readonly Piece[], decode: LineFormatOptions["decode"]) {
    this.#template = template;
    this.#json = JsonTemplate.of(pieces);
    this.#fields = new Map(
      fieldsOf(pieces).flatMap((field) => (field.use === null ? [] : [[field.use, field]])),
    );
    this.#decode = decode;
  }

  /** Compiles a format; or says in one sentence why it cannot be used. */
  static of(pieces: readonly Piece[], options: LineFormatOptions): LineFormat | string {
    const has = new Set(fieldsOf(pieces).map((field) => field.use));
    const lacking = options.needs.filter(
      ({ uses }) => !uses.some((together) => together.every((use) => has.has(use))),
    );
    if (lacking.length > 0)
      return `The ${options.noun} lacks ${lacking.map((need) => need.lacking).join("; and ")}.`;
    const template = Template.of(pieces);
    return typeof template === "string" ? template : new LineFormat(template, pieces, options.decode);
  }

  /** The values of a line by use; null when it does not fit, "ambiguous" when it cannot be read for sure. Never throws. */
  read(line: string): Values | "ambiguous" | null {
    const json = this.#json?.read(line) ?? null;
    if (json !== null) return json;
    const raw = this.#template.read(line);
    if (raw === null || raw === "ambiguous") return raw;
    const values: Record<string, string> = {};
    for (const [use, value] of Object.entries(raw)) {
      const field = this.#fields.get(use);
      values[use] = field ? this.#decode(value, field) : value;
    }
    return values;
  }
}

function fieldsOf(pieces: readonly Piece[]): Field[] {
  return pieces.filter((piece) => typeof piece !== "string");
}

/** The reason to refuse a line that a format of the operator's does not fit. */
export function misfit(read: "ambiguous" | null, noun: string): string {
  return read === null
    ? `the line does not fit the ${noun}`
    : `the line fits the ${noun} in more than one way; put the variables that may hold its separators in quotes`;
}
