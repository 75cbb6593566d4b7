import { describe, expect, it } from "vitest";
import { networkOf, RateLimit } from "./rate-limit.ts";

describe("a rate limit", () => {
  it("lets a minute's worth through at once, then as fast as it comes back", () => {
    let nowMs = 0;
    const limit = new RateLimit(60, () => nowMs);
    for (let n = 0; n < 60; n += 1) {
      expect(limit.waitS("a")).toBe(null);
      limit.take("a", 1);
    }
    expect(limit.waitS("a")).toBe(1);
    expect(limit.waitS("b")).toBe(null);
    nowMs = 1_000;
    expect(limit.waitS("a")).toBe(null);
    limit.take("a", 61);
    expect(limit.waitS("a")).toBe(61);
    nowMs += 61_000;
    expect(limit.waitS("a")).toBe(null);
  });

  it("saves up no more than a minute's worth, and nothing while a clock runs back", () => {
    let nowMs = 1_000_000;
    const limit = new RateLimit(60, () => nowMs);
    limit.take("a", 60);
    nowMs -= 500_000;
    expect(limit.waitS("a")).toBe(1);
    nowMs += 3_600_000;
    limit.take("a", 60);
    expect(limit.waitS("a")).toBe(1);
  });

  it("is none where it is 0", () => {
    const limit = new RateLimit(0, () => 0);
    limit.take("a", 1e12);
    expect(limit.waitS("a")).toBe(null);
  });
});

it.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "::ffff:192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  ["fe80::1%eth0", "fe80:0:0:0"],
  ["", ""],
])("%s counts as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
