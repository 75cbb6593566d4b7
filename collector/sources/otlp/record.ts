import type { Protocol } from "../../../lib/domain/vocabulary.ts";
import { parseJson } from "../../../lib/runtime/json.ts";
import { Lru } from "../../../lib/runtime/lru.ts";
import { failureText, keyOf } from "../fields.ts";
import { parseWireHandshake } from "../native/parse.ts";
import type { Decoded, LineDecoder, LineDefaults } from "../source.ts";
import {
  type Attributes,
  attributesOf,
  isMessage,
  momentOf,
  NotOtlp,
  type OtlpMessage,
  textAmong,
} from "./values.ts";

/** Connections remembered for one resource, to know their later requests. */
const MAX_CONNECTIONS = 100_000;
/** Attributes that do not change within a connection. */
const CONNECTION = [
  "client.address",
  "client.port",
  "server.address",
  "server.port",
  "tls.resumed",
  "tls.cipher",
] as const;
/** Addresses and ports come again; after such a pause they are taken for another connection. */
const IDLE_MS = 300_000;

/** What the semantic conventions have no attribute for, and the field that each of ours becomes. */
export const OWN_ATTRIBUTES = {
  "reprise.tls.mechanism": "mechanism",
  "reprise.tls.offer": "offer",
  "reprise.tls.reason": "reason",
  "reprise.tls.early_data": "earlyData",
  "reprise.tls.handshake_us": "handshakeUs",
  "reprise.tls.ttfb_us": "ttfbUs",
  "reprise.tls.ticket_age_s": "ticketAgeS",
  "reprise.tls.key_name": "keyName",
} as const;

/** Versions with and without the name in front ("TLSv1.2", "TLS 1.2", "1.2"); "3" alone is not among them. */
const VERSION = /^(?:TLS ?v?)?(1(?:\.[0-3])?)$/i;

/**
 * Decodes log records with the TLS attributes of the semantic conventions (SOURCES section 4): one handshake a record.
 * Records of requests (with `http.request.method`) are reduced to their connections.
 */
export class RecordDecoder implements LineDecoder {
  readonly #defaults: LineDefaults;
  readonly #connections = new Lru<string, number>(MAX_CONNECTIONS);

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
  }

  /** A LogRecord in OTLP's JSON. */
  decode(line: string, receivedMs: number): Decoded {
    let record: unknown;
    try {
      record = parseJson(line);
    } catch {
      return { kind: "refused", reason: "not JSON" };
    }
    return isMessage(record)
      ? this.decodeRecord(record, receivedMs)
      : { kind: "refused", reason: "a log record as a JSON object is expected" };
  }

  /** A LogRecord. Never throws. */
  decodeRecord(record: OtlpMessage, receivedMs: number): Decoded {
    try {
      return this.#handshake(attributesOf(record), timeOf(record) ?? receivedMs);
    } catch (error) {
      if (error instanceof NotOtlp) return { kind: "refused", reason: error.message };
      throw error;
    }
  }

  #handshake(attributes: Attributes, atMs: number): Decoded {
    if (!tellsOfHandshake(attributes)) return { kind: "ignored", why: "irrelevant" };
    const established = attributes.get("tls.established") !== false;
    const resumed = attributes.get("tls.resumed");
    if (!established && resumed === true)
      return { kind: "refused", reason: "tls.resumed is true but tls.established is false" };
    const protocol = protocolOf(attributes);
    if (protocol === undefined)
      return { kind: "refused", reason: "tls.protocol.version is no version of TLS that is known" };
    const outcome = established
      ? typeof resumed !== "boolean"
        ? null
        : resumed
          ? "resumed"
          : "full"
      : "failed";
    const { node, region, endpoint } = this.#defaults;
    const parsed = parseWireHandshake({
      ts: atMs,
      outcome,
      protocol,
      node,
      region,
      endpoint: textAmong(attributes, "server.address", "tls.client.server_name") ?? endpoint,
      cipher: textAmong(attributes, "tls.cipher"),
      group: textAmong(attributes, "tls.curve"),
      client: textAmong(attributes, "client.address"),
      userAgent: textAmong(attributes, "user_agent.original"),
      alert: established ? null : alertOf(attributes),
      // In TLS 1.3 there is one way to resume (RFC 8446 2.2).
      ...(outcome === "resumed" && protocol === "TLSv1.3" ? { mechanism: "psk" } : {}),
      ...ownFields(attributes),
    });
    if (!parsed.ok) return { ...parsed, kind: "refused" };
    return this.#isRepeat(attributes, atMs)
      ? { kind: "ignored", why: "repeat" }
      : { kind: "handshake", handshake: parsed.value };
  }

  #isRepeat(attributes: Attributes, atMs: number): boolean {
    if (!attributes.has("http.request.method")) return false;
    const key = keyOf(...CONNECTION.map((name) => attributes.get(name)));
    const lastMs = this.#connections.get(key);
    this.#connections.set(key, Math.max(atMs, lastMs ?? atMs));
    return lastMs !== undefined && Math.abs(atMs - lastMs) <= IDLE_MS;
  }
}

/** When a record's event happened; where that is not told, when it was seen. Null without both. */
export function timeOf(record: OtlpMessage): number | null {
  return momentOf(record.timeUnixNano) ?? momentOf(record.observedTimeUnixNano);
}

/** Whether these attributes are of a handshake: a version or cipher alone is of a request or a span. */
export function tellsOfHandshake(attributes: Attributes): boolean {
  return (
    typeof attributes.get("tls.resumed") === "boolean" ||
    typeof attributes.get("tls.established") === "boolean"
  );
}

/**
 * The protocol by `tls.protocol.name` and `.version`. The conventions' own examples are "1.2" and "3", and "3" is read by
 * what stands beside it: "ssl" means SSLv3, "tls" or a cipher suite of TLS 1.3 means TLS 1.3. Else it is not known (null).
 * undefined for a version that is none.
 */
function protocolOf(attributes: Attributes): Protocol | null | undefined {
  const text = textAmong(attributes, "tls.protocol.version");
  if (text === null) return null;
  const name = textAmong(attributes, "tls.protocol.name")?.toLowerCase() ?? null;
  if (text === "3" || text === "3.0") {
    if (name === "ssl") return "SSLv3";
    const cipher = textAmong(attributes, "tls.cipher") ?? "";
    return name === "tls" || /^TLS_(AES|CHACHA20|SM4)_/.test(cipher) ? "TLSv1.3" : null;
  }
  if (/^SSL ?v?3(\.0)?$/i.test(text)) return "SSLv3";
  const version = VERSION.exec(text)?.[1];
  if (version === undefined || name === "ssl") return undefined;
  return version === "1" || version === "1.0" ? "TLSv1" : (`TLSv${version}` as Protocol);
}

function alertOf(attributes: Attributes): string | null {
  const text = textAmong(attributes, "error.message", "exception.message", "error.type", "exception.type");
  return text === null ? null : failureText(text);
}

function ownFields(attributes: Attributes): Record<string, unknown> {
  const entries = Object.entries(OWN_ATTRIBUTES).flatMap(([attribute, field]) => {
    const value = attributes.get(attribute);
    if (value === undefined || value === "") return [];
    return [[field, typeof value === "number" ? Math.round(value) : value] as const];
  });
  return Object.fromEntries(entries);
}
