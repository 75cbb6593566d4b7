import { hash } from "node:crypto";
import type { WireHandshake } from "../../lib/contract/ingest.ts";
import type { WireKey } from "../../lib/contract/keys.ts";
import { hexOf, keyNameOf } from "../../lib/domain/client-hello.ts";
import type { Offer, Protocol } from "../../lib/domain/vocabulary.ts";
import { addressText, type NodeNames } from "./addresses.ts";
import type { Flow } from "./flow.ts";
import type { Seen } from "./handshake.ts";
import { ja4Of } from "./ja4.ts";
import { KeyMemory } from "./keys.ts";
import { cipherName, groupName } from "./names.ts";
import type { IssuedTicket } from "./server-hello.ts";

/** A handshake as the tap tells it: the wire form, and what else the wire shows. */
export type TapHandshake = WireHandshake & {
  readonly kind: "handshake";
  /** Fingerprint of the client's software. */
  readonly ja4: string;
  readonly alpn: string | null;
  /** Whether the server asked for a second ClientHello. */
  readonly helloRetry: boolean;
  readonly server: string;
};
/** A ticket that was issued in the clear (TLS 1.2). */
export type TapKey = WireKey & { readonly kind: "key" };

export type ReportOptions = {
  readonly nodes: NodeNames;
  readonly region: string | null;
  /** Endpoint of handshakes without a server name. */
  readonly endpoint: string | null;
  /** Client family by JA4. */
  readonly families: ReadonlyMap<string, string>;
};

const PROTOCOLS: ReadonlyMap<number, Protocol> = new Map([
  [0x0300, "SSLv3"],
  [0x0301, "TLSv1"],
  [0x0302, "TLSv1.1"],
  [0x0303, "TLSv1.2"],
  [0x0304, "TLSv1.3"],
]);
const TLS13 = 0x0304;
/** 128 bits of a digest tell tickets apart; the ticket itself never leaves the tap. */
const TICKET_DIGITS = 32;
const MAX_ALPN = 32;

/** Makes handshakes and key sightings of what was seen, in the order in which handshakes ended. */
export class Reporter {
  readonly #options: ReportOptions;
  readonly #memory = new KeyMemory();

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  /** One handshake, and the sighting of the ticket that was issued within it, if there was one. */
  report(flow: Flow, seen: Seen): { readonly handshake: TapHandshake; readonly key: TapKey | null } {
    const { hello } = seen;
    const address = addressText(flow.server);
    const node = this.#options.nodes.of(address, flow.serverPort);
    const endpoint = hello.serverName ?? this.#options.endpoint;
    const ts = Math.floor(seen.toUs / 1_000);
    const scope = `${address} ${flow.serverPort} ${endpoint}`;
    // What the server issued in this handshake tells which key it works with.
    const key = seen.issued ? this.#issued(scope, seen, seen.issued) : null;
    const offered = this.#offered(scope, seen);
    const ja4 = ja4Of(hello);
    return {
      handshake: {
        kind: "handshake",
        ts,
        ...{ endpoint, node, region: this.#options.region },
        family: this.#options.families.get(ja4) ?? null,
        ...negotiated(seen),
        ...offered,
        earlyData: offered.offer === null ? null : seen.earlyData,
        handshakeUs: Math.max(0, Math.round(seen.toUs - seen.fromUs)),
        client: addressText(flow.client),
        alert: seen.alert,
        ja4,
        alpn: alpnOf(seen),
        helloRetry: seen.isRetried,
        server: address.includes(":") ? `[${address}]:${flow.serverPort}` : `${address}:${flow.serverPort}`,
      },
      key: key && { kind: "key", ts, ...key, node, endpoint, action: "issued" },
    };
  }

  #issued(
    scope: string,
    { toUs }: Seen,
    { ticket, lifetimeHintS }: IssuedTicket,
  ): Pick<TapKey, "keyName" | "lifetimeHintS"> | null {
    const keyName = keyNameOf(ticket);
    // A hint of 0 says nothing (RFC 5077 3.3), as OpenSSL sends it with a renewed ticket.
    const lifetimeS = lifetimeHintS === 0 ? null : lifetimeHintS;
    this.#memory.issued(scope, digestOf(ticket), { keyName, atUs: toUs, lifetimeS });
    return keyName === null ? null : { keyName, lifetimeHintS: lifetimeS };
  }

