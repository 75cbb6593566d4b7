import fc from "fast-check";
import { compress } from "snappyjs";
import { expect, it } from "vitest";
import { HttpProblem } from "../body.ts";
import { unsnap } from "./snappy.ts";

const MAX_BYTES = 100_000;

/** Bytes with repetitions, which compressors turn into copies, overlapping ones among them. */
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 90 })), { maxLength: 20 })
  .map((parts) =>
    Buffer.concat(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => bytes))),
  );

it("undoes what another implementation has compressed", () => {
  fc.assert(
    fc.property(repetitive, (bytes) => {
      const plain = new Uint8Array(bytes);
      expect(Buffer.from(unsnap(compress(plain), MAX_BYTES)).equals(bytes)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it("reads every kind of element as the format describes it", () => {
  // "abcd", then copies of every kind; then literals with lengths of one to four bytes.
  const elements = [
    [0x0c, 0x61, 0x62, 0x63, 0x64],
    [0x01, 0x04],
    [0x0e, 0x02, 0x00],
    [0x0f, 0x01, 0x00, 0x00, 0x00],
    [0xf0, 0x00, 0x31],
    [0xf4, 0x00, 0x00, 0x32],
    [0xf8, 0x00, 0x00, 0x00, 0x33],
    [0xfc, 0x00, 0x00, 0x00, 0x00, 0x34],
  ];
  const text = `abcd${"abcd"}${"cdcd"}${"dddd"}1234`;
  expect(Buffer.from(unsnap(Uint8Array.from([text.length, ...elements.flat()]), MAX_BYTES)).toString()).toBe(
    text,
  );
});

it.each([
  ["nothing", []],
  ["an endless length", [0x80, 0x80, 0x80, 0x80, 0x80, 0x01]],
  ["a length of 33 bits", [0xff, 0xff, 0xff, 0xff, 0x1f]],
  ["more than it says", [1, 0x04, 0x61, 0x62]],
  ["less than it says", [3, 0x04, 0x61, 0x62]],
  ["a literal cut short", [4, 0x0c, 0x61]],
  ["a copy before the start", [8, 0x00, 0x61, 0x01, 0x05]],
  ["a copy from nowhere", [8, 0x00, 0x61, 0x01, 0x00]],
  ["a copy cut short", [8, 0x00, 0x61, 0x02]],
  ["a literal that leads back", [1, 0xfc, 0xfa, 0xff, 0xff, 0xff, 0, 0, 0]],
  ["a promise that no block keeps", [0xff, 0xff, 0x03, 0x00, 0x61]],
])("refuses %s", (_what, bytes) => {
  expect(() => unsnap(Uint8Array.from(bytes), MAX_BYTES)).toThrow(expect.objectContaining({ status: 400 }));
});

it("looks at the length before anything else", () => {
  expect(() => unsnap(compress(new Uint8Array(MAX_BYTES + 1)), MAX_BYTES)).toThrow(
    expect.objectContaining({ status: 413 }),
  );
});

it("ends, with bytes or a problem, on any bytes and on damaged blocks", () => {
  const ends = (block: Uint8Array): void => {
    try {
      expect(unsnap(block, MAX_BYTES).length).toBeLessThanOrEqual(MAX_BYTES);
    } catch (error) {
      expect(error).toBeInstanceOf(HttpProblem);
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), ends), { numRuns: 3_000 });
  fc.assert(
    fc.property(repetitive, fc.nat(), fc.nat(255), (bytes, at, value) => {
      const block = compress(new Uint8Array(bytes));
      block[at % block.length] = value;
      ends(block);
    }),
    { numRuns: 1_000 },
  );
});
