import { apacheStatusSource } from "./apache-status/source.ts";
import { atsStatsSource } from "./ats-stats/source.ts";
import { envoyStatsSource } from "./envoy-stats/source.ts";
import { grpcOtelSource } from "./grpc-otel/source.ts";
import { h2oStatusSource } from "./h2o-status/source.ts";
import { haproxyStatsSource } from "./haproxy-stats/source.ts";
import { memcachedSource } from "./memcached/source.ts";
import type { MetricSource } from "./metric-source.ts";
import { nginxPlusSource } from "./nginx-plus/source.ts";
import { redisSource } from "./redis/source.ts";

/** Every source of counters. Their names and those of the sources of lines are of one space. */
export const METRIC_SOURCES: readonly MetricSource[] = [
  haproxyStatsSource,
  nginxPlusSource,
  envoyStatsSource,
  grpcOtelSource,
  atsStatsSource,
  apacheStatusSource,
  h2oStatusSource,
  redisSource,
  memcachedSource,
];

/** A source of counters by its name; undefined for an unknown one. */
export function findMetricSource(name: string): MetricSource | undefined {
  return METRIC_SOURCES.find((source) => source.name === name);
}
