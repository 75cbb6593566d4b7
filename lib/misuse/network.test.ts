import { describe, expect, it } from "vitest";
import { networkOf } from "./network.ts";

const SEED = 77;
const same = (a: string, b: string): boolean => networkOf(a, SEED) === networkOf(b, SEED);

describe("the network of a client", () => {
  it("is the /24 of an IPv4 address, however it is written", () => {
    expect(same("192.0.2.1", "192.0.2.254")).toBe(true);
    expect(same("192.0.2.1", "192.0.3.1")).toBe(false);
    expect(same("192.0.2.1", "192.0.2.9:44321")).toBe(true);
    expect(same("192.0.2.1", "::ffff:192.0.2.9")).toBe(true);
    expect(same("192.0.2.1", "[::FFFF:192.0.2.9]:443")).toBe(true);
  });

  it("is the /48 of an IPv6 address, however it is written", () => {
    expect(same("2001:db8:1::1", "2001:DB8:0001:ffff::2")).toBe(true);
    expect(same("2001:db8:1::1", "2001:db8:2::1")).toBe(false);
    expect(same("2001:db8::1", "2001:0db8:0000:0001::")).toBe(true);
    expect(same("[2001:db8:1::1]:443", "2001:db8:1:2::9")).toBe(true);
    expect(same("::1", "0:0:0::1")).toBe(true);
  });

  it("is the whole name where it is no address, and another with another seed", () => {
    expect(same("client-1", "client-1")).toBe(true);
    expect(same("client-1", "client-2")).toBe(false);
    expect(networkOf("192.0.2.1", 1)).not.toBe(networkOf("192.0.2.1", 2));
    expect(networkOf(null, SEED)).toBeNull();
    expect(networkOf("", SEED)).toBeNull();
  });
});
