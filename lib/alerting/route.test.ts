import { describe, expect, it } from "vitest";
import { alertRoute } from "../domain/alert-routing.ts";
import { like, matches, silencedBy } from "./match.ts";
import { DEFAULT_DESTINATION, destinationsOf } from "./route.ts";

describe("matchers", () => {
  it("compare, with * for anything, and take what is not there for the empty text", () => {
    const labels = { endpoint: "shop.example", node: "edge-eu-1" };
    expect(matches([{ label: "node", operator: "like", value: "edge-*-1" }], labels)).toBe(true);
    expect(matches([{ label: "node", operator: "not_like", value: "edge-us-*" }], labels)).toBe(true);
    expect(matches([{ label: "region", operator: "is", value: "" }], labels)).toBe(true);
    expect(matches([{ label: "region", operator: "is_not", value: "" }], labels)).toBe(false);
    expect(matches([{ label: "constructor", operator: "is", value: "" }], labels)).toBe(true);
  });

  it.each([
    ["", "*", true],
    ["abc", "a*c", true],
    ["ac", "a*c", true],
    ["ab", "a*b*b", false],
    ["abab", "a*b", true],
    ["aba", "ab*ba", false],
    ["a.c", "a*b*c", false],
    ["a", "a", true],
    ["a", "A", false],
  ])("%j like %j: %s", (text, pattern, is) => expect(like(text, pattern)).toBe(is));

  it("are done quickly with a hostile pattern", () => {
    const started = performance.now();
    expect(like("a".repeat(253), `${"a*".repeat(120)}b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it("silence within their time only", () => {
    const silence = {
      ...{ id: "s", author: null, reason: "move", startsMs: 10, endsMs: 20 },
      matchers: [{ label: "endpoint", operator: "is" as const, value: "shop" }],
    };
    expect([9, 10, 19, 20].map((now) => silencedBy([silence], { endpoint: "shop" }, now)?.id)).toEqual([
      undefined,
      "s",
      "s",
      undefined,
    ]);
    expect(silencedBy([silence], { endpoint: "other" }, 15)).toBeNull();
  });
});

describe("routes", () => {
  const tree = alertRoute.parse({
    receiver: "mail",
    groupBy: ["endpoint", "node"],
    routes: [
      {
        matchers: [{ label: "severity", value: "page" }],
        receiver: "pager",
        repeatInterval: "1h",
        continue: true,
      },
      {
        matchers: [{ label: "team", value: "edge" }],
        routes: [{ matchers: [{ label: "severity", value: "page" }], receiver: "edge-pager" }],
        receiver: "edge",
      },
    ],
  });

  it("take an alert to the deepest branch that fits, with what branches above said", () => {
    expect(destinationsOf(tree, { severity: "info" })).toEqual([
      { ...DEFAULT_DESTINATION, receiver: "mail", groupBy: ["endpoint", "node"] },
    ]);
    expect(destinationsOf(tree, { severity: "page", team: "edge" }).map(({ receiver }) => receiver)).toEqual([
      "pager",
      "edge-pager",
    ]);
    expect(destinationsOf(tree, { severity: "page" })[0]).toMatchObject({ repeatIntervalMs: 3_600_000 });
    expect(destinationsOf(tree, { severity: "info", team: "edge" })[0]?.receiver).toBe("edge");
  });

  it("lead nowhere where nobody is named", () => {
    expect(destinationsOf(alertRoute.parse({}), {})).toEqual([]);
  });
});
