/** What descriptions of counter sources have in common: capabilities, scrape targets, remote write. */
import type { Capabilities, ProxyConfiguration } from "./source.ts";

/** The capability row of counters, which tell of few things: what is not named is not told. */
export function counterCapabilities(
  told: Partial<Omit<Capabilities, "unit">> & Pick<Capabilities, "notes">,
): Capabilities {
  return {
    unit: "counter",
    outcome: "no",
    offer: "no",
    mechanism: "no",
    rejectionReason: "no",
    protocol: "no",
    earlyData: "no",
    handshakeTime: "no",
    failures: "no",
    cache: "no",
    keyRotation: "no",
    ...told,
  };
}

/** A target for Reprise's own configuration file. */
export function scrapeConfiguration(source: string, url: string): ProxyConfiguration {
  return {
    title: "Scraped by Reprise",
    transport: "scrape",
    language: "yaml",
    text: `# The file that REPRISE_CONFIG names
scrape:
  - source: ${source}
    url: ${url}
    every: 15s
    node: edge-1        # the same name as in this node's log, so that both are known to tell of the same handshakes
    region: eu-west`,
  };
}

/** What a Prometheus that scrapes the proxy already sends on to Reprise; `names` is a regular expression. */
export function remoteWriteConfiguration(names: string): ProxyConfiguration {
  return {
    title: "Sent on by Prometheus (remote write)",
    transport: "remote_write",
    language: "yaml",
    text: `# prometheus.yml
remote_write:
  - url: {{collector}}/api/v1/write
    authorization: { credentials: "{{token}}" }
    queue_config: { max_shards: 1 }     # keeps the counters of one scrape together
    write_relabel_configs:
      - source_labels: [__name__]
        regex: ${names}
        action: keep`,
  };
}
