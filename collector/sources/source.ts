/**
 * The contract of a source of log lines or events. A source only reads and maps: it does no I/O and keeps state only
 * in the reducer that it makes for one stream. Adding one = a folder beside this file + a line in registry.ts.
 */
import type { CacheSample, Change, Handshake } from "../../lib/domain/handshake.ts";

/** What a field of the capability row may say. */
export type Capability = "yes" | "no" | "partly";

/** What a source can and cannot tell (shown on "Connect a source" and in the docs). */
export type Capabilities = {
  readonly unit: "request" | "connection" | "event";
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

/** Configuration that an operator pastes into the proxy. `{{collector}}` and the like are filled in by the page. */
export type ProxyConfiguration = {
  readonly title: string;
  readonly language: "nginx" | "haproxy" | "json" | "bash";
  readonly text: string;
};

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
};

/** What one line (or message) turned into. A line may be rightly ignored (a later request of the same connection). */
export type Decoded =
  | { readonly kind: "handshake"; readonly handshake: Handshake }
  | { readonly kind: "change"; readonly change: Omit<Change, "id"> }
  | { readonly kind: "cache"; readonly cache: CacheSample }
  /** `repeat`: another request of a known connection. `irrelevant`: no TLS, or not about a handshake. */
  | { readonly kind: "ignored"; readonly why: "repeat" | "irrelevant" }
  | { readonly kind: "refused"; readonly reason: string };

/** Decodes the lines of one stream in order, reducing requests to connections with bounded memory. */
export interface LineDecoder {
  /** One line without its line end. `receivedMs` dates lines that carry no time of their own. Never throws. */
  decode(line: string, receivedMs: number): Decoded;
}

export interface Source {
  /** Name in paths and on the command line: lower case, no spaces. */
  readonly name: string;
  readonly title: string;
  readonly capabilities: Capabilities;
  readonly configurations: readonly ProxyConfiguration[];
  /** Whether a line looks like this source's (for syslog, where senders do not say). */
  recognises(line: string): boolean;
  decoder(defaults: LineDefaults): LineDecoder;
}
