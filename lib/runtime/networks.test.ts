import { describe, expect, it } from "vitest";
import { isLoopback, networksOf } from "./networks.ts";

it.each([
  ["127.0.0.1", true],
  ["127.9.8.7", true],
  ["::1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
  ["127.0.0.1.example", false],
  ["localhost.example", false],
  ["", false],
])("%s is loopback: %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

describe("allowed networks", () => {
  it("hold the addresses that lie within, however they are written", () => {
    const allowed = networksOf("X", "10.0.0.0/8, 192.0.2.7 ,2001:db8::/32");
    const inside = ["10.255.0.1", "::ffff:10.1.2.3", "192.0.2.7", "2001:db8:9::1", "2001:db8::1%eth0"];
    for (const address of inside) expect([address, allowed?.(address)]).toEqual([address, true]);
    for (const address of ["11.0.0.1", "192.0.2.8", "2001:db9::1", "::1", "", "10.0.0", "x"])
      expect([address, allowed?.(address)]).toEqual([address, false]);
  });

  it("are none where nothing is named, and no guess where it makes no sense", () => {
    expect(networksOf("X", " , ")).toBe(null);
    for (const text of [
      "example.com",
      "10.0.0.0/33",
      "10.0.0.0/-1",
      "10.0.0.0/8/8",
      "10.0.0.0/x",
      "::/129",
      "10.0.0.0/",
    ])
      expect(() => networksOf("X", text)).toThrow("X names");
  });
});
