import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoredMessage } from "../../lib/store/port-alerting.ts";
import { push, startCollector, type TestCollector } from "./collector.ts";

/** A rule that is measured once a minute, and at once when a collector starts. */
export const LOW = {
  ...{ id: "low", title: "Accept rate is low", severity: "page", by: ["endpoint"], runbook: "FM-03" },
  condition: { kind: "threshold", metric: "accept_rate", direction: "below", value: 0.8, window: "5m" },
};
type Receiver = {
  readonly name: string;
  readonly kind: string;
  readonly settings: Readonly<Record<string, unknown>>;
};

/** A folder of a collector that alerts by a rules file; the collector may be started in it again and again. */
export class AlertFolder {
  readonly dataDir: string;
  #collector: TestCollector | null = null;

  private constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  static async make(): Promise<AlertFolder> {
    return new AlertFolder(await mkdtemp(join(tmpdir(), "reprise-alerting-")));
  }

  get rulesPath(): string {
    return join(this.dataDir, "alerts.yml");
  }

  /** The rules file: one rule, each receiver told at once of it and of nothing else. JSON is YAML. */
  async rules(receivers: readonly Receiver[], rule: { readonly id: string } = LOW): Promise<void> {
    const routes = receivers.map(({ name }) => ({
      ...{ receiver: name, continue: true, groupWait: "0s" },
      matchers: [{ label: "rule", value: rule.id }],
    }));
    await writeFile(this.rulesPath, JSON.stringify({ rules: [rule], receivers, route: { routes } }));
  }

  /** A collector without rules takes telemetry, so that it is all there at the next collector's first look. */
  async tell(
    endpoints: readonly string[],
    counts: { readonly resumed: number; readonly full: number },
  ): Promise<void> {
    await this.stop();
    const collector = await startCollector({ dataDir: this.dataDir });
    const about = { ts: Date.now() - 30_000, node: "edge-1", offer: "psk" };
    const events = endpoints.flatMap((endpoint) => [
      { ...about, endpoint, outcome: "resumed", mechanism: "psk", count: counts.resumed },
      { ...about, endpoint, outcome: "full", reason: "unknown_key", count: counts.full },
    ]);
    const { status, body } = await push(`${collector.url}/v1/handshakes`, events);
    await collector.close();
    if (status !== 200 || body.accepted !== events.length)
      throw new Error(`not taken: ${JSON.stringify(body)}`);
  }

  /** Starts the collector, in place of the one that runs. */
  async start(): Promise<TestCollector> {
    await this.stop();
    this.#collector = await startCollector({
      ...{ dataDir: this.dataDir, alertRules: this.rulesPath, alertAllow: "127.0.0.1" },
      consoleUrl: "https://reprise.example",
    });
    return this.#collector;
  }

  async stop(): Promise<void> {
    await this.#collector?.close();
    this.#collector = null;
  }

  async destroy(): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true });
  }
}

/** Every message that a collector ever decided on, the oldest first. */
export async function messagesOf({ store }: TestCollector): Promise<StoredMessage[]> {
  const found = await store.alerting.readMessages(1, {
    fromMs: 0,
    toMs: Date.now() + 60_000,
    limit: 100,
  });
  return [...found].reverse();
}

/** When a rule's alerts were evaluated last; 0 where they never were. */
export async function evaluatedMs({ store }: TestCollector, ruleId: string): Promise<number> {
  const alerts = await store.alerting.readAlerts(1);
  return Math.max(0, ...alerts.filter((one) => one.ruleId === ruleId).map(({ state }) => state.evaluatedMs));
}
