import fc from "fast-check";
import { expect, it } from "vitest";
import {
  bool,
  bytes,
  double,
  fixed64,
  int64,
  message,
  nested,
  sfixed64,
  text,
} from "../../tests/support/protobuf.ts";
import { HttpProblem } from "./body.ts";
import { LOGS_REQUEST, METRICS_REQUEST } from "./otlp/messages.ts";
import { decodeProtobuf, type ProtoMessage } from "./protobuf.ts";

const MANY = 10_000;
const ITEM: ProtoMessage = {
  1: { name: "name", type: "string" },
  2: { name: "value", type: "double" },
};
const BOX: ProtoMessage = {
  1: { name: "items", type: ITEM, repeated: true },
  2: { name: "only", type: ITEM },
  3: { name: "count", type: "int64" },
  4: { name: "at", type: "fixed64" },
  5: { name: "change", type: "sfixed64" },
  6: { name: "on", type: "bool" },
  7: { name: "small", type: "uint32" },
};
const status = (body: Uint8Array, most = MANY): number => {
  try {
    decodeProtobuf(body, BOX, most);
    return 200;
  } catch (error) {
    return error instanceof HttpProblem ? error.status : 0;
  }
};

it("reads what it knows, skips what it does not, and leaves out what is not there", () => {
  const body = message(
    nested(1, text(1, "é"), double(2, 1.5)),
    text(99, "unknown"),
    nested(1),
    int64(3, -7),
    fixed64(4, 2n ** 64n - 1n),
    sfixed64(5, -3),
    bool(6, true),
    int64(7, 8),
  );
  expect(decodeProtobuf(body, BOX, MANY)).toEqual({
    items: [{ name: "é", value: 1.5 }, {}],
    count: -7n,
    at: 2n ** 64n - 1n,
    change: -3n,
    on: true,
    small: 8,
  });
});

it("skips a known field of another wire type, and groups", () => {
  const group = [(5 << 3) | 3, (1 << 3) | 0, 1, (5 << 3) | 4];
  expect(decodeProtobuf(message(text(3, "no number"), double(1, 1)), BOX, MANY)).toEqual({});
  expect(decodeProtobuf(Uint8Array.from(group), ITEM, MANY)).toEqual({});
});

it.each([
  ["a tag alone", [0x0a]],
  ["a length beyond the end", [0x0a, 0x7f, 1]],
  ["a length of 4 GiB", [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]],
  ["a field that reaches out of its message", [0x0a, 0x02, 0x0a, 0x05, 0x61, 0x62, 0x63, 0x64, 0x65]],
  ["field 0", [0x00, 0x00]],
  ["an endless varint", [0x18, ...new Array(11).fill(0xff)]],
  ["a number cut short", [0x21, 1, 2, 3]],
  ["an end of a group that did not begin", [(5 << 3) | 4]],
  ["groups without end", new Array(5_000).fill((9 << 3) | 3)],
])("refuses %s", (_what, body) => {
  expect(status(Uint8Array.from(body))).toBe(400);
});

it("makes no more messages than it may", () => {
  const body = message(...Array.from({ length: 100 }, () => nested(1, text(1, "a"))));
  expect([status(body, 101), status(body, 100)]).toEqual([200, 413]);
});

it("ends, with a value or a problem, on any bytes and on damaged messages", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
      expect([200, 400]).toContain(status(body));
    }),
    { numRuns: 3_000 },
  );
  const good = message(
    nested(1, text(1, "x".repeat(50)), double(2, 3)),
    nested(2, text(1, "y")),
    bytes(1, message(double(2, 1))),
  );
  fc.assert(
    fc.property(fc.nat(good.length), fc.nat(), fc.nat(255), (length, at, value) => {
      const body = good.slice(0, length);
      if (length > 0) body[at % length] = value;
      expect([200, 400]).toContain(status(body));
    }),
    { numRuns: 3_000 },
  );
});

it("takes as long as the body is, however it is nested", () => {
  // Messages in messages: the description ends where the depth does, and the rest is one field to skip.
  let body: Uint8Array<ArrayBuffer> = message(text(1, "x"));
  for (let depth = 0; depth < 2_000; depth += 1) body = message(bytes(depth % 2 === 0 ? 2 : 1, body));
  for (const description of [LOGS_REQUEST, METRICS_REQUEST, BOX])
    expect(() => decodeProtobuf(body, description, MANY)).not.toThrow(RangeError);
});
