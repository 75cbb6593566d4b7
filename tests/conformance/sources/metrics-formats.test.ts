import { describe, expect, it } from "vitest";
import { findMetricSource } from "../../../collector/sources/metric-registry.ts";
import type { MetricPoint, Observation, ReadAt } from "../../../collector/sources/metric-source.ts";
import { countBodies } from "../../support/counted.ts";

const AT: ReadAt = {
  atMs: 1_764_000_000_000,
  endpoint: null,
  node: "n",
  region: null,
  target: "10.0.0.5:6379",
};
const read = (name: string, body: string, at = AT) => {
  const result = findMetricSource(name)?.read(body, at);
  return result?.ok ? result.observations : result?.reason;
};
const scopesOf = (observations: readonly Observation[] | string | undefined) =>
  typeof observations === "object"
    ? observations.map(({ scope, endpoint, totals }) => ({ scope, endpoint, totals }))
    : observations;
const point = (name: string, labels: Record<string, string> = {}): MetricPoint => ({
  name,
  labels,
  value: 1,
  atMs: 0,
  kind: "total",
  startedMs: null,
});
const placed = (name: string, ...[metric, labels]: Parameters<typeof point>) => {
  const placement = findMetricSource(name)?.place?.(point(metric, labels), AT) ?? null;
  return placement && [placement.scope, placement.counter, placement.endpoint, placement.node];
};

describe("HAProxy", () => {
  it("Prometheus text of 3.0 and newer with extra counters: frontends only, from the start of the process", () => {
    const body = `haproxy_process_start_time_seconds 1763999000
haproxy_frontend_ssl_sess{proxy="web",mod="ssl"} 174
haproxy_frontend_ssl_reused_sess{proxy="web",mod="ssl"} 234
haproxy_frontend_ssl_failed_handshake{proxy="web",mod="ssl"} 22
haproxy_backend_ssl_sess{proxy="app",mod="ssl"} 9
haproxy_listener_ssl_sess{proxy="web",listener="sock-1",mod="ssl"} 174
`;
    expect(read("haproxy-stats", body)).toEqual([
      expect.objectContaining({
        scope: "frontend web",
        endpoint: "web",
        node: "n",
        startedMs: 1_763_999_000_000,
        totals: { ssl_sess: 174, ssl_reused_sess: 234, ssl_failed_handshake: 22 },
      }),
    ]);
  });

  it("statistics without counters of TLS are refused with the version that has them", () => {
    expect(read("haproxy-stats", "# pxname,svname,stot\nweb,FRONTEND,5\n")).toContain("HAProxy 2.3 or newer");
    expect(read("haproxy-stats", "<html>401</html>")).toBe("line 1 is no Prometheus sample");
  });

  it("tells of no more frontends than there can be", () => {
    const rows = Array.from({ length: 5_001 }, (_, n) => `web${n},FRONTEND,1,1`);
    const csv = `# pxname,svname,ssl_sess,ssl_reused_sess\n${rows.join("\n")}\n`;
    expect(read("haproxy-stats", csv)).toBe("more than 5000 frontends are told");
  });

  it("a configured endpoint stands for every frontend, and Prometheus' instance names the node", () => {
    const csv =
      '# pxname,svname,ssl_sess,last_chk,ssl_reused_sess,\nweb,FRONTEND,5,"a, ""b""",3,\nweb,BACKEND,7,,1,\n';
    expect(scopesOf(read("haproxy-stats", csv, { ...AT, endpoint: "shop.example" }))).toEqual([
      { scope: "frontend web", endpoint: "shop.example", totals: { ssl_sess: 5, ssl_reused_sess: 3 } },
    ]);
    const labels = { proxy: "web", instance: "edge-7:8405" };
    expect(placed("haproxy-stats", "haproxy_frontend_ssl_sess", labels)).toEqual([
      "edge-7:8405 frontend web",
      "ssl_sess",
      "web",
      "edge-7",
    ]);
  });
});

