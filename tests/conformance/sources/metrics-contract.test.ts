import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseConfiguration } from "../../../collector/configuration.ts";
import { targetsOf } from "../../../collector/scrape/target.ts";
import { METRIC_SOURCES } from "../../../collector/sources/metric-registry.ts";
import type { MetricSource } from "../../../collector/sources/metric-source.ts";
import { SOURCES } from "../../../collector/sources/registry.ts";

const AT = { atMs: 1_764_000_000_000, endpoint: null, node: "n", region: "r", target: "127.0.0.1:1" };
const recorded = (name: string): string =>
  gunzipSync(readFileSync(`tests/fixtures/recordings/${name}.gz`)).toString();
const EXAMPLES = [
  recorded("haproxy/metrics/02-steady-show_stat.csv"),
  recorded("haproxy/metrics/02-steady-prometheus.txt"),
  recorded("ats/metrics/02-steady-stats_over_http.json"),
  recorded("apache/metrics/02-steady-server_status_auto.txt"),
  '[[{"field":{"name":"svname"},"value":{"value":"FRONTEND"}},{"field":{"name":"ssl_sess"},"value":{"value":1}}]]',
  '{"stats":[{"name":"listener.0.0.0.0_8443.ssl.handshake","value":5}]}',
  '{"shop":{"ssl":{"handshakes":5,"session_reuses":3,"handshakes_failed":1}}}',
  "keyspace_hits:5\r\nkeyspace_misses:1\r\ndb0:keys=3,expires=3\r\n",
  "STAT get_hits 5\r\nSTAT get_misses 1\r\nEND\r\n",
];

