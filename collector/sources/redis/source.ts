import type { CacheSample } from "../../../lib/domain/handshake.ts";
import { counterCapabilities, scrapeConfiguration } from "../metric-configuration.ts";
import { cacheSample, observationAt, pickNumbers } from "../metric-result.ts";
import {
  type MetricSource,
  NO_MEANING,
  type Observation,
  type ReadAt,
  type ReadResult,
} from "../metric-source.ts";

const TOTALS = ["keyspace_hits", "keyspace_misses", "evicted_keys"] as const;

/** INFO of a Redis or Valkey that keeps TLS sessions for several nodes. */
export const redisSource: MetricSource = {
  name: "redis",
  title: "Redis as session cache",
  system: null,
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
  ],
  socket: { ask: (login) => `${login ? authentication(login) : ""}INFO\r\nQUIT\r\n`, only: true },
  read,
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

function cacheOf(observation: Observation): CacheSample {
  const { scope, totals, gauges } = observation;
  return cacheSample(observation, scope, {
    hits: totals.keyspace_hits ?? null,
    misses: totals.keyspace_misses ?? null,
    evictions: totals.evicted_keys ?? null,
    entries: gauges.keys ?? null,
  });
}
