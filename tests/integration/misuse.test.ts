/** Misuse of tickets from a push to a finding in the store, through a real collector. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { push, startCollector, type TestCollector, until } from "../support/collector.ts";

let collector: TestCollector;
afterEach(() => collector.destroy());

const DAY_MS = 86_400_000;
const resumed = (ts: number, part: object) => ({
  ts,
  endpoint: "shop.example",
  node: "edge-1",
  family: "chrome",
  protocol: "TLSv1.2",
  outcome: "resumed",
  offer: "ticket",
  mechanism: "ticket",
  ...part,
});
/** Tickets that come again, each in its own network: what is usual here. */
const usual = (ts: number) =>
  Array.from({ length: 1_400 }, (_, i) =>
    resumed(ts, { ticketId: `usual-${i % 700}`, client: `10.0.${i % 7}.${i % 250}` }),
  );
const stolen = (ts: number, networks: number) =>
  Array.from({ length: networks }, (_, i) =>
    resumed(ts + i, { ticketId: "stolen-ticket-of-ada", client: `198.51.${i}.7` }),
  );
const found = async () => {
  const nowMs = Date.now();
  const query = { fromMs: nowMs - DAY_MS, toMs: nowMs + DAY_MS, limit: 100 };
  return collector.store.findings.readFindings(1, query);
};
const send = async (events: readonly object[]): Promise<void> => {
  const { body } = await push(`${collector.url}/v1/handshakes`, events);
  expect(body.rejected).toBe(0);
};

describe("a stolen ticket", () => {
  it("is found within seconds, without anything raw at rest, and once over a restart", async () => {
    collector = await startCollector();
    await send(usual(Date.now()));
    await send(stolen(Date.now(), 20));
    await until(async () => (await found()).length > 0, 30_000);
    const [first, ...rest] = await found();
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      kind: "ticket_spread",
      severity: "high",
      state: "open",
      endpoint: "shop.example",
      title: "One ticket came from 20 networks within an hour",
    });
    const { dataDir } = collector;
    const text = await (await fetch(`${collector.url}/metrics`)).text();
    expect(text).toMatch(/reprise_findings_told_total\{kind="ticket_spread"\} [1-9]/);
    await collector.close();
    for (const file of ["reprise.db"])
      expect(readFileSync(join(dataDir, file)).toString("latin1")).not.toMatch(/stolen-ticket|198\.51\./);

    collector = await startCollector({ dataDir });
    await send(usual(Date.now()));
    await send(stolen(Date.now(), 20));
    await until(async () => ((await found())[0]?.count ?? 0) > (first?.count ?? 0), 30_000);
    expect((await found()).map(({ id, firstMs }) => [id, firstMs])).toEqual([[first?.id, first?.firstMs]]);
  });

  it("is not looked for where that is switched off", async () => {
    collector = await startCollector({ misuse: false });
    await send([...usual(Date.now()), ...stolen(Date.now(), 20)]);
    expect(await found()).toEqual([]);
  });
});

describe("TLS alerts", () => {
  it("are counted by name and minute with the handshakes that failed", async () => {
    collector = await startCollector({ misuse: false });
    const ts = Math.floor(Date.now() / 60_000) * 60_000;
    const failed = (alert: string | null, count = 1) => ({
      ts,
      outcome: "failed",
      endpoint: "shop.example",
      alert,
      count,
    });
    await send([failed("bad_certificate", 3), failed("bad_certificate"), failed("unknown_ca"), failed(null)]);
    const query = { fromMs: ts, toMs: ts + 60_000, stepMs: 60_000 };
    expect(await collector.store.tlsAlerts.readTlsAlerts(1, query)).toEqual([
      { bucketStartMs: ts, vantage: "log", alert: "bad_certificate", count: 4 },
      { bucketStartMs: ts, vantage: "log", alert: "unknown_ca", count: 1 },
    ]);
    const [sample] = await collector.store.readSamples(1, { fromMs: 0, toMs: ts + 60_000, limit: 9 });
    expect(sample?.sampleKind).toContain("failed:");
  });
});