it("names of sources of lines and of counters are of one space", () => {
  const names = [...SOURCES, ...METRIC_SOURCES].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(METRIC_SOURCES.map((source) => [source.name, source] as const))("%s", (_name, source) => {
  it("describes itself: capabilities of counters, notes", () => {
    expect(source.name).toMatch(/^[a-z0-9-]+$/);
    expect(source.capabilities.unit).toBe("counter");
    expect(source.capabilities.notes.every((note) => note.endsWith("."))).toBe(true);
    expect(source.capabilities.outcome === "no").toBe(source.interpret({}) === source.interpret({ x: 1 }));
  });

  it("gives a scrape target that can be pasted, and YAML that is some", () => {
    const targets = source.configurations.filter(({ text }) => text.includes("\nscrape:"));
    expect(targets).toHaveLength(1);
    for (const { text } of targets) {
      const [target] = targetsOf(parseConfiguration(text, "reprise.yaml").scrape, "reprise.yaml");
      expect(target).toMatchObject({ source, everyMs: 15_000, node: "edge-1", region: "eu-west" });
    }
    for (const { language, text } of source.configurations)
      if (language === "yaml") expect(parse(text.replace(/\{\{\w+\}\}/g, "1"))).toBeTypeOf("object");
  });

  it("asks Prometheus to send on just what it counts by", () => {
    const remote = source.configurations.find(({ transport }) => transport === "remote_write");
    if (!remote) return;
    const names = new RegExp(`^(?:${/regex: (.*)/.exec(remote.text)?.[1]})$`);
    const labels = {
      proxy: "web",
      envoy_listener_address: "0.0.0.0_443",
      server_zone: "shop",
      grpc_tls_handshake_result: "SUCCESS",
    };
    const command = { command: "get", status: "hit" };
    const labelsOf = (name: string) => (name === "memcached_commands_total" ? command : labels);
    const placed = PROMETHEUS_NAMES.filter((name) => source.place?.(pointOf(name, labelsOf(name)), AT));
    expect(placed.length).toBeGreaterThan(0);
    expect(placed.filter((name) => !names.test(name))).toEqual([]);
    expect(PROMETHEUS_NAMES.filter((name) => names.test(name) && !placed.includes(name))).toEqual([]);
    expect(remote.text).toContain("{{collector}}/api/v1/write");
  });

  it("never throws, and refuses with a reason, whatever comes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: "binary" }), damaged), (body) => {
        const read = source.read(body, AT);
        if (!read.ok) expect(read.reason).not.toBe("");
        else
          for (const observation of read.observations)
            expect(meaningOf(source, observation.totals)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it("counts no more than the increases tell", () => {
    const names = Object.keys(
      EXAMPLES.flatMap((body) => totalsIn(source, body)).reduce((a, b) => ({ ...a, ...b }), {}),
    );
    const increases = fc.dictionary(fc.constantFrom(...names, "other"), fc.nat(1_000_000), { maxKeys: 20 });
    fc.assert(
      fc.property(increases, (moved) => {
        expect(meaningOf(source, moved)).toBe(true);
      }),
    );
  });
});

const damaged = fc
  .tuple(
    fc.constantFrom(...EXAMPLES),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.string({ maxLength: 5 }),
  )
  .map(([text, where, junk]) => {
    const at = Math.floor(where * text.length);
    return text.slice(0, at) + junk + text.slice(at + 1);
  });

const PROMETHEUS_NAMES = [
  "haproxy_frontend_ssl_sess",
  "haproxy_frontend_ssl_reused_sess",
  "haproxy_frontend_ssl_failed_handshake",
  "haproxy_process_ssl_cache_lookups_total",
  "haproxy_process_ssl_cache_misses_total",
  "haproxy_process_frontend_ssl_reuse",
  "haproxy_backend_ssl_sess",
  "haproxy_listener_ssl_sess",
  "envoy_listener_ssl_handshake",
  "envoy_listener_ssl_session_reused",
  "envoy_listener_ssl_connection_error",
  "envoy_listener_ssl_fail_verify_san",
  "envoy_listener_ssl_no_certificate",
  "envoy_cluster_ssl_handshake",
  "nginxplus_server_ssl_handshakes",
  "nginxplus_server_ssl_session_reuses",
  "nginxplus_server_ssl_handshakes_failed",
  "nginxplus_upstream_server_ssl_handshakes",
  "proxy_process_ssl_total_success_handshake_count_in",
  "proxy_process_ssl_total_tickets_verified",
  "proxy_process_ssl_total_tickets_not_found",
  "proxy_process_ssl_ssl_session_cache_hit",
  "proxy_process_ssl_ssl_session_cache_miss",
  "proxy_process_ssl_user_agent_unknown_ca",
  "proxy_process_ssl_total_success_handshake_count_out",
  "redis_keyspace_hits_total",
  "redis_keyspace_misses_total",
  "redis_evicted_keys_total",
  "redis_db_keys",
  "redis_expired_keys_total",
  "memcached_commands_total",
  "memcached_items_evicted_total",
  "memcached_current_items",
  "memcached_current_bytes",
  "grpc_server_tls_handshakes_total",
  "up",
];

function pointOf(name: string, labels: Record<string, string>) {
  return { name, labels, value: 1, atMs: AT.atMs, kind: "total", startedMs: null } as const;
}

function totalsIn(source: MetricSource, body: string): Readonly<Record<string, number>>[] {
  const read = source.read(body, AT);
  return read.ok ? read.observations.map(({ totals }) => totals) : [];
}

/** Whole counts above zero, as many resumed or full ones at most as anything rose, and never less than nothing held back. */
function meaningOf(source: MetricSource, increases: Readonly<Record<string, number>>): boolean {
  const whole = Object.fromEntries(
    Object.entries(increases).filter(([, value]) => Number.isSafeInteger(value) && value >= 0),
  );
  const { handshakes, heldBack = {} } = source.interpret(whole);
  const most = Object.values(whole).reduce((sum, value) => sum + value, 0);
  const total = handshakes.reduce((sum, { count }) => sum + count, 0);
  return (
    handshakes.every(({ count }) => Number.isInteger(count) && count > 0) &&
    handshakes.every(
      ({ outcome, reason, mechanism }) =>
        !(reason && outcome !== "full") && !(mechanism && outcome !== "resumed"),
    ) &&
    total <= most &&
    Object.entries(heldBack).every(([name, held]) => held >= 0 && held <= (whole[name] ?? 0))
  );
}