describe("Envoy", () => {
  const names = {
    handshake: 100,
    session_reused: 60,
    connection_error: 3,
    fail_verify_no_cert: 2,
    no_certificate: 95,
  };
  const list = Object.entries(names).map(([name, value]) => ({
    name: `listener.0.0.0.0_8443.ssl.${name}`,
    value,
  }));
  const others = [
    { name: "cluster.app.ssl.handshake", value: 7 },
    { name: "listener.0.0.0.0_8443.ssl.ciphers.TLS_AES_128_GCM_SHA256", value: 80 },
    { histograms: {} },
  ];
  const totals = { handshake: 100, session_reused: 60, connection_error: 3, fail_verify_no_cert: 2 };
  const scope = { scope: "listener 0.0.0.0_8443", endpoint: "0.0.0.0_8443", totals };

  it("tells the same as JSON, as text and as Prometheus text", () => {
    expect(scopesOf(read("envoy-stats", JSON.stringify({ stats: [...others, ...list] })))).toEqual([scope]);
    const text = `cluster.app.ssl.handshake: 7\n${list.map(({ name, value }) => `${name}: ${value}`).join("\n")}\n`;
    expect(scopesOf(read("envoy-stats", `${text}listener.x.length_ms: P0(1,2)\n`))).toEqual([scope]);
    const lines = Object.entries(names).map(
      ([name, value]) =>
        `# TYPE envoy_listener_ssl_${name} counter\nenvoy_listener_ssl_${name}{envoy_listener_address="0.0.0.0_8443"} ${value}\n`,
    );
    expect(scopesOf(read("envoy-stats", lines.join("")))).toEqual([scope]);
  });

  it("knows its names from statsd, DogStatsD and OTLP", () => {
    const where = ["listener 0.0.0.0_8443", "session_reused", "0.0.0.0_8443", "n"];
    expect(placed("envoy-stats", "envoy.listener.0.0.0.0_8443.ssl.session_reused")).toEqual(where);
    const tags = { "envoy.listener_address": "0.0.0.0_8443" };
    expect(placed("envoy-stats", "envoy.listener.ssl.session_reused", tags)).toEqual(where);
    expect(placed("envoy-stats", "listener.ssl.session_reused", tags)).toEqual(where);
    expect(placed("envoy-stats", "envoy.cluster.app.ssl.session_reused")).toBeNull();
  });

  it("full are the successes that did not resume; more resumed than successes is a broken invariant", async () => {
    const body = (handshake: number, reused: number) =>
      `listener.web.ssl.handshake: ${handshake}\nlistener.web.ssl.session_reused: ${reused}\n`;
    const turns = await countBodies("envoy-stats", [
      { atMs: 10_000, body: body(100, 60) },
      { atMs: 20_000, body: body(110, 66) },
      { atMs: 30_000, body: body(115, 78) },
    ]);
    expect(turns[1]?.counts).toEqual({ web: { full: 4, resumed: 6 } });
    expect(turns[2]?.counts).toEqual({ web: { resumed: 5 } });
    expect(turns[2]?.breaches).toEqual([
      "resumed_within_completed: listener web: 12 resumed, but 5 completed",
    ]);
  });
});

describe("Apache Traffic Server", () => {
  const body = (completed: number, verified: number, hits: number) =>
    `proxy.process.ssl.total_success_handshake_count_in ${completed}
proxy.process.ssl.total_tickets_verified ${verified}
proxy.process.ssl.ssl_session_cache_hit ${hits}\n`;

  it("holds back tickets of handshakes that are under way, and counts them once with the next reading", async () => {
    const turns = await countBodies("ats-stats", [
      { atMs: 10_000, body: body(0, 0, 0) },
      { atMs: 20_000, body: body(5, 6, 2) },
      { atMs: 30_000, body: body(12, 8, 2) },
    ]);
    expect(turns[1]?.counts).toEqual({ "-": { resumed: 5 } });
    expect(turns[2]?.counts).toEqual({ "-": { resumed: 3, "resumed session_id": 2, full: 2 } });
    expect(turns.flatMap(({ breaches }) => breaches)).toEqual([]);
  });

  it("takes a counter that fell over a restart for the same one, a few seconds ago", async () => {
    const turns = await countBodies("ats-stats", [
      { atMs: 10_000, body: body(1_000, 700, 10) },
      { atMs: 20_000, body: body(995, 698, 10) },
      { atMs: 30_000, body: body(999, 700, 10) },
    ]);
    expect(turns.map(({ counts }) => counts)).toEqual([{}, {}, { "-": { resumed: 2, full: 2 } }]);
  });
});

describe("NGINX Plus", () => {
  const ssl = { handshakes: 100, session_reuses: 80, handshakes_failed: 4, no_common_protocol: 1 };
  const totals = { handshakes: 100, session_reuses: 80, handshakes_failed: 4 };

  it("tells of the whole server, of all zones by name, or of one zone", () => {
    expect(scopesOf(read("nginx-plus", JSON.stringify(ssl)))).toEqual([
      { scope: "ssl", endpoint: null, totals },
    ]);
    const zones = { "shop.example": { processing: 1, ssl }, plain: { processing: 0 } };
    expect(scopesOf(read("nginx-plus", JSON.stringify(zones)))).toEqual([
      { scope: "zone shop.example", endpoint: "shop.example", totals },
    ]);
    expect(scopesOf(read("nginx-plus", JSON.stringify({ processing: 1, ssl })))).toEqual([
      { scope: "ssl", endpoint: null, totals },
    ]);
    expect(read("nginx-plus", '{"plain":{"processing":0}}')).toContain("no ssl object");
  });

  it("takes the exporter's zones, and not their sum beside them", () => {
    const body = `nginxplus_ssl_handshakes 300
nginxplus_server_ssl_handshakes{server_zone="shop"} 100
nginxplus_server_ssl_session_reuses{server_zone="shop"} 80
nginxplus_stream_server_ssl_handshakes{server_zone="shop"} 200
`;
    expect(scopesOf(read("nginx-plus", body))).toEqual([
      { scope: "server zone shop", endpoint: "shop", totals: { handshakes: 100, session_reuses: 80 } },
      { scope: "stream_server zone shop", endpoint: "shop", totals: { handshakes: 200 } },
    ]);
  });
});

