/** What a sender may send at most, and from where; with a token, and without. */
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ANY_PORT } from "../../collector/main.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import { startCollector, type TestCollector, totalsOf, until } from "../support/collector.ts";
import { beside, giveToken } from "../support/tokens.ts";

let collector: TestCollector;
afterEach(() => collector.destroy());

const start = async (change: Partial<Settings>): Promise<void> => {
  collector = await startCollector(change);
};
const give = (): Promise<string> =>
  beside(join(collector.dataDir, "reprise.db"), ({ tokens }) =>
    giveToken(tokens, { scopes: ["handshakes", "read"] }),
  );
function push(token: string | null, bytes = 0): Promise<Response> {
  const line = JSON.stringify({ ts: Date.now(), outcome: "full", endpoint: "shop.example" });
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  return fetch(`${collector.url}/v1/handshakes`, { method: "POST", body: line + " ".repeat(bytes), headers });
}
const metric = async (series: string): Promise<number> => {
  const text = await (await fetch(`${collector.url}/metrics`)).text();
  return Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${series} `))
      ?.split(" ")[1] ?? 0,
  );
};
/** Known tokens are looked up after the store was read again. */
const isKnown = async (token: string): Promise<void> => {
  await until(async () => (await push(token)).status === 200);
};

describe("a token", () => {
  it("may send so many requests a minute, and is told when to come back", async () => {
    await start({ rateRequests: 5, rateBytes: 0 });
    const [one, other] = [await give(), await give()];
    await isKnown(one);
    const answers = await Promise.all(Array.from({ length: 8 }, () => push(one)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(3);
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await push(other)).status).toBe(200);
    expect((await push(null)).status).toBe(200);
    expect(await metric('reprise_access_refused_total{reason="rate"}')).toBe(refused.length);
  });

  it("may send so many bytes a minute", async () => {
    await start({ rateRequests: 0, rateBytes: 10_000 });
    const token = await give();
    await isKnown(token);
    expect((await push(token, 12_000)).status).toBe(200);
    expect((await push(token)).status).toBe(429);
  });

  it("that is none costs its address, so that nobody guesses for long", async () => {
    await start({ rateRequests: 2, rateBytes: 0, requireTokens: true });
    const statuses: number[] = [];
    for (let n = 0; n < 30; n += 1) statuses.push((await push("x")).status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(25);
  });
});

describe("a page in a browser", () => {
  it.each([{ origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }])(
    "may not push to the collector of its machine: %j",
    async (given) => {
      const headers: Record<string, string> = Object.fromEntries(Object.entries(given));
      await start({});
      const body = JSON.stringify({ ts: Date.now(), kind: "reload", title: "x" });
      const response = await fetch(`${collector.url}/v1/changes`, {
        method: "POST",
        body,
        headers,
      });
      expect(response.status).toBe(403);
    },
  );
});

const line = (): string =>
  JSON.stringify({ ts: Date.now(), outcome: "full", endpoint: "shop.example", node: "edge-1" });
function datagram(port: number, text: string): Promise<void> {
  const socket = createSocket("udp4");
  return new Promise((resolve) => socket.send(text, port, "127.0.0.1", () => socket.close(() => resolve())));
}

describe("syslog and statsd", () => {
  it("from elsewhere than the allowed networks are dropped and counted", async () => {
    await start({ syslogAllow: "10.0.0.0/8,::1", statsdPort: ANY_PORT });
    const port = collector.syslogPort ?? 0;
    await datagram(port, `<134>Nov 24 10:00:00 edge-1 reprise: ${line()}`);
    await datagram(collector.statsdPort ?? 0, "envoy.listener.0_0_0_0_443.ssl.handshake:1|c");
    const socket = connect(port, "127.0.0.1");
    await new Promise((resolve) => socket.on("error", resolve).on("close", resolve));
    await until(async () => (await metric('reprise_syslog_dropped_total{reason="not_allowed"}')) === 2);
    await until(async () => (await metric('reprise_statsd_dropped_total{reason="not_allowed"}')) === 1);
    expect(await totalsOf(collector)).toEqual({});
  });

  it("from within them are taken", async () => {
    await start({ syslogAllow: "127.0.0.0/8" });
    const nginx = JSON.stringify({
      ...{ msec: String(Date.now() / 1000), pid: 7, connection: 1, connection_requests: 1 },
      ...{ ssl_protocol: "TLSv1.3", ssl_session_reused: ".", ssl_server_name: "shop.example" },
    });
    await datagram(collector.syslogPort ?? 0, `<190>Nov 24 10:00:00 edge-1 nginx: ${nginx}`);
    await until(async () => (await totalsOf(collector)).full === 1);
  });
});
