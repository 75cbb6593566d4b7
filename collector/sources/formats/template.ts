/**
 * Reads lines by a template: texts with fields between them. No regular expression is made from what the operator
 * wrote; the fixed texts are searched for, and what one line may cost is bounded.
 */

/** What the values of a field look like. The patterns are our own, and linear in the value's length. */
export type FieldKind = {
  /** The longest run of characters that a value may be of; sticky. */
  readonly extent: RegExp;
  /** The whole of a value that says something; "" and "-" may always stand. Where absent, anything may. */
  readonly shape?: RegExp;
  /** A backslash escapes the character after it, so that an escaped quote ends nothing. */
  readonly escapes?: boolean;
};

export type Field = {
  readonly kind: FieldKind;
  /** What the value is for; null where nothing is made of it. */
  readonly use: string | null;
  /** As the operator wrote it, for messages. */
  readonly written: string;
  /** A value stands in double quotes that are not part of it: always, or perhaps. */
  readonly quotes?: "always" | "perhaps";
  /** In braces when it says something; otherwise it takes a space along (HAProxy merges separators). */
  readonly vanishes?: boolean;
};
export type Piece = string | Field;

/** Values by use, as they stand in the line. */
export type Values = Readonly<Record<string, string>>;

/** Ends that are tried for one line; a line that needs more is not readable for sure. */
const MAX_TRIES = 4_000;
/** Fields of one format. */
const MAX_FIELDS = 250;

type Step = { readonly field: Field; readonly literal: string };

export class Template {
  readonly #lead: string;
  readonly #steps: readonly Step[];
  /** Whether a line may fit in more than one way, so that both have to be compared. */
  readonly #loose: boolean;

  private constructor(lead: string, steps: readonly Step[]) {
    this.#lead = lead;
    this.#steps = steps;
    this.#loose = steps.some(({ field, literal }) => literal !== "" && mayHold(field, literal));
  }

  /** A template of pieces in their order; or what is wrong with them, in one sentence. */
  static of(pieces: readonly Piece[]): Template | string {
    const { lead, steps } = stepsOf(pieces);
    if (steps.length > MAX_FIELDS) return `The format has more than ${MAX_FIELDS} variables.`;
    for (const [index, { field, literal }] of steps.entries()) {
      const next = steps[index + 1];
      if (literal === "" && next)
        return `Nothing separates ${field.written} from ${next.field.written}, so their values cannot be told apart; put a text between them.`;
    }
    return new Template(lead, steps);
  }

