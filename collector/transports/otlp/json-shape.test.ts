import fc from "fast-check";
import { expect, it } from "vitest";
import { checkShape } from "./json-shape.ts";

const check = (json: string, most = 1_000_000) => checkShape(Buffer.from(json), most);

it("lets any honest JSON pass, brackets within texts too", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 30 }), (json) => {
      expect(() => check(json)).not.toThrow();
    }),
  );
  expect(() => check(JSON.stringify({ a: '\\"[[[{'.repeat(100) }))).not.toThrow();
});

it("refuses what is deep or wide, as soon as it is", () => {
  expect(() => check("[".repeat(65))).toThrow(expect.objectContaining({ status: 400 }));
  expect(() => check("[".repeat(64))).not.toThrow();
  expect(() => check(`[${"{},".repeat(10)}1]`, 10)).toThrow(expect.objectContaining({ status: 413 }));
  expect(() => check(`[${"{},".repeat(9)}1]`, 10)).not.toThrow();
});
