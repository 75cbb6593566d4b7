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

/** Rises at each graceful reload, which makes a new cache, and starts again with the server. */
const GENERATION = "ParentServerConfigGeneration";
const TOTALS = [
  GENERATION,
  "CacheStoreCount",
  "CacheDiscardCount",
  "CacheRetrieveHitCount",
  "CacheRetrieveMissCount",
];
const GAUGES = ["CacheCurrentEntries"];

/** `server-status?auto` of Apache httpd with mod_ssl: its shared session cache (shmcb). */
export const apacheStatusSource: MetricSource = {
  name: "apache-status",
  title: "Apache httpd server-status",
  system: "apache",
  generation: GENERATION,
  capabilities: counterCapabilities({
    cache: "yes",
    notes: [
      "Tells of the session cache only: hits are accepted session ids, misses refused ones. Full and resumed handshakes are in Apache's log.",
      "Every graceful reload makes a new cache: its counters start again, and all session ids die.",
      "CacheStoreCount and the entries hold one for each TLS 1.3 ticket as well, so they say little of session ids; with tickets off, TLS 1.3 sessions are looked up too.",
      "How many entries fit depends on their size, so the capacity is unknown.",
    ],
  }),
  configurations: [
    {
      title: "Open server-status for reading",
      transport: "scrape",
      language: "apache",
      text: `LoadModule status_module modules/mod_status.so
LoadModule socache_shmcb_module modules/mod_socache_shmcb.so
SSLSessionCache shmcb:/run/apache2/ssl_scache(512000)
<Location "/server-status">
  SetHandler server-status
  Require local
</Location>`,
    },
    scrapeConfiguration("apache-status", "http://127.0.0.1/server-status?auto"),
  ],
  read,
  interpret: () => NO_MEANING,
  cacheOf,
};

function read(body: string, at: ReadAt): ReadResult {
  const lines = [...body.matchAll(/^((?:Cache|Parent)\w{1,40}): (\d{1,16})\r?$/gm)];
  const fields = Object.fromEntries(lines.map(([, name, value]) => [name, value]));
  const totals = pickNumbers(fields, TOTALS);
  if (totals.CacheRetrieveHitCount === undefined)
    return { ok: false, reason: "no Cache… lines in it: they need mod_ssl, SSLSessionCache shmcb and ?auto" };
  const gauges = pickNumbers(fields, GAUGES);
  return { ok: true, observations: [observationAt(at, "cache", { totals, gauges })] };
}

function cacheOf(observation: Observation): CacheSample {
  const { totals, gauges } = observation;
  return cacheSample(observation, "shmcb", {
    hits: totals.CacheRetrieveHitCount ?? null,
    misses: totals.CacheRetrieveMissCount ?? null,
    inserts: totals.CacheStoreCount ?? null,
    // Sessions that had to go before their time; expired and replaced ones are no loss.
    evictions: totals.CacheDiscardCount ?? null,
    entries: gauges.CacheCurrentEntries ?? null,
  });
}
