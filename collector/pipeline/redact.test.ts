import { expect, it } from "vitest";
import { MAX_EVIDENCE, redact } from "./redact.ts";

it.each([
  ["client 203.0.113.7:51341 refused", "client x.x.x.x:51341 refused"],
  ["from [2001:db8::1]:443 at 10:11:12", "from [x::x]:443 at 10:11:12"],
  ["addr fe80:0:0:0:1:2:3:4 end", "addr x::x end"],
  ['"sid":"a1b2c3d4e5f60718293a4b5c6d7e8f90","x":1', '"sid":"…","x":1'],
  ["ticket dGhpcyBpcyBhIHRpY2tldCB0aGF0IGlzIGxvbmc= end", "ticket … end"],
  ["GET /a?token=abc&b=1 HTTP/1.1", "GET /a?… HTTP/1.1"],
  ["from ann@example.org", "from …@…"],
  ["2026/11/24 10:11:12 [info] 12#12: x", "2026/11/24 10:11:12 [info] 12#12: x"],
])("%s", (line, expected) => {
  expect(redact(line)).toBe(expected);
});

it("bounds what it keeps, keeps it on one line, and is quick on a hostile one", () => {
  expect(redact("a\n\u2028b\u0000c")).toBe("a  b c");
  for (const junk of [
    "a:".repeat(500_000),
    "1.".repeat(500_000),
    "?".repeat(500_000),
    "@a".repeat(500_000),
  ]) {
    const started = performance.now();
    expect(redact(junk).length).toBeLessThanOrEqual(MAX_EVIDENCE);
    expect(performance.now() - started).toBeLessThan(100);
  }
});
