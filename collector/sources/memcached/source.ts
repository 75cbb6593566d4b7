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

const TOTALS = ["get_hits", "get_misses", "evictions", "cmd_set"];
const GAUGES = ["curr_items"];

/** `stats` of a memcached that keeps TLS sessions for several nodes. */
export const memcachedSource: MetricSource = {
  name: "memcached",
  title: "memcached as session cache",
  system: null,
  capabilities: counterCapabilities({
    cache: "yes",
    notes: [
      "Hits and misses are of every item that is read: use a memcached of its own for sessions, or the ratio is of something else.",
      "An item that is read after it expired is a miss. evictions went for lack of memory before their time.",
      "limit_maxbytes is in bytes, so the capacity in sessions is unknown.",
    ],
  }),
  configurations: [scrapeConfiguration("memcached", "tcp://127.0.0.1:11211")],
  socket: { ask: () => "stats\r\nquit\r\n", only: true },
  read,
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
