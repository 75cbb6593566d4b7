import { apacheSource } from "./apache/source.ts";
import { atsSource } from "./ats/source.ts";
import { awsAlbSource } from "./aws-alb/source.ts";
import { awsNlbSource } from "./aws-nlb/source.ts";
import { caddySource } from "./caddy/source.ts";
import { envoySource } from "./envoy/source.ts";
import { h2oSource } from "./h2o/source.ts";
import { haproxySource } from "./haproxy/source.ts";
import { hitchSource } from "./hitch/source.ts";
import { nativeSource } from "./native/source.ts";
import { nghttpxSource } from "./nghttpx/source.ts";
import { nginxSource } from "./nginx/source.ts";
import { otlpSource } from "./otlp/source.ts";
import type { Source } from "./source.ts";
import { stunnelSource } from "./stunnel/source.ts";
import { suricataSource } from "./suricata/source.ts";
import { tapSource } from "./tap/source.ts";
import { traefikSource } from "./traefik/source.ts";
import { zeekSource } from "./zeek/source.ts";

/** Every source, in the order in which a line of unknown origin is offered to them. */
export const SOURCES: readonly Source[] = [
  nginxSource,
  haproxySource,
  caddySource,
  nghttpxSource,
  h2oSource,
  hitchSource,
  stunnelSource,
  apacheSource,
  atsSource,
  envoySource,
  traefikSource,
  zeekSource,
  suricataSource,
  awsNlbSource,
  awsAlbSource,
  tapSource,
  nativeSource,
  otlpSource,
];

/** A source by its name; undefined for an unknown one. */
export function findSource(name: string): Source | undefined {
  return SOURCES.find((source) => source.name === name);
}

/** The source whose lines look like this one; undefined when none does. */
export function recogniseSource(line: string): Source | undefined {
  return SOURCES.find((source) => source.recognises(line));
}
