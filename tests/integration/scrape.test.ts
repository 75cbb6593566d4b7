import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseConfiguration } from "../../collector/configuration.ts";
import { pauseAfter } from "../../collector/jobs/scrape.ts";
import { fetchTarget, MAX_BODY_BYTES } from "../../collector/scrape/fetch.ts";
import { targetsOf } from "../../collector/scrape/target.ts";
import { until } from "../support/collector.ts";
import { freePort } from "../support/process.ts";
import { ScrapeLab } from "../support/scrape-lab.ts";

const servers: { close(done: () => void): unknown; closeAllConnections?(): void }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    await new Promise<void>((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const targetOf = (given: Readonly<Record<string, unknown>>) => {
  const [target] = targetsOf(
    parseConfiguration(JSON.stringify({ scrape: [given] }), "reprise.yaml").scrape,
    "reprise.yaml",
  );
  if (!target) throw new Error("no target");
  return target;
};
const never = new AbortController().signal;
const fetched = (url: string, more: Readonly<Record<string, unknown>> = {}) =>
  fetchTarget(targetOf({ source: "envoy-stats", url, timeout: "1s", ...more }), never);

describe("fetching over HTTP", () => {
  it("sends the configured headers and the login, asks for no compression, and reads the body", async () => {
    const url = await serve((request, response) => response.end(JSON.stringify(request.headers)));
    const result = await fetched(url.replace("//", "//ann:se%40cret@"), { headers: { "x-scope": "fleet" } });
    const headers = JSON.parse(result.ok ? result.body : "{}");
    expect(headers).toMatchObject({
      "x-scope": "fleet",
      authorization: `Basic ${Buffer.from("ann:se@cret").toString("base64")}`,
      connection: "close",
    });
    expect(headers["accept-encoding"]).toBeUndefined();
  });

  it("follows no redirect, and takes no other status for an answer", async () => {
    let asked = 0;
    const url = await serve((request, response) => {
      asked += 1;
      response.writeHead(request.url === "/moved" ? 302 : 503, { location: "/elsewhere" }).end("no");
    });
    expect(await fetched(`${url}/moved`)).toMatchObject({ problem: "redirect" });
    expect(await fetched(`${url}/busy`)).toMatchObject({ problem: "status", detail: "HTTP status 503" });
    expect(asked).toBe(2);
  });

  it("waits no longer than its timeout, for the answer and for its end", async () => {
    const url = await serve((request, response) => {
      if (request.url === "/slow") response.write("listener.");
    });
    expect(await fetched(`${url}/silent`)).toMatchObject({
      problem: "timeout",
      detail: "no answer within 1 s",
    });
    expect(await fetched(`${url}/slow`)).toMatchObject({ problem: "timeout" });
  });

  it("reads no more than its limit", async () => {
    const url = await serve((_request, response) => {
      const piece = Buffer.alloc(1024 * 1024, "x");
      const more = (): void => {
        while (response.write(piece));
        response.once("drain", more);
      };
      more();
    });
    expect(await fetched(url, { timeout: "10s" })).toEqual({
      ok: false,
      problem: "too_large",
      detail: `the answer is larger than ${MAX_BODY_BYTES} bytes`,
    });
  });

  it("says when nobody listens, and when it is stopped", async () => {
    expect(await fetched(`http://127.0.0.1:${await freePort()}`)).toMatchObject({ problem: "refused" });
    const url = await serve(() => undefined);
    const stop = new AbortController();
    const under_way = fetchTarget(targetOf({ source: "envoy-stats", url }), stop.signal);
    stop.abort();
    expect(await under_way).toMatchObject({ problem: "stopped" });
  });
});

describe("fetching over sockets", () => {
  it("asks the question of the source and reads until the other side closes, over TCP and Unix sockets", async () => {
    const lab = await ScrapeLab.make();
    const heard: string[] = [];
    for (const where of [{ host: "127.0.0.1", port: 0 }, { path: join(lab.folder, "s.sock") }]) {
      const server = createSocketServer((socket) => {
        socket.once("data", (data) => {
          heard.push(data.toString());
          socket.end("STAT get_hits 1\r\n");
        });
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(where, () => resolve()));
      const address = server.address();
      const url = typeof address === "string" ? `unix:${address}` : `tcp://127.0.0.1:${address?.port}`;
      expect(await fetched(url, { source: "memcached" })).toEqual({ ok: true, body: "STAT get_hits 1\r\n" });
    }
    expect(heard).toEqual(["stats\r\nquit\r\n", "stats\r\nquit\r\n"]);
    await lab.destroy();
  });

  it("gives up on one that says nothing, and on one that is not there", async () => {
    const server = createSocketServer((socket) => socket.resume());
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const { port } = server.address() as AddressInfo;
    expect(await fetched(`tcp://127.0.0.1:${port}`, { source: "redis" })).toMatchObject({
      problem: "timeout",
    });
    expect(await fetched("unix:/nowhere/s.sock", { source: "haproxy-stats" })).toMatchObject({
      problem: "unreachable",
      detail: "cannot be reached (ENOENT)",
    });
  });
});

describe("targets", () => {
  it.each([
    [{ source: "nginx", url: "http://h/" }, /source must be one of haproxy-stats, .*, not "nginx"/],
    [{ source: "redis", url: "http://h/" }, /redis is asked over tcp:/],
    [{ source: "ats-stats", url: "unix:/run/ats.sock" }, /ats-stats is asked over http:/],
    [{ source: "redis", url: "tcp://h" }, /url must be http\(s\):\/\/…, unix:\/path or tcp:\/\/host:port/],
    [{ source: "redis", url: "ftp://h:1/" }, /url must be/],
    [{ source: "redis", url: "here" }, /url must be/],
    [{ source: "redis", url: "tcp://u:%zz@h:1" }, /percent-encoded/],
    [{ source: "redis", url: "tcp://h:1", every: "10ms" }, /every must be at least 1s/],
  ])("that cannot be scraped are refused with what is wrong: %j", (given, message) => {
    expect(() => targetOf(given)).toThrow(message);
  });

  it("are refused twice, and named without login and query", () => {
    const given = { source: "haproxy-stats", url: "https://ann:secret@edge-1:8405/stats;csv?x=token" };
    expect(targetOf(given)).toMatchObject({
      name: "https://edge-1:8405/stats;csv",
      everyMs: 15_000,
      timeoutMs: 5_000,
    });
    const twice = parseConfiguration(JSON.stringify({ scrape: [given, given] }), "reprise.yaml").scrape;
    expect(() => targetsOf(twice, "reprise.yaml")).toThrow(
      "reprise.yaml: scrape.1: https://edge-1:8405/stats;csv is scraped as haproxy-stats twice",
    );
  });

  it("that fail are asked less often, five minutes at most or as often as they are anyway", () => {
    expect(pauseAfter(0, 15_000)).toBe(15_000);
    for (const [failures, longestMs] of [
      [1, 30_000],
      [3, 120_000],
      [20, 300_000],
    ] as const) {
      const pauses = Array.from({ length: 50 }, () => pauseAfter(failures, 15_000));
      expect(Math.max(...pauses)).toBeLessThanOrEqual(longestMs);
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(longestMs * 0.9);
    }
    expect(pauseAfter(5, 3_600_000)).toBeGreaterThan(3_000_000);
  });
});

describe("a collector that scrapes", () => {
  let lab: ScrapeLab;
  beforeEach(async () => {
    lab = await ScrapeLab.make();
  });
  afterEach(() => lab.destroy());

  const stats = (handshakes: number, reused: number): string =>
    `listener.web.ssl.handshake: ${handshakes}\nlistener.web.ssl.session_reused: ${reused}\n`;

  it("tells failures of their source and in its metrics, and makes up for them when the target is back", async () => {
    let answer: () => { status: number; body: string } = () => ({ status: 200, body: stats(100, 50) });
    const url = await serve((_request, response) => {
      const { status, body } = answer();
      response.writeHead(status).end(body);
    });
    await lab.collect([{ source: "envoy-stats", url: `${url}/stats`, every: "1s", endpoint: "shop" }]);
    await lab.firstReading();
    answer = () => ({ status: 500, body: "" });
    const rejections = async () =>
      (await lab.collector.store.readSources(1))[0]?.rejections.map(({ reason }) => reason);
    await until(async () => ((await rejections()) ?? []).includes("scrape: HTTP status 500"));
    const metrics = await (await fetch(`${lab.collector.url}/metrics`)).text();
    expect(metrics).toMatch(/reprise_scrape_failures_total\{source="envoy-stats",reason="status"\} [1-9]/);
    answer = () => ({ status: 200, body: stats(110, 57) });
    await lab.waitFor("shop", 10);
    expect(await lab.counted("shop")).toEqual({ full: 3, resumed: 7, failed: 0 });
    expect(await rejections()).toEqual(["scrape: HTTP status 500"]);
  });

  it("tells totals that cannot be of one process, and counts nothing of them", async () => {
    let full = 100;
    const url = await serve((_request, response) => {
      response.end(
        `Name: HAProxy\nStart_time_sec: 1764000000\n\n# pxname,svname,ssl_sess,ssl_reused_sess\nweb,FRONTEND,${full},0\n`,
      );
    });
    await lab.collect([{ source: "haproxy-stats", url: `${url}/`, every: "1s" }]);
    await lab.firstReading();
    full = 40;
    await until(async () => ((await lab.collector.store.readSources(1))[0]?.breaches.length ?? 0) > 0);
    expect((await lab.collector.store.readSources(1))[0]?.breaches).toMatchObject([
      {
        invariant: "counters_monotone",
        count: 1,
        detail: "frontend web: ssl_sess fell from 100 to 40, though its process was not started again",
      },
    ]);
    full = 45;
    await lab.waitFor("web", 5);
    expect(await lab.counted("web")).toEqual({ full: 5, resumed: 0, failed: 0 });
  });

  it("tells what cannot be read", async () => {
    const url = await serve((_request, response) => response.end("<html>hello</html>"));
    await lab.collect([{ source: "h2o-status", url: `${url}/status/json`, every: "1s" }]);
    await until(async () => (await lab.collector.store.readSources(1)).length > 0);
    expect(await lab.collector.store.readSources(1)).toMatchObject([
      {
        transport: "scrape",
        sender: `${url}/status/json`,
        rejections: [{ reason: "scrape: not the JSON of h2o's status handler" }],
      },
    ]);
  });

  it("asks a slow target once at a time, others meanwhile, and stops at once", async () => {
    let [open, most, others] = [0, 0, 0];
    const slow = await serve((_request, response) => {
      open += 1;
      most = Math.max(most, open);
      response.on("close", () => {
        open -= 1;
      });
    });
    const quick = await serve((_request, response) => {
      others += 1;
      response.end(stats(1, 0));
    });
    await lab.collect([
      { source: "envoy-stats", url: `${slow}/stats`, every: "1s", timeout: "1s" },
      { source: "envoy-stats", url: `${quick}/stats`, every: "1s" },
    ]);
    await until(async () => most > 0 && others > 2);
    expect(most).toBe(1);
    await lab.stopCollector();
    const askedBefore = others;
    await until(async () => open === 0);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(others).toBe(askedBefore);
  });
});
