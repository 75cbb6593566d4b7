import { hostname } from "node:os";
import { expect, it } from "vitest";
import { parseAgentConfig } from "./config.ts";

const BASE = "collector: http://127.0.0.1:4319\nstate: /var/lib/reprise-agent\n";
const FILES = "files:\n  - source: nginx\n    path: /var/log/nginx/*.log\n";
const parse = (text: string) => parseAgentConfig(text, "agent.yaml");
const problem = (text: string): string => {
  try {
    parse(text);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

it("fills in what is not said", () => {
  expect(parse(BASE + FILES)).toEqual({
    collector: "http://127.0.0.1:4319",
    state: "/var/lib/reprise-agent",
    node: hostname(),
    send: "rollups",
    spool: 256_000_000,
    flush: 2_000,
    lookback: 64_000_000,
    files: [{ source: "nginx", path: "/var/log/nginx/*.log", begin: "start" }],
    syslog: [],
  });
});

it("names file, line and field of what cannot be used", () => {
  expect(problem(`${BASE}files:\n  - source: ngnix\n    path: x\n`)).toMatch(
    /^agent\.yaml:4: files\.0\.source: unknown source "ngnix"; known: nginx, /,
  );
  expect(problem(BASE)).toContain("files or syslog have to name something to read");
  expect(problem(`${BASE + FILES}spool: 1MB\n`)).toMatch(/^agent\.yaml:6: spool: at least 16MB/);
  expect(problem(`${BASE + FILES}spool: lots\n`)).toContain("a size like 256MB is expected");
  expect(problem(`${BASE + FILES}flush: soon\n`)).toContain("a duration like 15s");
  expect(problem(`${BASE + FILES}sent: lines\n`)).toContain("sent");
  expect(problem(`${BASE + FILES}  - source: nginx\n    path: /var/log/nginx/*.log\n`)).toContain(
    "this path is followed already",
  );
  expect(problem(`${BASE}syslog:\n  - listen: 0.0.0.0:514\n`)).toContain("an address of this machine");
  expect(problem(`${BASE.replace("http", "ftp")}${FILES}`)).toMatch(/^agent\.yaml:1: collector: http/);
  const format = `${BASE}send: lines\n${FILES}    format: '$msec'\n`;
  expect(problem(format)).toMatch(/^agent\.yaml:7: files\.0\.format: The log_format lacks/);
});
