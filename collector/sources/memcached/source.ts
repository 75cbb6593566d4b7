import type { CacheSample } from "../../../lib/domain/handshake.ts";
import {
  counterCapabilities,
  remoteWriteConfiguration,
  scrapeConfiguration,
} from "../metric-configuration.ts";
import { instanceOf } from "../metric-points.ts";
import { cacheSample, observationAt, pickNumbers } from "../metric-result.ts";
import {
  type MetricDefaults,
  type MetricPoint,
  type MetricSource,
  NO_MEANING,
  type Observation,
  type Placement,
  type ReadAt,
  type ReadResult,
} from "../metric-source.ts";

const TOTALS = ["get_hits", "get_misses", "evictions", "cmd_set"];
const GAUGES = ["curr_items"];

/** `stats` of a memcached that keeps TLS sessions for several nodes. */
export const memcachedSource: MetricSource = {
  name: "memcached",
  title: "memcached as session cache",
  system: null,
  together: [["get_hits", "get_misses"]],
  capabilities: counterCapabilities({
    cache: "yes",
    notes: [
      "Hits and misses are of every item that is read: use a memcached of its own for sessions, or the ratio is of something else.",
      "An item that is read after it expired is a miss. evictions went for lack of memory before their time.",
      "limit_maxbytes is in bytes, so the capacity in sessions is unknown.",
    ],
  }),
  configurations: [
    scrapeConfiguration("memcached", "tcp://127.0.0.1:11211"),
    remoteWriteConfiguration(
      "memcached_commands_total|memcached_items_evicted_total|memcached_current_items",
    ),
  ],
  socket: { ask: () => "stats\r\nquit\r\n", only: true },
  read,
  place,
  interpret: () => NO_MEANING,
  cacheOf,
};

function read(body: string, at: ReadAt): ReadResult {
  const lines = [...body.matchAll(/^STAT (\w{1,60}) (\d{1,16})\r?$/gm)];
  const fields = Object.fromEntries(lines.map(([, name, value]) => [name, value]));
  const totals = pickNumbers(fields, TOTALS);
  if (totals.get_hits === undefined) return { ok: false, reason: "no get_hits in it: is this memcached?" };
  const gauges = pickNumbers(fields, GAUGES);
  return { ok: true, observations: [observationAt(at, `memcached ${at.target}`, { totals, gauges })] };
}

/** Names of memcached_exporter; commands by command and status. */
const EXPORTED: ReadonlyMap<string, string> = new Map([
  ["memcached_commands_total get hit", "get_hits"],
  ["memcached_commands_total get miss", "get_misses"],
  ["memcached_commands_total set hit", "cmd_set"],
  ["memcached_items_evicted_total", "evictions"],
  ["memcached_current_items", "curr_items"],
]);

function place(point: MetricPoint, defaults: MetricDefaults): Placement | null {
  const { command, status, instance } = point.labels;
  const counter = EXPORTED.get([point.name, command, status].filter((word) => word !== undefined).join(" "));
  if (counter === undefined) return null;
  return {
    scope: `memcached ${instance ?? ""}`.trim(),
    endpoint: defaults.endpoint,
    node: instanceOf(point.labels, defaults).node,
    protocol: null,
    counter,
    gauge: GAUGES.includes(counter),
  };
}

function cacheOf(observation: Observation): CacheSample {
  const { scope, totals, gauges } = observation;
  return cacheSample(observation, scope, {
    hits: totals.get_hits ?? null,
    misses: totals.get_misses ?? null,
    inserts: totals.cmd_set ?? null,
    evictions: totals.evictions ?? null,
    entries: gauges.curr_items ?? null,
  });
}
