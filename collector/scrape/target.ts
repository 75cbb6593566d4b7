import { SettingsError } from "../../lib/runtime/settings.ts";
import type { ScrapeTarget } from "../configuration.ts";
import { findMetricSource, METRIC_SOURCES } from "../sources/metric-registry.ts";
import type { Login, MetricSource } from "../sources/metric-source.ts";

/** Where a target is reached. */
export type Address =
  | { readonly kind: "http"; readonly url: URL }
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** A target as it is scraped. */
export type Target = {
  readonly source: MetricSource;
  readonly address: Address;
  /** What is said on a socket to be answered; null over HTTP. */
  readonly question: string | null;
  /** The address without login and query, for people and for telling targets apart. */
  readonly name: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly endpoint: string | null;
  readonly node: string | null;
  readonly region: string | null;
};

const SHORTEST_MS = 1_000;

/** The targets of a configuration file. Throws SettingsError, naming the target, when one cannot be scraped as it stands. */
export function targetsOf(list: readonly ScrapeTarget[], file: string): Target[] {
  const targets = list.map((given, index) => targetOf(given, `${file}: scrape.${index}`));
  const seen = new Set<string>();
  for (const [index, { source, name }] of targets.entries()) {
    const key = `${source.name} ${name}`;
    if (seen.has(key))
      throw new SettingsError(`${file}: scrape.${index}: ${name} is scraped as ${source.name} twice.`);
    seen.add(key);
  }
  return targets;
}

function targetOf(given: ScrapeTarget, where: string): Target {
  const source = findMetricSource(given.source);
  if (!source) {
    const names = METRIC_SOURCES.map(({ name }) => name).join(", ");
    throw new SettingsError(`${where}: source must be one of ${names}, not "${given.source}".`);
  }
  const { address, login, name } = addressOf(given.url, where);
  if (address.kind === "http" && source.socket?.only)
    throw new SettingsError(
      `${where}: ${source.name} is asked over tcp://host:port or unix:/path, not over HTTP.`,
    );
  if (address.kind !== "http" && !source.socket)
    throw new SettingsError(`${where}: ${source.name} is asked over http:// or https://, not over a socket.`);
  if (given.every < SHORTEST_MS) throw new SettingsError(`${where}: every must be at least 1s.`);
  return {
    source,
    address,
    question: address.kind === "http" ? null : (source.socket?.ask(login) ?? null),
    name,
    everyMs: given.every,
    timeoutMs: Math.min(given.timeout, given.every),
    headers: { ...given.headers, ...(address.kind === "http" ? basic(login) : {}) },
    endpoint: given.endpoint ?? null,
    node: given.node ?? null,
    region: given.region ?? null,
  };
}

function addressOf(text: string, where: string): { address: Address; login: Login | null; name: string } {
  if (text.startsWith("unix:/")) {
    const path = text.slice("unix:".length).replace(/^\/\/+/, "/");
    return { address: { kind: "unix", path }, login: null, name: `unix:${path}` };
  }
  if (!URL.canParse(text))
    throw new SettingsError(`${where}: url must be http(s)://…, unix:/path or tcp://host:port.`);
  const url = new URL(text);
  const login = loginOf(url, where);
  url.username = "";
  url.password = "";
  if (url.protocol === "http:" || url.protocol === "https:")
    return { address: { kind: "http", url }, login, name: `${url.origin}${url.pathname}` };
  const port = Number(url.port);
  if (url.protocol !== "tcp:" || url.hostname === "" || port === 0)
    throw new SettingsError(`${where}: url must be http(s)://…, unix:/path or tcp://host:port.`);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { address: { kind: "tcp", host, port }, login, name: `tcp://${url.host}` };
}

function loginOf(url: URL, where: string): Login | null {
  if (url.username === "" && url.password === "") return null;
  try {
    return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  } catch {
    throw new SettingsError(`${where}: user and password in url must be percent-encoded.`);
  }
}

function basic(login: Login | null): Readonly<Record<string, string>> {
  if (login === null) return {};
  const credentials = Buffer.from(`${login.user}:${login.password}`).toString("base64");
  return { authorization: `Basic ${credentials}` };
}
