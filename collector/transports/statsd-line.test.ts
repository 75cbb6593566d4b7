import fc from "fast-check";
import { expect, it } from "vitest";
import { parseStatsdLine } from "./statsd-line.ts";

const counter = (name: string, count: number, tags: Record<string, string> = {}) => ({
  kind: "counter",
  counter: { name, count, tags },
});

it.each([
  ["envoy.listener.0.0.0.0_8443.ssl.handshake:1|c", counter("envoy.listener.0.0.0.0_8443.ssl.handshake", 1)],
  ["a:3|c|@0.1", counter("a", 30)],
  [
    "a:2|c|#host:edge-1,region:eu-west,flag,url:http://x",
    counter("a", 2, { host: "edge-1", region: "eu-west", flag: "", url: "http://x" }),
  ],
  ["a:1|c|#k:v|@0.5|c:container|T1656581400", counter("a", 2, { k: "v" })],
  ["a:1:2:3|c", counter("a", 6)],
  ["a;host=edge-1;k=:1|c", counter("a", 1, { host: "edge-1", k: "" })],
  ["a:0|c", counter("a", 0)],
])("reads %s", (line, parsed) => {
  expect(parseStatsdLine(line)).toEqual(parsed);
});

it.each(["a:1|g", "a:+1|g", "a:320|ms|@0.1", "a:user|s", "a:1:2|d", "_e{1,1}:a|b", "_sc|a|0"])(
  "leaves %s to others",
  (line) => {
    expect(parseStatsdLine(line)).toEqual({ kind: "other" });
  },
);

it.each([
  "",
  "a",
  "a:1",
  ":1|c",
  ";k=v:1|c",
  "a:|c",
  "a:x|c",
  "a:-1|c",
  "a:NaN|c",
  "a:1|c|@0",
  "a:1|c|@2",
  "a:1|q",
])("finds %s malformed", (line) => {
  expect(parseStatsdLine(line)).toEqual({ kind: "malformed" });
});

it("says something of any line", () => {
  const piece = fc.constantFrom(
    "a",
    ":",
    "|",
    "c",
    "@",
    "#",
    ",",
    "1",
    "0.1",
    ";",
    "=",
    "-",
    "e",
    "_e{",
    "\u0000",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 30 }).map((parts) => parts.join("")),
      ),
      (line) => {
        const parsed = parseStatsdLine(line);
        if (parsed.kind === "counter") expect(parsed.counter.count).toBeGreaterThanOrEqual(0);
        else expect(["other", "malformed"]).toContain(parsed.kind);
      },
    ),
    { numRuns: 3_000 },
  );
});
