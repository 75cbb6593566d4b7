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

const TOTALS = ["keyspace_hits", "keyspace_misses", "evicted_keys"] as const;

/** INFO of a Redis or Valkey that keeps TLS sessions for several nodes. */
export const redisSource: MetricSource = {
  name: "redis",
  title: "Redis as session cache",
  system: null,
  together: [["keyspace_hits", "keyspace_misses"]],
  capabilities: counterCapabilities({
    cache: "yes",
    notes: [
      "Hits and misses are of every key that is read: use a Redis of its own for sessions, or the ratio is of something else.",
      "evicted_keys count keys that went for lack of memory; keys that expired are no loss.",
      "maxmemory is in bytes, so the capacity in sessions is unknown.",
    ],
  }),
  configurations: [
    scrapeConfiguration(
      "redis",
      "tcp://127.0.0.1:6379   # with a password: tcp://user:password@127.0.0.1:6379",
    ),
    remoteWriteConfiguration("redis_(keyspace_(hits|misses)|evicted_keys)_total|redis_db_keys"),
  ],
  socket: { ask: (login) => `${login ? authentication(login) : ""}INFO\r\nQUIT\r\n`, only: true },
  read,
  place,
  interpret: () => NO_MEANING,
  cacheOf,
};

/** AUTH with lengths told (RESP), so that no character of a password can become a command. */
function authentication({ user, password }: { user: string; password: string }): string {
  const words = ["AUTH", ...(user === "" ? [] : [user]), password];
  const told = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${told.join("")}`;
}

function read(body: string, at: ReadAt): ReadResult {
  const lines = [...body.matchAll(/^(\w{1,40}):(\d{1,16})\r?$/gm)];
  const totals = pickNumbers(Object.fromEntries(lines.map(([, name, value]) => [name, value])), TOTALS);
  if (totals.keyspace_hits === undefined)
    return { ok: false, reason: refusalOf(body) ?? "no keyspace_hits in it: is this Redis?" };
  const databases = [...body.matchAll(/^db\d{1,5}:keys=(\d{1,16})/gm)];
  const keys = databases.reduce((sum, [, count]) => sum + Number(count), 0);
  return { ok: true, observations: [observationAt(at, `redis ${at.target}`, { totals, gauges: { keys } })] };
}

/** The error that Redis answers with; null where it gives none. */
function refusalOf(body: string): string | null {
  const error = /^-([A-Z]{1,20}) ([ -~]{1,120})/m.exec(body);
  return error ? `Redis answers ${error[1]}: ${error[2]}` : null;
}

/** Names of redis_exporter. */
const EXPORTED: ReadonlyMap<string, string> = new Map([
  ["redis_keyspace_hits_total", "keyspace_hits"],
  ["redis_keyspace_misses_total", "keyspace_misses"],
  ["redis_evicted_keys_total", "evicted_keys"],
  ["redis_db_keys", "keys"],
]);

function place(point: MetricPoint, defaults: MetricDefaults): Placement | null {
  const name = EXPORTED.get(point.name);
  if (name === undefined) return null;
  const gauge = name === "keys";
  return {
    scope: `redis ${point.labels.instance ?? ""}`.trim(),
    endpoint: defaults.endpoint,
    node: instanceOf(point.labels, defaults).node,
    protocol: null,
    counter: gauge ? `keys ${point.labels.db ?? ""}` : name,
    gauge,
  };
}

function cacheOf(observation: Observation): CacheSample {
  const { scope, totals } = observation;
  const keys = Object.entries(observation.gauges).filter(([name]) => name.startsWith("keys"));
  return cacheSample(observation, scope, {
    hits: totals.keyspace_hits ?? null,
    misses: totals.keyspace_misses ?? null,
    evictions: totals.evicted_keys ?? null,
    entries: keys.length > 0 ? keys.reduce((sum, [, count]) => sum + count, 0) : null,
  });
}
