/** What the prober is told to do and what it finds: handshakes that Reprise makes itself, as a client without secrets. */
import type { Mechanism, Protocol } from "./vocabulary.ts";

/** One TLS terminator of a target: `address` is host:port, IPv6 in brackets. */
export type ProbeNode = { readonly name: string; readonly address: string };

/** What is probed, and how gently. Files (client certificate, CA) are no part of it: they stay with the collector. */
export type ProbeSpec = {
  /** The server name that clients ask for (SNI); null: none is sent. */
  readonly serverName: string | null;
  /** A second name of the same nodes, to see that a session of the first is refused under it; null: not tried. */
  readonly otherServerName: string | null;
  /** Protocols offered by ALPN, e.g. "h2", "http/1.1"; empty: none. */
  readonly alpn: readonly string[];
  readonly nodes: readonly ProbeNode[];
  /** From the beginning of one round to that of the next, milliseconds. */
  readonly intervalMs: number;
  /** Longest time for one connection with everything on it, milliseconds. */
  readonly timeoutMs: number;
  /** Protocols that sessions are made with. */
  readonly protocols: readonly ("TLSv1.2" | "TLSv1.3")[];
  /** Whether TLS 1.0 and 1.1 are tried too, to see that they are refused. */
  readonly tryOldProtocols: boolean;
  /** Most handshakes a minute with all nodes of this target together. */
  readonly handshakesPerMinute: number;
  /** Most nodes, and pairs of nodes for each mechanism, in one round; bigger pools take turns. */
  readonly nodesPerRound: number;
  readonly pairsPerRound: number;
};

/** Most nodes of one target. */
export const MAX_PROBE_NODES = 500;

/** The limits of a target, milliseconds where they are times; the same for the file and the console. */
export const PROBE_LIMITS = {
  intervalMs: { least: 30_000, most: 86_400_000, usual: 300_000 },
  timeoutMs: { least: 200, most: 60_000, usual: 5_000 },
  handshakesPerMinute: { least: 1, most: 600, usual: 120 },
  nodesPerRound: { least: 1, most: MAX_PROBE_NODES, usual: 50 },
  pairsPerRound: { least: 0, most: 1_000, usual: 40 },
} as const;

/** Why a handshake with a node brought nothing. */
export const PROBE_PROBLEMS = [
  "unreachable",
  "refused",
  "timeout",
  "reset",
  "not_tls",
  "alert",
  "too_large",
  "stopped",
] as const;
export type ProbeProblem = (typeof PROBE_PROBLEMS)[number];
export type ProbeFailure = { readonly problem: ProbeProblem; readonly detail: string };

/** What a handshake of the prober was for. */
export const PROBE_STEPS = ["full_tls12", "full_tls13", "session_id", "ticket", "psk"] as const;
export type ProbeStep = (typeof PROBE_STEPS)[number];

/** One completed handshake. The times exclude each other: TCP first, then TLS up to the client's Finished. */
export type ProbeTiming = {
  readonly step: ProbeStep;
  readonly connectUs: number;
  readonly handshakeUs: number;
  readonly resumed: boolean;
};

/** What a mechanism did at a node, with a session that the same node had issued. */
export type MechanismProbe = {
  /** Whether the node issued such a session at all; null: not tried, or the handshake failed. */
  readonly issued: boolean | null;
  /** Whether it accepted it again; null where none was issued or the try failed. */
  readonly accepted: boolean | null;
  /** Why not, in words; null where it was. */
  readonly reason: string | null;
  /** Tickets that came with one full handshake; null for session ids and where nothing was issued. */
  readonly tickets: number | null;
  /** ticket_lifetime(_hint) in seconds (RFC 5077 3.3, RFC 8446 4.6.1); null: none, or 0, which says nothing. */
  readonly lifetimeHintS: number | null;
  /** Bytes of a ticket. */
  readonly ticketBytes: number | null;
  /** Whether the ticket is only a reference to the server's memory (32 bytes, as OpenSSL's). */
  readonly stateful: boolean | null;
  /** Keyed hashes of the key names: the first 16 bytes that several tickets had in common. Empty: no name can be seen. */
  readonly keyNames: readonly string[];
};

/** A certificate chain as the node sent it. */
export type CertificateProbe = {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly validFromMs: number | null;
  readonly validToMs: number | null;
  /** rsa, ec, ed25519, … */
  readonly keyType: string | null;
  /** Bits of the key: the modulus of RSA, the field of an elliptic curve. */
  readonly keyBits: number | null;
  readonly fingerprint256: string;
  readonly chainLength: number;
  readonly trusted: boolean;
  /** Why it is not trusted; null where it is. */
  readonly distrust: string | null;
};

/** 0-RTT at a node (RFC 8446 2.3). */
export type EarlyDataProbe = {
  /** max_early_data_size of a ticket in bytes; 0: not offered; null: no ticket seen. */
  readonly maxBytes: number | null;
  /** Whether early data was really accepted; null: not tried, for `reason`. */
  readonly accepted: boolean | null;
  /** Whether the same early data was accepted a second time (RFC 8446 8: at most once). */
  readonly acceptedTwice: boolean | null;
  readonly reason: string | null;
};

/** The tickets against keys that anybody would guess. */
export type WeakKeyProbe = {
  /** Keys that were tried on each ticket. */
  readonly candidates: number;
  readonly tickets: number;
  /** The layout and key that opened one, in words; null: none did. */
  readonly found: string | null;
};

/** What one probe of one node found. Never a ticket, a session id or a key. */
export type NodeProbe = {
  readonly address: string;
  /** Why there was no full handshake; null where there was one. */
  readonly failure: ProbeFailure | null;
  readonly timings: readonly ProbeTiming[];
  /** Whether each protocol is spoken; null: not tried. */
  readonly protocols: Readonly<Partial<Record<Protocol, boolean | null>>>;
  /** Of the newest full handshake. */
  readonly protocol: Protocol | null;
  readonly cipher: string | null;
  readonly group: string | null;
  readonly alpn: string | null;
  readonly mechanisms: Readonly<Record<Mechanism, MechanismProbe>>;
  readonly certificate: CertificateProbe | null;
  readonly earlyData: EarlyDataProbe;
  /** Whether a session was resumed under the other server name; null: not tried, for `reason`. */
  readonly otherName: { readonly accepted: boolean | null; readonly reason: string | null };
  readonly weakKeys: WeakKeyProbe | null;
};
