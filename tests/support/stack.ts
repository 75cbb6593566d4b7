import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type Running, startProgram } from "./process.ts";

export type Stack = {
  readonly url: string;
  readonly collectorUrl: string;
  readonly dataDir: string;
  /** What it has printed. */
  output(): string;
  stop(): Promise<void>;
};

/**
 * The whole product as `npm start` runs it, on free ports; the console has to be built. The folder is a new one, or `given`; it
 * is removed in the end. `more` is added to the environment; sign-in is off unless it says otherwise.
 */
export async function startStack(
  given?: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Stack> {
  const dataDir = given ?? (await mkdtemp(join(tmpdir(), "reprise-e2e-")));
  const [port, collectorPort] = [await freePort(), await freePort()];
  const env = {
    ...process.env,
    REPRISE_OWN_NODE: "1",
    REPRISE_DATA_DIR: dataDir,
    PORT: String(port),
    REPRISE_COLLECTOR_PORT: String(collectorPort),
    REPRISE_SYSLOG_PORT: "0",
    REPRISE_LOG_LEVEL: "warn",
    REPRISE_AUTH: "off",
    ...more,
  };
  const running: Running = await startProgram(process.execPath, ["scripts/start.mjs"], {
    port,
    env,
    withinMs: 120_000,
  });
  const url = `http://127.0.0.1:${port}`;
  const collectorUrl = `http://127.0.0.1:${collectorPort}`;
  // Two processes, of which either may be the last to come up.
  await Promise.all([url, collectorUrl].map(untilHealthy));
  return {
    ...{ url, collectorUrl, dataDir, output: running.output },
    stop: async () => {
      await running.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

export type Known = { readonly resumed: number; readonly full: number };

/** Waits for `/healthz` to answer 200. Throws where it does not within two minutes. */
async function untilHealthy(url: string): Promise<void> {
  const untilMs = Date.now() + 120_000;
  for (;;) {
    const response = await fetch(`${url}/healthz`).catch(() => null);
    if (response?.ok) return;
    if (Date.now() > untilMs) throw new Error(`${url} is not healthy`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Pushes a known hour of handshakes of two endpoints on two nodes, and a change. Answers what was pushed of shop.example. */
export async function pushKnownHour(collectorUrl: string, nowMs: number): Promise<Known> {
  const events: unknown[] = [];
  const known = { resumed: 0, full: 0 };
  for (let minute = 1; minute <= 50; minute += 1)
    for (const [index, node] of ["edge-1", "edge-2"].entries()) {
      const ts = nowMs - minute * 60_000;
      const place = {
        ts,
        node,
        region: index ? "us" : "eu",
        protocol: "TLSv1.3",
        family: index ? "ios" : "chrome",
      };
      const counts = { resumed: 12 + (minute % 3), full: 5 };
      events.push({
        ...place,
        endpoint: "shop.example",
        outcome: "resumed",
        offer: "psk",
        mechanism: "psk",
        handshakeUs: 900,
        count: counts.resumed,
      });
      events.push({
        ...place,
        endpoint: "shop.example",
        outcome: "full",
        offer: "none",
        handshakeUs: 2_600,
        count: counts.full,
      });
      events.push({
        ...place,
        endpoint: "api.example",
        protocol: "TLSv1.2",
        outcome: "resumed",
        mechanism: "ticket",
        handshakeUs: 700,
        count: 2,
      });
      known.resumed += counts.resumed;
      known.full += counts.full;
    }
  await post(`${collectorUrl}/v1/handshakes?node=seed`, events);
  await post(`${collectorUrl}/v1/changes`, [
    {
      id: "rotation-1",
      ts: nowMs - 1_500_000,
      kind: "key_rotation",
      title: "Rotated the STEK",
      actor: "ann",
      endpoint: "shop.example",
    },
  ]);
  return known;
}

/** Pushes items as NDJSON and insists on their being taken. */
export async function post(
  url: string,
  items: readonly unknown[],
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers,
    body: items.map((item) => JSON.stringify(item)).join("\n"),
  });
  if (!response.ok) throw new Error(await response.text());
}
