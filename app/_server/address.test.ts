import { expect, it } from "vitest";
import { networksOf } from "@/lib/runtime/networks.ts";
import { addressBehind, addressOf } from "./address.ts";

const from = (headers: Record<string, string>) => addressOf(new Request("http://console.test/", { headers }));

it("takes the connection's peer, whatever the client says of itself", () => {
  expect(from({ "x-reprise-peer": "192.0.2.7", "x-forwarded-for": "198.51.100.1" })).toBe("192.0.2.7");
  expect(from({ "x-reprise-peer": "::ffff:192.0.2.7" })).toBe("192.0.2.7");
  expect(from({ "x-reprise-peer": "2001:db8::7" })).toBe("2001:db8::7");
});

it("takes what a reverse proxy on this host added last", () => {
  const peer = { "x-reprise-peer": "127.0.0.1" };
  expect(from(peer)).toBe("127.0.0.1");
  expect(from({ ...peer, "x-forwarded-for": "203.0.113.9, 198.51.100.1" })).toBe("198.51.100.1");
  expect(from({ ...peer, "x-forwarded-for": "<script>" })).toBe("127.0.0.1");
});

it("goes back over proxies that are trusted, and believes nobody else", () => {
  const isTrusted = networksOf("X", "127.0.0.0/8, 10.0.0.0/8") ?? (() => false);
  const behind = (headers: Record<string, string>) => addressBehind(new Headers(headers), isTrusted);
  const chain = { "x-reprise-peer": "10.0.0.2", "x-forwarded-for": "192.0.2.66, 203.0.113.9, 10.0.0.7" };
  expect(behind(chain)).toBe("203.0.113.9");
  expect(behind({ ...chain, "x-reprise-peer": "198.51.100.7" })).toBe("198.51.100.7");
  expect(behind({ ...chain, "x-forwarded-for": "10.0.0.9, 10.0.0.7" })).toBe("10.0.0.9");
  expect(behind({ ...chain, "x-forwarded-for": "203.0.113.9, nonsense" })).toBe("10.0.0.2");
});

it("does not guess", () => {
  expect(from({})).toBe(null);
  expect(from({ "x-forwarded-for": "198.51.100.1" })).toBe(null);
});