  /** The values of a line; null when it does not fit, "ambiguous" when it fits in ways that say different things. */
  read(line: string): Values | "ambiguous" | null {
    if (!line.startsWith(this.#lead)) return null;
    const search = new Search(line, this.#steps, this.#loose);
    const fits = search.from(0, this.#lead.length);
    if (search.ambiguous) return "ambiguous";
    return fits ? search.values : null;
  }
}

/** Cuts one line; where it may be cut in several ways, tries all of them and compares what they say. */
class Search {
  ambiguous = false;
  readonly values: Record<string, string> = {};
  readonly #line: string;
  readonly #steps: readonly Step[];
  readonly #all: boolean;
  #tries = 0;
  /** Whether the rest of the line fits from a step and a place on; each is looked at once. */
  readonly #known = new Map<number, boolean>();

  constructor(line: string, steps: readonly Step[], all: boolean) {
    this.#line = line;
    this.#steps = steps;
    this.#all = all;
  }

  from(index: number, at: number): boolean {
    const step = this.#steps[index];
    if (!step) return at === this.#line.length;
    const key = index * (this.#line.length + 1) + at;
    const known = this.#all ? this.#known.get(key) : undefined;
    if (known !== undefined) return known;
    const span = spanOf(this.#line, step, { at, last: index === this.#steps.length - 1 });
    let fits = false;
    for (
      let end = span ? nextEnd(this.#line, span, null) : -1;
      span && end >= 0;
      end = nextEnd(this.#line, span, end)
    ) {
      this.#tries += 1;
      if (this.#tries > MAX_TRIES) this.ambiguous = true;
      if (this.ambiguous) return false;
      const value = this.#line.slice(span.start, end);
      if (!hasShape(step.field, value) || !this.from(index + 1, end + span.text.length)) continue;
      fits = true;
      this.#tell(step.field.use, value);
      if (!this.#all) break;
    }
    if (this.#all) this.#known.set(key, fits);
    return fits;
  }

  #tell(use: string | null, value: string): void {
    if (use === null) return;
    if (this.#all && (this.values[use] ?? value) !== value) this.ambiguous = true;
    this.values[use] = value;
  }
}

function stepsOf(pieces: readonly Piece[]): { lead: string; steps: Step[] } {
  let lead = "";
  const steps: Step[] = [];
  const uses = new Set<string>();
  for (const written of pieces) {
    const before = steps.at(-1);
    const piece = typeof written === "string" ? written : onceUsed(written, uses);
    if (typeof piece !== "string") {
      // Two variables that nothing is made of may stand together: they are one.
      const merged = before && before.literal === "" && before.field.use === null && piece.use === null;
      if (merged) steps[steps.length - 1] = { field: together(before.field, piece), literal: "" };
      else steps.push({ field: piece, literal: "" });
    } else if (before) steps[steps.length - 1] = { ...before, literal: before.literal + piece };
    else lead += piece;
  }
  return { lead, steps };
}

/** The field, without its use where one before it serves for that. */
function onceUsed(field: Field, uses: Set<string>): Field {
  if (field.use === null) return field;
  if (uses.has(field.use)) return { ...field, use: null };
  uses.add(field.use);
  return field;
}

function together(a: Field, b: Field): Field {
  return { use: null, kind: ANYTHING, written: a.written + b.written };
}

/** Any text at all. */
export const ANYTHING: FieldKind = { extent: /.*/sy };

function hasShape(field: Field, value: string): boolean {
  const { shape } = field.kind;
  return shape === undefined || value === "" || value === "-" || shape.test(value);
}

/** Where the longest value that begins here ends. */
function reach(kind: FieldKind, line: string, at: number): number {
  kind.extent.lastIndex = at;
  return kind.extent.test(line) ? kind.extent.lastIndex : at;
}

/** Whether a text may stand inside a value, so that the value's end is not sure. */
function mayHold(field: Field, text: string): boolean {
  if (field.quotes) return true;
  return reach(field.kind, text, 0) === text.length;
}

/** Where the value of a step may lie, and the text that has to follow it. */
type Span = {
  readonly start: number;
  readonly limit: number;
  readonly text: string;
  /** The one place at which it can end; null where there may be several. */
  readonly only: number | null;
};

function spanOf(
  line: string,
  { field, literal }: Step,
  { at, last }: { at: number; last: boolean },
): Span | null {
  if (field.vanishes && literal.startsWith(" ") && line[at - 1] === " " && !inBraces(line, at))
    return { start: at, limit: at, text: literal.slice(1), only: at };
  const quoted = field.quotes !== undefined && line[at] === '"';
  if (field.quotes === "always" && !quoted) return null;
  const start = quoted ? at + 1 : at;
  const text = quoted ? `"${literal}` : literal;
  const limit = reach(quoted ? ANYTHING : field.kind, line, start);
  // Escaped quotes end nothing, so the first other one does.
  const closed = field.kind.escapes === true && !quoted && text.startsWith('"');
  return { start, limit, text, only: closed ? limit : last ? line.length - text.length : null };
}

/** The next place at which the value may end; -1 when there is none. */
function nextEnd(line: string, { start, limit, text, only }: Span, before: number | null): number {
  if (only !== null)
    return before === null && only >= start && only <= limit && line.startsWith(text, only) ? only : -1;
  const end = line.indexOf(text, before === null ? start : before + 1);
  return end <= limit ? end : -1;
}

function inBraces(line: string, at: number): boolean {
  return line[at] === "{" || (line[at] === '"' && line[at + 1] === "{");
}
