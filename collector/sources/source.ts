/**
 * The contract of a source of log lines or events. A source only reads and maps: it does no I/O and keeps state only
 * in the decoder that it makes for one stream. Adding one = a folder beside this file + a line in registry.ts.
 */
import type { CacheSample, Change, Handshake, Origin } from "../../lib/domain/handshake.ts";
import type { Invariant } from "../../lib/domain/invariants.ts";
import type { KeySight } from "../../lib/domain/keys.ts";

/** What a field of the capability row may say. */
export type Capability = "yes" | "no" | "partly";

/** What a source can and cannot tell (shown on "Connect a source" and in the docs). */
export type Capabilities = {
  readonly unit: "request" | "connection" | "event" | "counter";
  readonly outcome: Capability;
  readonly offer: Capability;
  readonly mechanism: Capability;
  readonly rejectionReason: Capability;
  readonly protocol: Capability;
  readonly earlyData: Capability;
  readonly handshakeTime: Capability;
  readonly failures: Capability;
  readonly cache: Capability;
  readonly keyRotation: Capability;
  /** Traps and limits in one sentence each. */
  readonly notes: readonly string[];
};

/** How telemetry reaches the collector, in the order in which "Connect a source" offers them. */
export const TRANSPORTS = [
  "syslog",
  "syslog_tls",
  "http",
  "agent",
  "scrape",
  "remote_write",
  "otlp",
  "statsd",
] as const;
export type TransportName = (typeof TRANSPORTS)[number];

/**
 * Configuration that an operator pastes into the proxy (or gives to the agent). Placeholders are filled in by the page:
 * `{{collector}}` (http://host:port), `{{syslog}}` (host:port), `{{syslog_host}}`, `{{syslog_port}}`,
 * `{{syslog_tls_port}}`, `{{statsd}}` (host:port), `{{statsd_host}}`, `{{statsd_port}}`, `{{token}}`. A line that holds
 * `{{token}}` is left out where none is needed.
 */
export type ProxyConfiguration = {
  readonly title: string;
  readonly transport: TransportName;
  readonly language: string;
  readonly text: string;
};

/** What every source says of itself, whether it reads lines or counters. */
export type SourceDescription = {
  /** Name in paths and on the command line: lower case, no spaces. */
  readonly name: string;
  readonly title: string;
  /**
   * The product whose handshakes it tells of ("haproxy" for its log and for its counters); null for one that speaks for
   * any. Log and counters of one product on one node are two views of the same handshakes, and are never added up.
   */
  readonly system: string | null;
  /** From where it sees handshakes one by one: off the wire, or (when it does not say) as the one that makes them. */
  readonly vantage?: "wire";
  readonly capabilities: Capabilities;
  readonly configurations: readonly ProxyConfiguration[];
};

/** The origin of handshakes that a source's lines tell of. */
export function logOrigin(source: SourceDescription): Origin {
  return { source: source.name, system: source.system, vantage: source.vantage ?? "log" };
}

/** What the sender said about its lines as a whole; used where a line itself is silent. */
export type LineDefaults = {
  readonly endpoint: string | null;
  readonly node: string | null;
  readonly region: string | null;
  /**
   * Lines arrive as they happen. Then a line without a time zone is dated by its arrival, and the stream may have
   * begun in the middle. Otherwise it is a file: its own times count, and it is taken to begin with its server.
   */
  readonly live: boolean;
  /**
   * They are of a file that is followed on the host that wrote it: live, and it may have begun in the middle, but its own
   * times count, since it may be read late.
   */
  readonly followed?: boolean;
};

/** Whether a line whose time has no zone is dated by its arrival. */
export function isDatedByArrival({ live, followed }: LineDefaults): boolean {
  return live && followed !== true;
}

/** A use of a key as somebody told it: `keyName` is its public name, which only the pipeline turns into a hash. */
export type ToldKey = Omit<KeySight, "bucketStartMs" | "firstMs" | "lastMs"> & { readonly atMs: number };

/** What one line (or message) turned into. A line may be rightly ignored (a later request of the same connection). */
export type Decoded =
  | { readonly kind: "handshake"; readonly handshake: Handshake }
  | { readonly kind: "change"; readonly change: Omit<Change, "id"> }
  | { readonly kind: "cache"; readonly cache: CacheSample }
  /** A use of a ticket key that no handshake tells of. */
  | { readonly kind: "key"; readonly key: ToldKey }
  /** `repeat`: another request of a known connection. `irrelevant`: no TLS, or not about a handshake. */
  | { readonly kind: "ignored"; readonly why: "repeat" | "irrelevant" }
  /** `invariant`: the line contradicts itself (lib/domain/invariants.ts), which is a fault of the telemetry. */
  | { readonly kind: "refused"; readonly reason: string; readonly invariant?: Invariant };

/** Decodes the lines of one stream in order, reducing requests to connections with bounded memory. */
export interface LineDecoder {
  /** One line without its line end. `receivedMs` dates lines that carry no time of their own. Never throws. */
  decode(line: string, receivedMs: number): Decoded;
}

/** A log format of the operator's own, compiled; or why it cannot be used, in one sentence. */
export type FormatResult =
  | {
      readonly ok: true;
      /** Whether a line fits, for streams in which senders do not say. */
      readonly recognises: (line: string) => boolean;
      readonly decoder: (defaults: LineDefaults) => LineDecoder;
    }
  | { readonly ok: false; readonly problem: string };

export interface Source extends SourceDescription {
  /** Whether a line looks like this source's (for syslog, where senders do not say). */
  recognises(line: string): boolean;
  decoder(defaults: LineDefaults): LineDecoder;
  /** Compiles a log format that the operator wrote; absent where the source has one form only. */
  readonly withFormat?: (format: string) => FormatResult;
}
