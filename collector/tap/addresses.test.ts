import { isIPv6 } from "node:net";
import fc from "fast-check";
import { expect, it } from "vitest";
import { addressText, type NodeNames, readNodeNames } from "./addresses.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.padEnd(32, "0"), "hex");

it("writes addresses as RFC 5952 has them", () => {
  expect(addressText(Buffer.from([192, 0, 2, 1]))).toBe("192.0.2.1");
  expect(addressText(bytes(""))).toBe("::");
  expect(addressText(bytes("20010db8"))).toBe("2001:db8::");
  expect(addressText(bytes("20010db8000000010000000000000001"))).toBe("2001:db8:0:1::1");
  expect(addressText(bytes("20010db8000000000001000000000001"))).toBe("2001:db8::1:0:0:1");
  expect(addressText(bytes("00000000000000000000ffffc0000201"))).toBe("192.0.2.1");
});

it("writes every IPv6 address as the URL parser does", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 16, maxLength: 16 }), (list) => {
      const text = addressText(Uint8Array.from(list));
      if (!isIPv6(text)) return;
      expect(new URL(`http://[${text}]`).hostname).toBe(`[${text}]`);
    }),
  );
});

it("names servers by address and port, by address, or all alike", () => {
  const names = readNodeNames([
    "rest",
    "10.0.0.1=edge-1",
    "10.0.0.1:8443=edge-1b",
    "2001:DB8:0::2=six",
    "[2001:db8::2]:444=six-b",
  ]) as NodeNames;
  expect(names.of("10.0.0.1", 443)).toBe("edge-1");
  expect(names.of("10.0.0.1", 8_443)).toBe("edge-1b");
  expect(names.of("2001:db8::2", 443)).toBe("six");
  expect(names.of("2001:db8::2", 444)).toBe("six-b");
  expect(names.of("10.0.0.2", 443)).toBe("rest");
  expect((readNodeNames([]) as NodeNames).of("10.0.0.2", 443)).toBe("10.0.0.2");
  for (const wrong of ["edge=1", "10.0.0.1=", "10.0.0=x", "[::1=x"])
    expect(readNodeNames([wrong])).toContain("--node takes");
});
