import { expect, it } from "vitest";
import { parseAgentConfig } from "../../../collector/agent/config.ts";
import { SOURCES } from "../../../collector/sources/registry.ts";

const START = "# agent.yaml";
const PASTED = SOURCES.flatMap(({ name, configurations }) =>
  configurations
    .filter(({ transport, text }) => transport === "agent" && text.includes(START))
    .map(({ title, text }) => ({ name, title, text })),
);

it.each(PASTED)("$name, $title: the agent reads what the Sources page gives", ({ name, text }) => {
  const filled = text
    .split("\n")
    .filter((line) => !line.includes("{{token}}"))
    .join("\n")
    .replaceAll("{{collector}}", "http://127.0.0.1:4319");
  const [, yaml = ""] = filled.split(START);
  const { files } = parseAgentConfig(START + yaml, "agent.yaml");
  expect(files.length).toBeGreaterThan(0);
  expect(files.map((file) => file.source)).toEqual(files.map(() => name));
});

it.each(PASTED.filter(({ name }) => ["nghttpx", "h2o", "hitch", "stunnel"].includes(name)))(
  "$name, $title: the agent follows the files that the proxy is told to write",
  ({ text }) => {
    const [proxy = "", yaml = ""] = text.split(START);
    for (const [, path = ""] of yaml.matchAll(/path: (\S+)/g)) expect(proxy).toContain(path);
  },
);