  #offered(
    scope: string,
    seen: Seen,
  ): Pick<
    WireHandshake,
    "outcome" | "offer" | "mechanism" | "reason" | "keyName" | "ticketId" | "ticketAgeS"
  > {
    const { hello, isResumed, server, toUs } = seen;
    const sessionId = hello.legacySessionId.length > 0 ? digestOf(hello.legacySessionId) : null;
    const offer = this.#offerOf(seen, sessionId);
    const ticket = hello.tickets[server?.selectedPsk ?? 0] ?? hello.tickets[0];
    const hasTicket = ticket !== undefined && (offer === "ticket" || offer === "psk");
    const ticketId = offer === "session_id" ? sessionId : hasTicket ? digestOf(ticket) : null;
    const keyName = hasTicket ? keyNameOf(ticket) : null;
    const outcome = isResumed === null ? "failed" : isResumed ? "resumed" : "full";
    const isOffered = ticketId !== null && offer !== null && isResumed !== null;
    const reason = isOffered
      ? this.#memory.offered({ server: scope, ticket: ticketId, keyName, isAccepted: isResumed, atUs: toUs })
      : null;
    const ticketAgeS = ticketId === null ? null : this.#memory.ageS(ticketId, toUs);
    this.#rememberSession(scope, seen);
    const mechanism = isResumed && offer !== "none" ? offer : null;
    return { outcome, offer, mechanism, reason, keyName, ticketId, ticketAgeS };
  }

  /**
   * A client that also speaks TLS 1.3 makes up a session id, which says nothing. Below TLS 1.3 it was an offer if the
   * server took it, or if that session was seen when it began; otherwise nobody can know. Nor is a PSK
   * an offer to a server that does not speak TLS 1.3.
   */
  #offerOf({ hello, server, isResumed }: Seen, sessionId: string | null): Offer | null {
    if (hello.offer === "psk" && server !== null && server.version !== TLS13) return null;
    if (hello.offer !== "none" || sessionId === null || !hello.supportsTls13) return hello.offer;
    if (server === null || server.version === TLS13) return "none";
    return isResumed || this.#memory.isKnown(sessionId) ? "session_id" : null;
  }

  /** A session that begins under an id of the server's may be resumed by it (TLS 1.2). */
  #rememberSession(scope: string, { server, isResumed, toUs }: Seen): void {
    if (!server || isResumed !== false || server.version === TLS13 || server.sessionId.length === 0) return;
    this.#memory.issued(scope, digestOf(server.sessionId), { keyName: null, atUs: toUs, lifetimeS: null });
  }
}

function negotiated({ server, group }: Seen): Pick<WireHandshake, "protocol" | "cipher" | "group"> {
  return {
    protocol: server ? (PROTOCOLS.get(server.version) ?? null) : null,
    cipher: server ? cipherName(server.cipher) : null,
    group: group === null ? null : groupName(group),
  };
}

/** What was agreed, as far as it is in the clear (TLS 1.2); else null. */
function alpnOf({ server }: Seen): string | null {
  return server?.alpn ? printable(server.alpn) : null;
}

/** ASCII as it is; anything else in hex. */
function printable(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, MAX_ALPN)).toString("latin1");
  return /^[\x21-\x7e]+$/.test(text) ? text : hexOf(bytes.subarray(0, MAX_ALPN));
}

function digestOf(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex").slice(0, TICKET_DIGITS);
}
