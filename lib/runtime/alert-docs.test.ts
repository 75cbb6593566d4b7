import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseAlertFile } from "./alert-yaml.ts";

it("the example of docs/alerting.md can be used as it stands", () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(readFileSync("docs/alerting.md", "utf8"))?.[1] ?? "";
  const file = parseAlertFile(example, "docs/alerting.md");
  expect(file.rules).toMatchObject([{ condition: { window: 300_000 }, labels: { team: "edge" } }]);
  expect(file.receivers.map(({ name }) => name)).toEqual(["pager", "mail"]);
  expect(file.route?.routes).toHaveLength(1);
});
