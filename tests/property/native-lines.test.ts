/** Lines that are read by the patterns of earlier ones mean exactly what the parser would have made of each. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { emptyIntake, type Intake, refuse, take } from "../../collector/pipeline/intake.ts";
import { decodeWire } from "../../collector/sources/native/parse.ts";
import { nativeSource } from "../../collector/sources/native/source.ts";
import { logOrigin } from "../../collector/sources/source.ts";
import { NativeLines } from "../../collector/transports/native-lines.ts";

const NOW = Date.UTC(2026, 10, 24, 12);
const WINDOW = { nowMs: NOW, maxPastMs: 3_600_000, maxFutureMs: 60_000 };
const MOST_BYTES = 16_384;

const intake = (): Intake =>
  emptyIntake({ source: "native", transport: "http", sender: "" }, logOrigin(nativeSource));

function takeLine(into: Intake, line: string, index: number): void {
  if (line.length > MOST_BYTES) {
    refuse(into, index, { reason: "too long", line });
    return;
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    refuse(into, index, { reason: "not JSON", line });
    return;
  }
  take(into, decodeWire("handshake", value), { index, line, window: WINDOW });
}

/** Handshakes and refusals of a body, by the parser alone. */
function parsed(body: string): { told: string[]; errors: unknown } {
  const into = intake();
  body.split("\n").forEach((line, index) => {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (text.trim() !== "") takeLine(into, text, index);
  });
  return { told: into.handshakes.map((one) => JSON.stringify(one)).sort(), errors: into.errors };
}

/** The same by patterns, of a reader that has read before. */
function read(lines: NativeLines, body: string): { told: string[]; errors: unknown; plain: number } {
  const into = intake();
  lines.read(Buffer.from(body), into, {
    window: WINDOW,
    parse: (line, index) => takeLine(into, line, index),
  });
  const { plain } = into;
  const byPattern = Array.from({ length: plain.length }, (_, index) => plain.at(index));
  const keys = Object.keys(into.handshakes[0] ?? byPattern[0] ?? {});
  const told = [...into.handshakes, ...byPattern].map((one) => JSON.stringify(one, keys)).sort();
  return { told, errors: into.errors, plain: plain.length };
}

const number = fc.oneof(
  fc.integer({ min: 0, max: 5_000 }),
  fc.constantFrom(0, 1, 2 ** 31, 2 ** 32, 999_999_999_999_999, 2 ** 53, 1e20, -1, 1.5),
);
const ts = fc.oneof(
  fc.integer({ min: NOW - 3_000_000, max: NOW + 59_000 }),
  fc.constantFrom(
    NOW - 3_600_001,
    NOW - 3_600_000,
    NOW + 60_000,
    NOW + 60_001,
    NOW / 1_000,
    "2026-11-24T12:00:00Z",
  ),
);
const event = fc.record(
  {
    ts,
    endpoint: fc.constantFrom("shop", "é:1", 'q"uote', "back\\slash", "12", "", "a,b}", "{x:1}", null),
    node: fc.constantFrom("n1", ":5 ", "n2"),
    outcome: fc.constantFrom("full", "resumed", "failed", null, "other"),
    protocol: fc.constantFrom("TLSv1.3", "TLSv1.2"),
    reason: fc.constantFrom(null, "unknown_key"),
    handshakeUs: number,
    ttfbUs: number,
    ticketAgeS: number,
    count: fc.oneof(fc.constant(1), number),
    unknown: number,
    ticketId: fc.constantFrom(null, "aa"),
  },
  { requiredKeys: ["ts", "outcome"] },
);
/** JSON as senders write it: with and without spaces, in any order, twice the same name, with what is no JSON around it. */
const line = fc
  .tuple(
    event,
    fc.constantFrom("plain", "spaced", "tabbed", "shuffled", "twice", "cr", "tail", "cut", "nested"),
  )
  .map(([value, how]) => {
    const text = JSON.stringify(value);
    if (how === "spaced") return text.replaceAll('":', '" : ').replaceAll(',"', ' , "');
    if (how === "tabbed") return text.replaceAll('":', '":\t');
    if (how === "shuffled") return JSON.stringify(Object.fromEntries(Object.entries(value).reverse()));
    if (how === "twice") return text.replace("{", '{"ts":1,"handshakeUs":7,');
    if (how === "cr") return `${text}\r`;
    if (how === "tail") return `${text} 5`;
    if (how === "nested") return text.replace("{", '{"more":{"ts":5},');
    return how === "cut" ? text.slice(0, text.length - 3) : text;
  });

it("mean what the parser makes of them, and are counted at the same index", () => {
  // One reader for all: what it learnt of one body must not change another.
  const lines = new NativeLines(MOST_BYTES);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(line, fc.constantFrom("", "  ", "x", "{}", "5")), { maxLength: 20 }),
      (list) => {
        const body = list.join("\n");
        const expected = parsed(body);
        for (const _ of ["learning", "knowing"]) {
          const { told, errors } = read(lines, body);
          expect(told).toEqual(expected.told);
          expect(errors).toEqual(expected.errors);
        }
      },
    ),
    { numRuns: 400 },
  );
});

const usual = (atMs: number, us: number, endpoint = "shop"): string =>
  JSON.stringify({ ts: atMs, endpoint, outcome: "full", handshakeUs: us });

it("are read without the parser once their pattern is known", () => {
  const lines = new NativeLines(MOST_BYTES);
  const body = Array.from({ length: 500 }, (_, i) => usual(NOW - i, i, `shop-${i % 5}`)).join("\n");
  expect(read(lines, body).plain).toBe(495);
  expect(read(lines, body).plain).toBe(500);
});

it("are bounded in what is remembered of them: new patterns take the place of all", () => {
  const lines = new NativeLines(MOST_BYTES);
  for (let round = 0; round < 3; round += 1) {
    const body = Array.from({ length: 30_000 }, (_, i) => usual(NOW, 1, `e-${round}-${i}`)).join("\n");
    const { told, plain } = read(lines, body);
    expect([told.length, plain]).toEqual([30_000, 0]);
  }
  // The first ones were forgotten, and are learnt anew.
  expect(read(lines, usual(NOW, 1, "e-0-5")).plain).toBe(0);
  expect(read(lines, usual(NOW, 2, "e-0-5")).plain).toBe(1);
});

it("of any length are found in bodies of any size, whole or in portions", () => {
  const lines = new NativeLines(MOST_BYTES);
  const long = JSON.stringify({ ts: NOW, outcome: "full", endpoint: "x", more: "y".repeat(1_200_000) });
  const near = JSON.stringify({ ts: NOW, outcome: "full", endpoint: "x", more: "y".repeat(16_000) });
  const many = Array.from({ length: 40_000 }, (_, i) => usual(NOW - (i % 1_000), i));
  const body = [...many, long, near, ...many, long].join("\n");
  for (const _ of ["learning", "knowing"]) {
    const { told, errors } = read(lines, body);
    expect(told).toHaveLength(80_001);
    expect(errors).toMatchObject([{ index: 40_000 }, { index: 80_002 }]);
  }
});