describe("h2o", () => {
  const status = {
    "restart-time": "25/Nov/2026:22:42:40 +0000",
    "ssl.handshake.full": 7,
    "ssl.handshake.resume": 5,
  };

  it("tells full and resumed handshakes, and when it was started", () => {
    expect(read("h2o-status", JSON.stringify(status))).toEqual([
      expect.objectContaining({
        startedMs: Date.UTC(2026, 10, 25, 22, 42, 40),
        totals: { "ssl.handshake.full": 7, "ssl.handshake.resume": 5 },
      }),
    ]);
    expect(read("h2o-status", '{"server-version":"2.2.5"}')).toContain("h2o 2.3 or newer");
  });
});

describe("Redis and memcached", () => {
  it("Redis: hits and misses of INFO, keys of all databases, and the error that it answers with instead", () => {
    const info =
      "$99\r\n# Stats\r\nevicted_keys:4\r\nkeyspace_hits:50\r\nkeyspace_misses:6\r\ndb0:keys=30,expires=3\r\ndb2:keys=7\r\n";
    const [observation] = read("redis", info) as Observation[];
    expect(observation && findMetricSource("redis")?.cacheOf?.(observation)).toMatchObject({
      cache: "redis 10.0.0.5:6379",
      hits: 50,
      misses: 6,
      evictions: 4,
      entries: 37,
      inserts: null,
      capacity: null,
    });
    expect(read("redis", "-NOAUTH Authentication required.\r\n")).toBe(
      "Redis answers NOAUTH: Authentication required.",
    );
  });

  it("their Prometheus exporters' names: one cache an instance, keys of all databases", () => {
    const at = { instance: "cache-1:9121" };
    expect(placed("redis", "redis_keyspace_misses_total", at)).toEqual([
      "redis cache-1:9121",
      "keyspace_misses",
      null,
      "cache-1",
    ]);
    const keys = ["db0", "db2"].map((db) => placed("redis", "redis_db_keys", { ...at, db })?.[1]);
    expect(keys).toEqual(["keys db0", "keys db2"]);
    const gauges = { "keys db0": 30, "keys db2": 7 };
    const observation = {
      ...AT,
      scope: "redis cache-1:9121",
      protocol: null,
      startedMs: null,
      increases: {},
      gauges,
    };
    const cache = findMetricSource("redis")?.cacheOf?.({ ...observation, totals: { keyspace_hits: 1 } });
    expect(cache).toMatchObject({ cache: "redis cache-1:9121", hits: 1, misses: null, entries: 37 });
    const command = (words: Record<string, string>) =>
      placed("memcached", "memcached_commands_total", words)?.[1];
    expect(command({ command: "get", status: "miss" })).toBe("get_misses");
    expect(command({ command: "set", status: "hit" })).toBe("cmd_set");
    expect(command({ command: "delete", status: "hit" })).toBeUndefined();
  });

  it("Redis: a password cannot become a command", () => {
    const ask = findMetricSource("redis")?.socket?.ask({ user: "", password: "x\r\nFLUSHALL" });
    expect(ask).toBe("*2\r\n$4\r\nAUTH\r\n$11\r\nx\r\nFLUSHALL\r\nINFO\r\nQUIT\r\n");
  });

  it("memcached: hits, misses, sets, evictions, items", () => {
    const stats =
      "STAT cmd_set 9\r\nSTAT get_hits 50\r\nSTAT get_misses 6\r\nSTAT evictions 4\r\nSTAT curr_items 5\r\nEND\r\n";
    const [observation] = read("memcached", stats) as Observation[];
    expect(observation && findMetricSource("memcached")?.cacheOf?.(observation)).toMatchObject({
      cache: "memcached 10.0.0.5:6379",
      hits: 50,
      misses: 6,
      inserts: 9,
      evictions: 4,
      entries: 5,
    });
    expect(read("memcached", "ERROR\r\n")).toContain("is this memcached?");
  });
});
