import { expect, it } from "vitest";
import { parseJson } from "./json.ts";

const nested = (depth: number, inside = "1"): string => "[".repeat(depth) + inside + "]".repeat(depth);

it("reads JSON as JSON.parse does", () => {
  for (const text of ["{}", "[1,2]", '"x"', "null", nested(1_000), `{"a":"${"[{".repeat(2_000)}"}`])
    expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
  for (const text of ["", "{", "[1,", "x", `${" ".repeat(2_000)}{`])
    expect(() => parseJson(text)).toThrow(SyntaxError);
});

it("refuses what nests too deep, whether or not it is JSON otherwise", () => {
  for (const text of [nested(1_001), "[".repeat(5_000), '{"b":1,"a":'.repeat(8_000), "[1,".repeat(30_000)])
    expect(() => parseJson(text)).toThrow("JSON nests deeper than 1000");
});

it("counts no bracket inside a text, however its quotes are escaped", () => {
  const brackets = "[".repeat(1_500);
  for (const text of [
    `["\\"${brackets}"]`,
    `["\\\\",${JSON.stringify(brackets)}]`,
    `["a\\\\\\"${brackets}"]`,
  ])
    expect(parseJson(text)).toEqual(JSON.parse(text));
  // The text ends before the brackets here: an even number of backslashes escapes no quote.
  expect(() => parseJson(`["\\\\"${brackets}`)).toThrow("nests deeper");
});
