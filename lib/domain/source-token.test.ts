import { describe, expect, it } from "vitest";
import { boundProblem, matchesName, tokenState } from "./source-token.ts";

describe("patterns of names", () => {
  it.each([
    ["*", "", true],
    ["*", "anything", true],
    ["edge-eu-*", "edge-eu-1", true],
    ["edge-eu-*", "edge-us-1", false],
    ["*.example", "shop.example", true],
    ["*.example", "shop.example.org", false],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["shop", "shop.example", false],
    ["shop.example", "shop", false],
    ["Shop", "shop", false],
    [".*", "x", false],
  ])("%s and %s: %s", (pattern, name, expected) => {
    expect(matchesName(pattern, name)).toBe(expected);
  });

  it("cannot be made slow", () => {
    const beganMs = performance.now();
    expect(matchesName(`${"*a".repeat(100)}b`, "a".repeat(253))).toBe(false);
    expect(performance.now() - beganMs).toBeLessThan(1_000);
  });
});

describe("bounds", () => {
  const bounds = { endpoints: ["shop.*"], nodes: null };
  it("hold for names, and for what names nothing", () => {
    expect(boundProblem(bounds, { endpoint: "shop.example", node: "any" })).toBe(null);
    expect(boundProblem(bounds, { endpoint: "bank.example" })).toContain("may not write this endpoint");
    expect(boundProblem(bounds, { endpoint: null, node: "edge" })).toContain("no endpoint is named");
    expect(boundProblem(bounds, { node: "edge" })).toContain("no endpoint is named");
    expect(boundProblem({ endpoints: null, nodes: null }, {})).toBe(null);
  });
});

describe("a token", () => {
  it("ends when it expires, and is revoked above all", () => {
    expect(tokenState({ expiresMs: null, revokedMs: null }, 5)).toBe("usable");
    expect(tokenState({ expiresMs: 6, revokedMs: null }, 5)).toBe("usable");
    expect(tokenState({ expiresMs: 5, revokedMs: null }, 5)).toBe("expired");
    expect(tokenState({ expiresMs: 1, revokedMs: 9 }, 5)).toBe("revoked");
  });
});
