import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { selfSigned } from "../../collector/fleet/certificate.ts";
import { findSource } from "../../collector/sources/registry.ts";
import type { Change } from "../../lib/domain/handshake.ts";
import { readSeries } from "../../lib/read/series.ts";
import { startCollector, type TestCollector, until } from "./collector.ts";
import type { Running } from "./process.ts";
import { type Made, makeConnections } from "./tls-clients.ts";

export type Visited = Made & { readonly byMechanism: Readonly<Record<string, number>> };
type SeriesMetric = Parameters<typeof readSeries>[2]["params"]["metric"];

/** A collector, a folder with a certificate, and an origin that answers "ok", for one real proxy between them. */
export class ProxyLab {
  readonly collector: TestCollector;
  readonly folder: string;
  readonly #origin: Server;
  readonly #running: Running[] = [];

  private constructor(collector: TestCollector, folder: string, origin: Server) {
    this.collector = collector;
    this.folder = folder;
    this.#origin = origin;
  }

  static async start(): Promise<ProxyLab> {
    const folder = await mkdtemp(join(tmpdir(), "reprise-proxy-"));
    const { cert, key } = selfSigned(["shop.example"], Date.now());
    await writeFile(join(folder, "cert.pem"), cert);
    await writeFile(join(folder, "key.pem"), key);
    await writeFile(join(folder, "bundle.pem"), cert + key);
    const origin = createServer((_request, response) => response.end("ok\n"));
    await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", () => resolve()));
    return new ProxyLab(await startCollector(), folder, origin);
  }

  get originPort(): number {
    return (this.#origin.address() as AddressInfo).port;
  }

  /** A program that ends with the lab. */
  add(running: Running): Running {
    this.#running.push(running);
    return running;
  }

  /**
   * The proxy's own part of a source's paste-ready configuration, filled in as the Sources page fills it in: without the
   * agent's part, which stands after it.
   */
  configurationOf(source: string, title: RegExp): string {
    const found = findSource(source)?.configurations.find((configuration) => title.test(configuration.title));
    if (!found) throw new Error(`no configuration of ${source} is titled ${title}`);
    const [proxy = ""] = found.text.split("# agent.yaml");
    const { syslogPort, url } = this.collector;
    return proxy
      .replaceAll("{{syslog}}", `127.0.0.1:${syslogPort}`)
      .replaceAll("{{syslog_host}}", "127.0.0.1")
      .replaceAll("{{syslog_port}}", String(syslogPort))
      .replaceAll("{{collector}}", url);
  }

  read(name: string): Promise<string> {
    return readFile(join(this.folder, name), "utf8");
  }

  /** Pushes a log as the file of a server from its start; no line may be refused. */
  async feed(source: string, path: string): Promise<void> {
    const query = "node=edge-1&endpoint=shop.example&history=complete";
    const url = `${this.collector.url}/v1/lines/${source}?${query}`;
    const response = await fetch(url, {
      method: "POST",
      body: await readFile(path),
      signal: AbortSignal.timeout(20_000),
    });
    expect(await response.json()).toMatchObject({ rejected: 0 });
  }

  /** Totals of a metric over the last ten minutes, by mechanism ("all" when it is not split). */
  async series(metric: SeriesMetric, by?: "mechanism"): Promise<Record<string, number>> {
    const range = { from: "now-10m", to: "now", step: "10s", endpoint: "shop.example" } as const;
    const params = { metric, ...range, ...(by ? { by } : {}) };
    const reply = await readSeries(this.collector.store, 1, { params, nowMs: Date.now() });
    return Object.fromEntries(reply.series.map((s) => [s.key.mechanism ?? "all", s.total.value ?? 0]));
  }

  /** Waits for what was visited, and that the series hold every connection once, by mechanism. */
  async expectVisited(made: Visited): Promise<void> {
    const seen = async () =>
      ((await this.series("full")).all ?? 0) + ((await this.series("resumed")).all ?? 0);
    await until(async () => (await seen()) >= made.full + made.resumed);
    expect(await this.series("full")).toEqual({ all: made.full });
    expect(await this.series("resumed")).toEqual({ all: made.resumed });
    expect(await this.series("resumed", "mechanism")).toEqual(made.byMechanism);
  }

  changes(): Promise<readonly Change[]> {
    const nowMs = Date.now();
    const window = { fromMs: nowMs - 600_000, toMs: nowMs + 60_000, limit: 10 };
    return this.collector.store.readChanges(1, window);
  }

  async destroy(): Promise<void> {
    for (const { child, stop } of this.#running) if (child.exitCode === null) await stop();
    this.#origin.closeAllConnections();
    await new Promise((resolve) => this.#origin.close(resolve));
    await this.collector.destroy();
    await rm(this.folder, { recursive: true });
  }
}

/** A mix of every way to resume, with several requests on a connection. */
export async function visit(port: number, ways: { readonly sessionIds: boolean }): Promise<Visited> {
  const plan = { port, connections: 20, freshEvery: 5, requests: 3 };
  const psk = await makeConnections({ ...plan, protocol: "TLSv1.3", tickets: true });
  const ticket = await makeConnections({ ...plan, protocol: "TLSv1.2", tickets: true });
  const id = ways.sessionIds
    ? await makeConnections({ ...plan, protocol: "TLSv1.2", tickets: false })
    : { full: 0, resumed: 0 };
  return {
    full: psk.full + ticket.full + id.full,
    resumed: psk.resumed + ticket.resumed + id.resumed,
    byMechanism: {
      psk: psk.resumed,
      ticket: ticket.resumed,
      ...(id.resumed ? { session_id: id.resumed } : {}),
    },
  };
}
