import catalogue from "@/lib/contract/source-catalogue.json";

/** What a source says of itself (lib/contract/source-catalogue.json is made from the source objects). */
export type CatalogueEntry = {
  readonly name: string;
  readonly title: string;
  readonly kind: string;
  readonly system: string | null;
  readonly capabilities: Readonly<Record<string, unknown>> & {
    readonly unit: string;
    readonly notes: readonly string[];
  };
  readonly configurations: readonly {
    readonly title: string;
    readonly transport: string;
    readonly language: string;
    readonly text: string;
  }[];
};

/** Every source that can be connected, in the order of the registry. */
export const CATALOGUE: readonly CatalogueEntry[] = catalogue as readonly CatalogueEntry[];

/** A source's entry by its name; undefined for one that this console does not know. */
export const entryOf = (name: string): CatalogueEntry | undefined =>
  CATALOGUE.find((entry) => entry.name === name);

/** The columns of the capability row, in the order in which they matter at 3 a.m. */
export const CAPABILITIES: readonly (readonly [key: string, label: string])[] = [
  ["outcome", "Full or resumed"],
  ["mechanism", "Mechanism"],
  ["offer", "Offers"],
  ["rejectionReason", "Rejection reasons"],
  ["protocol", "Protocol"],
  ["earlyData", "Early data"],
  ["handshakeTime", "Handshake time"],
  ["failures", "Failures"],
  ["cache", "Cache"],
  ["keyRotation", "Key rotation"],
];

const TRANSPORTS: Readonly<Record<string, string>> = {
  syslog: "Syslog, UDP or TCP",
  syslog_tls: "Syslog over TLS",
  http: "HTTP",
  agent: "Agent on the host",
  scrape: "Scrape",
  remote_write: "Prometheus remote write",
  otlp: "OTLP",
  statsd: "statsd",
  syslog_udp: "Syslog, UDP",
  syslog_tcp: "Syslog, TCP",
};

/** A transport as people call it. */
export const transportTitle = (name: string): string => TRANSPORTS[name] ?? name.replaceAll("_", " ");
