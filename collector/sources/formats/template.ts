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
type Read = { readonly starts: Int32Array; readonly ends: Int32Array };

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
    const budget = { left: MAX_TRIES };
    const first = this.#search(line, false, budget);
    if (first === null) return budget.left > 0 ? null : "ambiguous";
    const values = this.#valuesOf(line, first);
    if (!this.#loose) return values;
    // The first and the last way to cut the line: where they agree, there is no other.
    const last = this.#search(line, true, { left: MAX_TRIES });
    if (last === null) return "ambiguous";
    const others = this.#valuesOf(line, last);
    return Object.keys(values).every((use) => values[use] === others[use]) ? values : "ambiguous";
  }

  #valuesOf(line: string, read: Read): Values {
    const values: Record<string, string> = {};
    for (const [index, { field }] of this.#steps.entries())
      if (field.use !== null) values[field.use] = line.slice(read.starts[index], read.ends[index]);
    return values;
  }

  #search(line: string, fromRight: boolean, budget: { left: number }): Read | null {
    const steps = this.#steps;
    const read = { starts: new Int32Array(steps.length), ends: new Int32Array(steps.length) };
    let dead: Set<number> | null = null;
    const visit = (index: number, at: number): boolean => {
      const step = steps[index];
      if (!step) return at === line.length;
      const key = index * (line.length + 1) + at;
      if (dead?.has(key)) return false;
      const last = index === steps.length - 1;
      for (const cut of cuts(line, at, { step, last, fromRight })) {
        budget.left -= 1;
        if (budget.left <= 0) return false;
        if (!fits(step.field, line.slice(cut.start, cut.end)) || !visit(index + 1, cut.next)) continue;
        read.starts[index] = cut.start;
        read.ends[index] = cut.end;
        return true;
      }
      dead ??= new Set();
      dead.add(key);
      return false;
    };
    return visit(0, this.#lead.length) ? read : null;
  }
}

function stepsOf(pieces: readonly Piece[]): { lead: string; steps: Step[] } {
  let lead = "";
  const steps: Step[] = [];
  for (const piece of pieces) {
    const before = steps.at(-1);
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

function together(a: Field, b: Field): Field {
  return { use: null, kind: ANYTHING, written: a.written + b.written };
}

/** Any text at all. */
export const ANYTHING: FieldKind = { extent: /.*/sy };

function fits(field: Field, value: string): boolean {
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

type Cut = { readonly start: number; readonly end: number; readonly next: number };
type At = { readonly step: Step; readonly last: boolean; readonly fromRight: boolean };

/** The places at which a value that begins here may end, in the order in which they are tried. */
function* cuts(line: string, at: number, { step, last, fromRight }: At): Generator<Cut> {
  const { field, literal } = step;
  if (field.vanishes && literal.startsWith(" ") && line[at - 1] === " " && !inBraces(line, at)) {
    if (line.startsWith(literal.slice(1), at)) yield { start: at, end: at, next: at + literal.length - 1 };
    return;
  }
  const quoted = field.quotes !== undefined && line[at] === '"';
  if (field.quotes === "always" && !quoted) return;
  const start = quoted ? at + 1 : at;
  const text = quoted ? `"${literal}` : literal;
  const limit = reach(quoted ? ANYTHING : field.kind, line, start);
  const fixed = field.kind.escapes === true && text.startsWith('"') && !quoted;
  if (last || fixed) {
    const end = fixed ? limit : line.length - text.length;
    if (end >= start && end <= limit && line.startsWith(text, end))
      yield { start, end, next: end + text.length };
    return;
  }
  let end = fromRight ? line.lastIndexOf(text, limit) : line.indexOf(text, start);
  while (end >= start && end <= limit) {
    yield { start, end, next: end + text.length };
    if (fromRight && end === 0) return;
    end = fromRight ? line.lastIndexOf(text, end - 1) : line.indexOf(text, end + 1);
  }
}

function inBraces(line: string, at: number): boolean {
  return line[at] === "{" || (line[at] === '"' && line[at + 1] === "{");
}
