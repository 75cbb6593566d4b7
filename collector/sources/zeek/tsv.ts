import type { Fields } from "../fields.ts";

/** A row of a Zeek table by column, or why it is none. */
export type Row =
  | { readonly ok: true; readonly fields: Fields }
  | { readonly ok: false; readonly reason: string };

/**
 * Zeek's tab-separated log format. A header of `#` lines describes the rows that follow, and may come again in a stream
 * with other columns (rotation, a new version, another script loaded). Keeps the newest header only.
 */
export class ZeekTable {
  #separator = "\t";
  #setSeparator = ",";
  #empty = "(empty)";
  #unset = "-";
  #columns: readonly string[] | null = null;

  /** Takes a line that begins with "#". */
  header(line: string): void {
    // The only directive that cannot use the separator itself: a blank, then the separator with its escapes.
    if (line.startsWith("#separator ")) {
      this.#separator = unescaped(line.slice("#separator ".length)) || "\t";
      this.#columns = null;
      return;
    }
    const [directive = "", ...values] = line.split(this.#separator);
    const [value = ""] = values;
    if (directive === "#set_separator") this.#setSeparator = unescaped(value) || ",";
    else if (directive === "#empty_field") this.#empty = value;
    else if (directive === "#unset_field") this.#unset = value;
    else if (directive === "#fields") this.#columns = values;
  }

  /** Whether the newest header has all of these columns; null before any header. */
  has(columns: readonly string[]): boolean | null {
    const own = this.#columns;
    return own === null ? null : columns.every((column) => own.includes(column));
  }

  /** A row's values by column: null where unset, lists (of the columns named) as arrays, all else as text. */
  row(line: string, lists: ReadonlySet<string>): Row {
    if (this.#columns === null) return { ok: false, reason: "no #fields header came before this line" };
    const values = line.split(this.#separator);
    if (values.length !== this.#columns.length)
      return { ok: false, reason: "the line has not as many columns as its #fields header" };
    const entries = this.#columns.map((column, index): [string, unknown] => [
      column,
      this.#value(values[index] ?? "", lists.has(column)),
    ]);
    return { ok: true, fields: Object.fromEntries(entries) };
  }

  #value(raw: string, isList: boolean): unknown {
    if (raw === this.#unset) return null;
    if (isList) return raw === this.#empty ? [] : raw.split(this.#setSeparator).map(unescaped);
    return raw === this.#empty ? "" : unescaped(raw);
  }
}

/** Zeek writes bytes that could be mistaken as `\xNN`; runs of them are read as UTF-8. */
function unescaped(text: string): string {
  return text.replace(/(?:\\x[0-9a-fA-F]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll("\\x", ""), "hex").toString("utf8"),
  );
}
