import { expect, it } from "vitest";
import { DEFAULT_RULES } from "../alerting/defaults.ts";
import { alertRoute } from "../domain/alert-routing.ts";
import { parseAlertFile, printAlertFile } from "./alert-yaml.ts";

it("writes every shipped rule and a route so that they read the same", () => {
  const route = alertRoute.parse({
    ...{ receiver: "mail", groupBy: ["endpoint"], groupWait: "10s" },
    routes: [
      {
        matchers: [{ label: "severity", value: "page" }],
        receiver: "pager",
        continue: true,
        repeatInterval: "1h",
      },
    ],
  });
  const text = printAlertFile({ rules: DEFAULT_RULES, route });
  expect(text).toContain("for: 30m");
  expect(text).not.toContain("enabled");
  expect(parseAlertFile(text, "rules.yaml")).toEqual({ rules: DEFAULT_RULES, receivers: [], route });
});

it("says in which line what is wrong", () => {
  const rule = (more: string): string => `rules:
  - id: low
    title: Low
    severity: page
${more}`;
  const condition = "    condition: { kind: key_age, most: 24h }\n";
  expect(() => parseAlertFile(rule("    condition: { kind: key_age, most: a day }\n"), "r.yaml")).toThrow(
    "r.yaml:5: rules.0.condition.most",
  );
  expect(() => parseAlertFile(rule(`${condition}    severty: page\n`), "r.yaml")).toThrow(
    /r\.yaml:2: rules\.0: .*severty/,
  );
  expect(() =>
    parseAlertFile(rule(`${condition}  - id: low\n    title: B\n    severity: page\n${condition}`), "r.yaml"),
  ).toThrow("r.yaml:6: rules.1.id: low is there twice");
  expect(() => parseAlertFile("rules: [", "r.yaml")).toThrow(/r\.yaml:1/);
});
