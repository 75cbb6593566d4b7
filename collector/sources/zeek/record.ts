import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import type { EarlyData, Mechanism, Offer, Outcome, Protocol } from "../../../lib/domain/vocabulary.ts";
import { type Fields, numberOf, textOf, unknownProtocol } from "../fields.ts";
import type { Decoded, LineDefaults } from "../source.ts";
import { isoOrEpochMs } from "../timestamps.ts";

/** Columns without which a record is none of ssl.log. */
export const SSL_COLUMNS = ["ts", "id.orig_h", "id.resp_h", "version", "resumed", "established"] as const;
/** The column that is a list. */
export const LISTS: ReadonlySet<string> = new Set(["ssl_client_exts"]);

/** Version names as Zeek writes them (base/protocols/ssl/consts.zeek). */
const VERSIONS: ReadonlyMap<string, Protocol> = new Map([
  ["SSLv3", "SSLv3"],
  ["TLSv10", "TLSv1"],
  ["TLSv11", "TLSv1.1"],
  ["TLSv12", "TLSv1.2"],
  ["TLSv13", "TLSv1.3"],
]);

/** TLS extensions by number (IANA, "TLS ExtensionType Values"). */
const SESSION_TICKET = 35;
const PRE_SHARED_KEY = 41;
const EARLY_DATA = 42;
const QUIC_TRANSPORT_PARAMETERS = 57;

/** What one record of ssl.log says, readied. */
type SslRecord = {
  readonly protocol: Protocol | null;
  readonly established: boolean;
  readonly resumed: boolean;
  /** Messages in order, capitals from the client; null before Zeek 5. */
  readonly history: string | null;
  /** Extensions of the ClientHello (ssl-log-ext); null where it is not known which there were. */
  readonly extensions: ReadonlySet<number> | null;
  readonly lastAlert: string | null;
};

/** A record of ssl.log, its unset fields null or absent, as a handshake. */
export function decodeRecord(fields: Fields, defaults: LineDefaults): Decoded {
  const atMs = isoOrEpochMs(fields.ts);
  if (atMs === null) return { kind: "refused", reason: "ts is neither epoch seconds nor an ISO 8601 time" };
  const version = textOf(fields.version);
  if (version?.startsWith("DTLS")) return { kind: "ignored", why: "irrelevant" };
  const protocol = version === null ? null : VERSIONS.get(version);
  if (protocol === undefined) return { kind: "refused", reason: unknownProtocol(version ?? "") };
  const record = readied(fields, protocol);
  if (isQuic(record)) return { kind: "ignored", why: "irrelevant" };
  const offer = offerOf(record);
  if (record.established && record.resumed && offer === "none")
    return {
      kind: "refused",
      reason: "resumed is T, but the client sent no pre_shared_key",
      invariant: "accepted_within_offered",
    };
  const outcome = outcomeOf(record);
  return {
    kind: "handshake",
    handshake: {
      ...UNKNOWN_HANDSHAKE,
      atMs,
      ...placeOf(fields, record, defaults),
      protocol,
      cipher: textOf(fields.cipher),
      group: textOf(fields.curve),
      outcome,
      offer,
      mechanism: outcome === "resumed" ? mechanismOf(record) : null,
      earlyData: earlyDataOf(record),
      alert: outcome === "failed" ? record.lastAlert : null,
    },
  };
}

function readied(fields: Fields, protocol: Protocol | null): SslRecord {
  const history = typeof fields.ssl_history === "string" ? fields.ssl_history : null;
  return {
    protocol,
    established: isTrue(fields.established),
    resumed: isTrue(fields.resumed),
    history,
    extensions: extensionsOf(fields.ssl_client_exts, history),
    lastAlert: textOf(fields.last_alert),
  };
}

const isTrue = (value: unknown): boolean => value === true || value === "T";

/** A list that is unset means "none" only in a log that has the column, and if the ClientHello was seen. */
function extensionsOf(value: unknown, history: string | null): ReadonlySet<number> | null {
  if (Array.isArray(value)) return new Set(value.map(numberOf).filter((code) => code !== null));
  return value === null && history?.includes("C") ? new Set() : null;
}

/**
 * QUIC handshakes are in ssl.log too. Their packets after the hellos are encrypted, so Zeek never sees them established
 * and `established` F says nothing. TLS over TCP goes on visibly: at least with a change_cipher_spec or an alert.
 */
function isQuic({ protocol, established, extensions, history, lastAlert }: SslRecord): boolean {
  if (established || lastAlert !== null) return false;
  if (extensions !== null) return extensions.has(QUIC_TRANSPORT_PARAMETERS);
  return protocol === "TLSv1.3" && history !== null && /^\^?[Cjs]+$/.test(history);
}

/** `resumed` F means a full handshake only if Zeek saw both hellos; capture loss and late starts leave them out. */
function outcomeOf({ established, resumed, history }: SslRecord): Outcome | null {
  if (!established) return "failed";
  if (resumed) return "resumed";
  const sawHellos = history === null || (history.includes("C") && history.includes("s"));
  return sawHellos ? "full" : null;
}

/**
 * TLS 1.3: psk by definition. Below, Zeek does not tell tickets from session ids; but a client that did not send the
 * ticket extension at all can only have resumed by session id.
 */
function mechanismOf({ protocol, extensions }: SslRecord): Mechanism | null {
  if (protocol === "TLSv1.3") return "psk";
  if (protocol === null || extensions === null) return null;
  return extensions.has(SESSION_TICKET) ? null : "session_id";
}

/**
 * What a TLS 1.3 client offered, from its extensions. Its session id is none of it: in compatibility mode every client
 * sends one (RFC 8446 4.1.2, D.4); psk_key_exchange_modes only says what it could use. Below TLS 1.3 the extension may
 * be empty and ids are not logged, so only accepted offers would show: unknown altogether, lest A become 100 %.
 */
function offerOf({ protocol, extensions }: SslRecord): Offer | null {
  if (protocol !== "TLSv1.3" || extensions === null) return null;
  return extensions.has(PRE_SHARED_KEY) ? "psk" : "none";
}

/** Whether early data that was offered was accepted is in encrypted messages (RFC 8446 4.2.10). */
function earlyDataOf({ protocol, extensions }: SslRecord): EarlyData | null {
  if (protocol !== "TLSv1.3" || extensions === null) return null;
  return extensions.has(EARLY_DATA) ? null : "none";
}

/** The node is the address that answered as the server; "^" says that the client hello came from the other side. */
function placeOf(fields: Fields, { history }: SslRecord, defaults: LineDefaults) {
  const [client, server] = history?.startsWith("^")
    ? [fields["id.resp_h"], fields["id.orig_h"]]
    : [fields["id.orig_h"], fields["id.resp_h"]];
  return {
    endpoint: textOf(fields.server_name) ?? defaults.endpoint,
    node: textOf(server) ?? defaults.node,
    region: defaults.region,
    client: textOf(client),
  };
}
