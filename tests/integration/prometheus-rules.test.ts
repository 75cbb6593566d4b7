/** The rules that Prometheus is to watch the collector by: sound, tested, about metrics that exist, and at work in a real Prometheus. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { METRICS } from "../../lib/runtime/metrics.ts";
import { Receiver } from "../conformance/notify/server.ts";
import { AlertFolder } from "../support/alert-collector.ts";
import { until } from "../support/collector.ts";
import { freePort, hasProgram, type Running, startProgram } from "../support/process.ts";

const WITHIN_MS = 90_000;
const RULES = resolve("docs/prometheus/reprise.rules.yml");
type Rule = {
  readonly name: string;
  readonly state: string;
  readonly health: string;
  readonly lastError?: string;
};

let folder: AlertFolder;
let hook: Receiver;
let prometheus: Running | null = null;

beforeEach(async () => {
  folder = await AlertFolder.make();
  hook = new Receiver((_, response) => response.writeHead(400).end("not this"));
});
afterEach(async () => {
  await prometheus?.stop();
  prometheus = null;
  await folder.destroy();
  await hook.close();
});

const promtool = (...words: string[]) => spawnSync("promtool", words, { encoding: "utf8" });

it.skipIf(!hasProgram("promtool"))("promtool finds them sound, and their tests pass", () => {
  const checked = promtool("check", "rules", RULES);
  expect(checked.stderr).toBe("");
  expect(checked.stdout).toContain("SUCCESS");
  const tested = promtool("test", "rules", RULES.replace(".yml", ".test.yml"));
  expect(`${tested.stdout}${tested.stderr}`).toContain("SUCCESS");
  expect(tested.status).toBe(0);
});

it("each is about a metric that exists, is tested, and is on the page about them", () => {
  const text = readFileSync(RULES, "utf8");
  const known = Object.values(METRICS).flatMap(({ name, type }) =>
    type === "histogram" ? [name, `${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
  );
  const used = new Set(text.match(/\breprise_[a-z_]+/g));
  expect([...used].filter((name) => !(known as string[]).includes(name))).toEqual([]);
  const names = [...text.matchAll(/- alert: (\w+)/g)].map(([, name]) => name ?? "");
  const tests = readFileSync(RULES.replace(".yml", ".test.yml"), "utf8");
  const fires = (name: string) =>
    new RegExp(`alertname: ${name}\\n\\s+exp_alerts:(\\s*\\[|\\n\\s+-)`).test(tests);
  expect(names.filter((name) => !fires(name))).toEqual([]);
  const page = readFileSync(resolve("docs/prometheus/README.md"), "utf8");
  expect([...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)).toEqual(names);
});

async function startPrometheus(collectorUrl: string): Promise<string> {
  const config = {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: [RULES],
    scrape_configs: [
      { job_name: "reprise", static_configs: [{ targets: [collectorUrl.replace("http://", "")] }] },
    ],
  };
  const path = join(folder.dataDir, "prometheus.yml");
  await writeFile(path, JSON.stringify(config));
  const port = await freePort();
  prometheus = await startProgram(
    "prometheus",
    [
      ...[`--config.file=${path}`, `--storage.tsdb.path=${join(folder.dataDir, "prometheus")}`],
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { port, withinMs: WITHIN_MS },
  );
  return `http://127.0.0.1:${port}`;
}

async function rulesOf(url: string): Promise<Rule[]> {
  const response = await fetch(`${url}/api/v1/rules`);
  if (!response.ok) return [];
  const { data } = (await response.json()) as { data: { groups: { rules: Rule[] }[] } };
  return data.groups.flatMap(({ rules }) => rules);
}

async function sampleOf(url: string, query: string): Promise<number | null> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  // It listens before it is ready, and says 503 meanwhile.
  if (!response.ok) return null;
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  const value = data.result[0]?.value[1];
  return value === undefined ? null : Number(value);
}

it.skipIf(!hasProgram("prometheus"))(
  "a real Prometheus scrapes the collector, evaluates all of them, and fires where a notification was given up",
  { timeout: 300_000 },
  async () => {
    await folder.rules([
      { name: "hook", kind: "webhook", settings: { url: `http://${await hook.listen()}/` } },
    ]);
    const collector = await folder.start();
    const url = await startPrometheus(collector.url);
    await until(async () => (await sampleOf(url, "reprise_queue_events")) === 0, WITHIN_MS);
    const evaluated = async () => (await rulesOf(url)).every(({ health }) => health === "ok");
    await until(async () => (await rulesOf(url)).length > 0 && (await evaluated()), WITHIN_MS);
    // `RepriseGone` may have seen the moment before the first scrape.
    await until(async () => (await rulesOf(url)).every(({ state }) => state === "inactive"), WITHIN_MS);

    await folder.tell(["shop"], { resumed: 60, full: 140 });
    const { url: at } = await folder.start();
    await prometheus?.stop();
    const again = await startPrometheus(at);
    await until(async () => hook.received.length > 0, WITHIN_MS);
    await until(async () => (await rulesOf(again)).some(({ state }) => state === "firing"), WITHIN_MS);
    const firing = (await rulesOf(again)).filter(({ state }) => state === "firing");
    expect(firing.map(({ name }) => name)).toEqual(["RepriseNotificationsDead"]);
    expect((await rulesOf(again)).filter(({ lastError }) => lastError)).toEqual([]);
    expect(await sampleOf(again, 'reprise_notifications_total{kind="webhook",result="dead"}')).toBe(1);
  },
);
