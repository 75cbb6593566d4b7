import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { probeFields } from "../lib/contract/probe.ts";
import { PROBE_LIMITS } from "../lib/domain/probe.ts";
import { TOKEN_LIMITS, TOKEN_SCOPES } from "../lib/domain/source-token.ts";
import { costsPart } from "../lib/runtime/costs.ts";
import { groupsPart } from "../lib/runtime/groups.ts";
import { SettingsError } from "../lib/runtime/settings.ts";
import { parseYaml } from "../lib/runtime/yaml.ts";

const name = z.string().min(1).max(253);
const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** `500ms`, `15s`, `1m`, `1h` in milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h)$/, "a duration like 15s, 1m or 500ms is expected")
  .transform((text) => {
    const unit = /[a-z]+$/.exec(text)?.[0] as keyof typeof MILLISECONDS;
    return Number.parseInt(text, 10) * MILLISECONDS[unit];
  });

const place = { endpoint: name.optional(), node: name.optional(), region: name.optional() };

/** A log format of the operator's own, by source: `log_format` of nginx, `log-format` of HAProxy. */
const format = z.strictObject({ source: name, format: z.string().min(1).max(16_384) });

/** Where counters are fetched on a schedule. */
const scrapeTarget = z.strictObject({
  source: name,
  /** http(s)://…, unix:/path (a stats socket), tcp://host:port (a stats socket, Redis or memcached over TCP). */
  url: z.string().min(1).max(2_048),
  every: duration.default(15_000),
  timeout: duration.default(5_000),
  ...place,
  /** Sent with each request over HTTP. */
  headers: z.record(z.string(), z.string()).default({}),
});
export type ScrapeTarget = z.infer<typeof scrapeTarget>;

/** What the prober connects to. The files are of the collector's host. */
const probeTarget = z.strictObject({
  endpoint: name,
  ...probeFields,
  every: duration.default(PROBE_LIMITS.intervalMs.usual),
  timeout: duration.default(PROBE_LIMITS.timeoutMs.usual),
  /** PEM: who vouches for the nodes' certificates, and the prober's own certificate with its key. */
  caFile: z.string().min(1).optional(),
  certFile: z.string().min(1).optional(),
  keyFile: z.string().min(1).optional(),
});
export type ConfiguredProbe = z.infer<typeof probeTarget>;

/** A sender that shows a client certificate in place of a token. */
const client = z.strictObject({
  /** Of its certificate: common name, or DNS or URI name; `*` stands for any characters. */
  name,
  tenant: name.default("default"),
  scopes: z.array(z.enum(TOKEN_SCOPES)).min(1).default(["handshakes", "changes"]),
  endpoints: z.array(name).min(1).max(TOKEN_LIMITS.names).optional(),
  nodes: z.array(name).min(1).max(TOKEN_LIMITS.names).optional(),
  /** The node that it is where a push names none; true: the name in its certificate. */
  node: z.union([name, z.literal(true)]).optional(),
});
export type ConfiguredClient = z.infer<typeof client>;

const configuration = z.strictObject({
  formats: z.array(format).max(100).default([]),
  scrape: z.array(scrapeTarget).max(1_000).default([]),
  probe: z.array(probeTarget).max(1_000).default([]),
  clients: z.array(client).max(1_000).default([]),
  /** Networks of one ticket within an hour that are never remarkable, by endpoint, where the setting does not fit. */
  misuse: z
    .strictObject({ networks: z.record(name, z.number().int().min(2).max(64)).default({}) })
    .default({ networks: {} }),
  /** For the console; read here too, so that what is wrong is said at the start. */
  costs: costsPart.optional(),
  groups: groupsPart.optional(),
});
export type Configuration = z.infer<typeof configuration>;

/** What holds where no configuration file is given. */
export const NO_CONFIGURATION: Configuration = {
  formats: [],
  scrape: [],
  probe: [],
  clients: [],
  misuse: { networks: {} },
};

/**
 * Reads the configuration file named by REPRISE_CONFIG. Throws SettingsError with file, line and field where it cannot
 * be used. An empty path means none.
 */
export function loadConfiguration(path: string): Configuration {
  if (path === "") return NO_CONFIGURATION;
  if (!existsSync(path)) throw new SettingsError(`REPRISE_CONFIG names ${path}, which does not exist.`);
  return parseConfiguration(readFileSync(path, "utf8"), path);
}

/** The same from a text; `path` is for messages. */
export function parseConfiguration(text: string, path: string): Configuration {
  return parseYaml(text, path, configuration);
}
