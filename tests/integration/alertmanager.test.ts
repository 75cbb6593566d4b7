/** Alerts that go to a real Prometheus Alertmanager, which routes, silences and tells of them as it does with Prometheus' own. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Receiver } from "../conformance/notify/server.ts";
import { AlertFolder, evaluatedMs, messagesOf } from "../support/alert-collector.ts";
import { until } from "../support/collector.ts";
import { freePort, hasProgram, type Running, startProgram } from "../support/process.ts";

const WITHIN_MS = 60_000;
/** An alert as API v2 of Alertmanager has it. */
type Alert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly status: { readonly state: string; readonly silencedBy: readonly string[] };
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
};

let folder: AlertFolder;
let pager: Receiver;
let alertmanager: Running;
let url: string;

beforeEach(async () => {
  folder = await AlertFolder.make();
  pager = new Receiver((_, response) => response.end());
  const told = await pager.listen();
  const config = {
    route: {
      ...{ receiver: "pager", group_by: ["alertname", "endpoint"] },
      ...{ group_wait: "0s", group_interval: "1s", repeat_interval: "1h" },
    },
    receivers: [{ name: "pager", webhook_configs: [{ url: `http://${told}/page`, send_resolved: true }] }],
  };
  const path = join(folder.dataDir, "alertmanager.yml");
  await writeFile(path, JSON.stringify(config));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  alertmanager = await startProgram(
    "prometheus-alertmanager",
    [
      ...[`--config.file=${path}`, `--storage.path=${join(folder.dataDir, "alertmanager")}`],
      // Alone: no port for others of its cluster.
      ...[`--web.listen-address=127.0.0.1:${port}`, "--cluster.listen-address="],
    ],
    { port, withinMs: WITHIN_MS },
  );
  await folder.rules([{ name: "alertmanager", kind: "alertmanager", settings: { url } }]);
});
afterEach(async () => {
  await alertmanager?.stop();
  await pager.close();
  await folder.destroy();
});

async function alerts(): Promise<Alert[]> {
  const response = await fetch(`${url}/api/v2/alerts`);
  const all = (await response.json()) as Alert[];
  return all.sort((a, b) => (a.labels.endpoint ?? "").localeCompare(b.labels.endpoint ?? ""));
}

async function silence(endpoint: string): Promise<string> {
  const body = {
    matchers: [{ name: "endpoint", value: endpoint, isRegex: false, isEqual: true }],
    startsAt: new Date(Date.now() - 1_000).toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    ...{ createdBy: "ann", comment: "known" },
  };
  const response = await fetch(`${url}/api/v2/silences`, {
    ...{ method: "POST", body: JSON.stringify(body) },
    headers: { "content-type": "application/json" },
  });
  return ((await response.json()) as { silenceID: string }).silenceID;
}

/** What Alertmanager's own receiver was told: status and endpoint of each notification. */
const paged = (): string[] =>
  pager.received.map(({ body }) => {
    const { status, groupLabels } = JSON.parse(body) as {
      status: string;
      groupLabels: Record<string, string>;
    };
    return `${status} ${groupLabels.endpoint}`;
  });

it.skipIf(!hasProgram("prometheus-alertmanager"))(
  "alerts come with labels and annotations, are silenced there, stay one over a restart, and end",
  { timeout: 240_000 },
  async () => {
    const silenced = await silence("api");
    await folder.tell(["shop", "api"], { resumed: 60, full: 140 });
    await folder.start();
    await until(async () => (await alerts()).length === 2, WITHIN_MS);
    const [api, shop] = await alerts();
    expect(shop).toMatchObject({
      labels: { alertname: "low", endpoint: "shop", severity: "page", rule: "low" },
      annotations: { runbook_url: "https://reprise.example/runbooks/FM-03" },
      ...{ status: { state: "active" }, generatorURL: "https://reprise.example/alerts" },
    });
    expect(shop?.annotations.summary).toContain("Accept rate is low: ");
    expect(shop?.annotations.summary).toContain("30.0 %");
    // Alertmanager does not end it by itself: what is acknowledged is not told again for days.
    expect(Date.parse(shop?.endsAt ?? "") - Date.now()).toBeGreaterThan(48 * 3_600_000);
    expect(api?.status).toMatchObject({ state: "suppressed", silencedBy: [silenced] });
    await until(async () => paged().length > 0, WITHIN_MS);

    // Started again: it looks, and has nothing to tell.
    const startedMs = Date.now();
    const again = await folder.start();
    await until(async () => (await evaluatedMs(again, "low")) > startedMs, WITHIN_MS);
    expect((await alerts()).map(({ startsAt }) => startsAt)).toEqual([api?.startsAt, shop?.startsAt]);
    expect((await messagesOf(again)).map(({ reason, state }) => `${reason} ${state}`)).toEqual([
      "first sent",
      "first sent",
    ]);
    expect(paged()).toEqual(["firing shop"]);

    await folder.tell(["shop"], { resumed: 9_000, full: 10 });
    const last = await folder.start();
    await until(async () => paged().includes("resolved shop"), WITHIN_MS);
    expect(paged()).toEqual(["firing shop", "resolved shop"]);
    expect((await alerts()).map(({ labels }) => labels.endpoint)).toEqual(["api"]);
    expect(await messagesOf(last)).toHaveLength(3);
  },
);
