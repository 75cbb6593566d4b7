import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NUMBER, WHOLE, WORD } from "./kinds.ts";
import { ANYTHING, type Field, type FieldKind, type Piece, Template } from "./template.ts";

const field = (use: string | null, kind: FieldKind, more: Partial<Field> = {}): Field => ({
  use,
  kind,
  written: `$${use}`,
  ...more,
});
function read(pieces: readonly Piece[], line: string) {
  const template = Template.of(pieces);
  return typeof template === "string" ? template : template.read(line);
}

describe("reading", () => {
  it("takes values between the fixed texts, the last one to the end", () => {
    const pieces = ["<", field("a", WORD), "> ", field("b", ANYTHING)];
    expect(read(pieces, "<x> y z")).toEqual({ a: "x", b: "y z" });
    expect(read(pieces, "<x y> z")).toBeNull();
    expect(read(pieces, "x> z")).toBeNull();
  });

  it("wants the end that the format has", () => {
    expect(read([field("a", WORD), " end"], "x end")).toEqual({ a: "x" });
    expect(read([field("a", WORD), " end"], "x end ")).toBeNull();
  });

  it("goes on looking where a value would not be what it has to be", () => {
    expect(
      read([field("address", WORD), ":", field("port", WHOLE), " ", field("n", NUMBER)], "::1:8443 0.5"),
    ).toEqual({
      address: "::1",
      port: "8443",
      n: "0.5",
    });
  });

  it("says ambiguous where a line can be cut in ways that differ, and not where only unused values would", () => {
    const host = (use: string | null) => field(use, WORD);
    expect(read([host("a"), "-", host("b")], "x-y-z")).toBe("ambiguous");
    expect(read([host("a"), "-", host("b")], "x-y")).toEqual({ a: "x", b: "y" });
    expect(read([host(null), "-", host(null), " ", host("c")], "x-y-z w")).toEqual({ c: "w" });
  });

  it("looks at every way to cut a line, also those between the first and the last", () => {
    const pieces = [field(null, ANYTHING), " ", field("b", ANYTHING), " ", field(null, ANYTHING)];
    expect(read(pieces, "1 2 3 2 5")).toBe("ambiguous");
    expect(read(pieces, "1 2 3")).toEqual({ b: "2" });
  });

  it("takes the first of two fields for the same thing", () => {
    expect(read([field("a", WORD), ":", field("a", WORD, { quotes: "always" })], '-:""')).toEqual({ a: "-" });
  });

  it("takes values in quotes: always, or where they are", () => {
    const always = ["a=", field("a", ANYTHING, { quotes: "always" }), " ", field("b", WORD)];
    expect(read(always, 'a="x "y" z" w')).toEqual({ a: 'x "y" z', b: "w" });
    expect(read(always, "a=x w")).toBeNull();
    expect(read(["n=", field("n", WHOLE, { quotes: "perhaps" }), ";"], 'n="5";')).toEqual({ n: "5" });
    expect(read(["n=", field("n", WHOLE, { quotes: "perhaps" }), ";"], "n=5;")).toEqual({ n: "5" });
  });

  it("knows that an escaped quote ends nothing", () => {
    const json: FieldKind = { extent: /(?:[^"\\]|\\.)*/sy, escapes: true };
    expect(read(['"', field("a", json), '","', field("b", json), '"'], String.raw`"x\",\"y","z\\"`)).toEqual({
      a: String.raw`x\",\"y`,
      b: String.raw`z\\`,
    });
  });

  it("takes a space along with a value in braces that is not there", () => {
    const pieces = [field("a", WORD), " ", field(null, ANYTHING, { vanishes: true }), " ", field("b", WORD)];
    expect(read(pieces, "x {c d} y")).toEqual({ a: "x", b: "y" });
    expect(read(pieces, "x y")).toEqual({ a: "x", b: "y" });
  });
});

describe("compiling", () => {
  it("refuses values that nothing separates, by name, unless nothing is made of either", () => {
    expect(Template.of([field("a", WORD), field("b", WORD)])).toMatch(/separates \$a from \$b/);
    expect(Template.of([field("a", WORD), field(null, WORD)])).toMatch(/separates \$a from/);
    expect(read([field("a", WORD), " ", field(null, WORD), field(null, WORD)], "x yz")).toEqual({ a: "x" });
  });

  it("refuses more variables than any log has", () => {
    expect(Template.of(Array.from({ length: 300 }, () => [field(null, WORD), " "]).flat())).toMatch(
      /more than 250/,
    );
  });
});

it("gives up on a line that would take too long, instead of trying all ways", () => {
  const pieces = Array.from({ length: 40 }, (_, n) => [field(n === 0 ? "a" : null, ANYTHING), " "]).flat();
  expect(read([...pieces, field("n", WHOLE)], "x ".repeat(4_000))).toBe("ambiguous");
});

it("what was written by a format is read by it, or said to be ambiguous; never anything else", () => {
  const value = fc.string({ maxLength: 8 });
  const literal = fc.constantFrom(" ", "|", '" "', ", ", " - ", "][");
  fc.assert(
    fc.property(fc.array(fc.tuple(value, literal), { minLength: 1, maxLength: 6 }), value, (parts, last) => {
      const pieces = [
        ...parts.flatMap(([, text], n) => [field(`v${n}`, ANYTHING), text]),
        field("last", ANYTHING),
      ];
      const line = parts.map(([text, separator]) => text + separator).join("") + last;
      const expected = { ...Object.fromEntries(parts.map(([text], n) => [`v${n}`, text])), last };
      const values = read(pieces, line);
      if (values !== "ambiguous") expect(values).toEqual(expected);
    }),
    { numRuns: 2_000 },
  );
});
