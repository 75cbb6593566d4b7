import { expect, it } from "vitest";
import { changedFields, inActionWords } from "./audit-words.ts";

it("names the fields in which a row differs", () => {
  expect(changedFields({ a: 1, b: { c: 2 }, d: null }, { a: 1, b: { c: 3 }, d: null })).toEqual([
    { name: "b", before: { c: 2 }, after: { c: 3 } },
  ]);
  expect(changedFields(null, { a: 1, b: null })).toEqual([{ name: "a", before: null, after: 1 }]);
  expect(changedFields({ a: 1 }, null)).toEqual([{ name: "a", before: 1, after: null }]);
  expect(changedFields({ a: 1 }, { a: 1 })).toEqual([]);
});

it("shows what was said, and several rows as one", () => {
  expect(changedFields({ a: 1 }, { a: 1, said: { text: "hm", name: null } })).toEqual([
    { name: "said: text", before: null, after: "hm" },
  ]);
  expect(changedFields([1], [1, 2])).toEqual([{ name: "rows", before: [1], after: [1, 2] }]);
});

it("has words, and leaves what it has none for", () => {
  expect(inActionWords("policy.threshold")).toBe("set a threshold");
  expect(inActionWords("brand.new")).toBe("brand.new");
});
