import { expect, it } from "vitest";
import { DEFAULT_RULES } from "@/lib/alerting/defaults.ts";
import { draftOf, idOf, judge, NEW_DRAFT } from "./rule-draft.ts";
import { matchersInUrl, matchersOfUrl } from "./words.ts";

it.each(DEFAULT_RULES.map((rule) => [rule.id, rule] as const))(
  "%s goes through its form unchanged",
  (_, rule) => {
    expect(judge(draftOf(rule))).toEqual({ rule, problems: {} });
  },
);

it("a new rule lacks a title and an id, in their fields", () => {
  expect(Object.keys(judge(NEW_DRAFT).problems).sort()).toEqual(["id", "title"]);
  expect(judge({ ...NEW_DRAFT, title: "Low", id: "low" }).rule).toMatchObject({
    condition: { metric: "accept_rate", value: 0.8, window: 300_000 },
    for: 300_000,
  });
});

it("says in which field what is wrong", () => {
  const wrong = { ...NEW_DRAFT, title: "Low", id: "Low", "condition.window": "soon", "condition.value": "x" };
  expect(Object.keys(judge(wrong).problems).sort()).toEqual(["condition.value", "condition.window", "id"]);
  expect(judge({ ...NEW_DRAFT, title: "Low", id: "low", by: "planet" }).problems.by).toBeDefined();
});

it("makes ids of titles", () => {
  expect(idOf("Accept rate is low (EU)!")).toBe("accept-rate-is-low-eu");
});

it("matchers stand in an address as they are", () => {
  const matchers = [
    { label: "endpoint", operator: "is", value: "shop.example" },
    { label: "node", operator: "not_like", value: "edge-*" },
    { label: "rule", operator: "is_not", value: "" },
  ] as const;
  expect(matchersOfUrl(matchersInUrl(matchers))).toEqual(matchers);
  expect(matchersOfUrl("nothing; endpoint=")).toEqual([{ label: "endpoint", operator: "is", value: "" }]);
});
