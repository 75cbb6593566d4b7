import { constants, type X509Certificate } from "node:crypto";
import { connect, type Socket } from "node:net";
import tls from "node:tls";
import type { ProbeFailure } from "../../lib/domain/probe.ts";
import type { Protocol } from "../../lib/domain/vocabulary.ts";
import { chainOf } from "./certificate.ts";
import { failureOf } from "./failure.ts";
import { decodeSession, type Session } from "./session.ts";

/** PEM texts of the collector's host; null where none are configured. */
export type ProbeFiles = {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
};

/** One connection that the prober makes. It sends no request: proxies that log requests log nothing of it. */
export type HandshakeRequest = {
  readonly host: string;
  readonly port: number;
  readonly serverName: string | null;
  readonly alpn: readonly string[];
  readonly protocol: Exclude<Protocol, "SSLv3">;
  /** Whether tickets of TLS 1.2 are taken; without them its sessions resume by id (SSL_OP_NO_TICKET). */
  readonly tickets: boolean;
  readonly session: Session | null;
  readonly timeoutMs: number;
  readonly files: ProbeFiles;
  readonly signal: AbortSignal;
};

export type Completed = {
  readonly ok: true;
  /** From the address to the open TCP connection, then from there to the client's Finished; microseconds. */
  readonly connectUs: number;
  readonly handshakeUs: number;
  readonly resumed: boolean;
  readonly protocol: Protocol;
  readonly cipher: string;
  readonly group: string | null;
  readonly alpn: string | null;
  /** What the server issued, in order. */
  readonly sessions: readonly Session[];
  /** As sent, the leaf first; empty when it resumed. */
  readonly chain: readonly X509Certificate[];
  /** Why the chain is not trusted (OpenSSL's name of it); null where it is. */
  readonly distrust: string | null;
};
export type Failed = {
  readonly ok: false;
  readonly failure: ProbeFailure;
  /** Whether TCP was open: then it is TLS that failed. */
  readonly connected: boolean;
};
export type Handshake = Completed | Failed;

/** Most bytes read of one connection. OpenSSL itself takes no certificate list beyond 100 kB. */
export const MAX_BYTES = 262_144;
/** Most tickets taken from one connection. */
const MAX_SESSIONS = 16;
const LOOK_MS = 20;
// Tickets of TLS 1.3 come a round trip after the handshake, and servers may be busy.
const SHORTEST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 1_500;
const CLOSING_MS = 500;

/** Makes one handshake within its time and bytes, and closes the connection in order. Never throws for what a server does. */
export function shakeHands(request: HandshakeRequest): Promise<Handshake> {
  return new Promise((resolve) => new Attempt(request, resolve).begin());
}

class Attempt {
  readonly #request: HandshakeRequest;
  readonly #resolve: (result: Handshake) => void;
  readonly #sessions: Session[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #stop = (): void => this.#fail({ problem: "stopped", detail: "the prober stops" });
  #raw: Socket | null = null;
  #secure: tls.TLSSocket | null = null;
  #begunMs = performance.now();
  #connectedMs: number | null = null;
  #finished: Omit<Completed, "sessions"> | null = null;
  #over = false;
  #waitMs = 0;
  #quiet: NodeJS.Timeout | undefined;

  constructor(request: HandshakeRequest, resolve: (result: Handshake) => void) {
    this.#request = request;
    this.#resolve = resolve;
  }

  begin(): void {
    const { host, port, timeoutMs, signal } = this.#request;
    if (signal.aborted) {
      this.#stop();
      return;
    }
    signal.addEventListener("abort", this.#stop, { once: true });
    const late = (): void =>
      this.#finished
        ? this.#finish()
        : this.#fail({ problem: "timeout", detail: `no handshake within ${timeoutMs} ms` });
    this.#timers.push(
      setTimeout(late, timeoutMs),
      setInterval(() => this.#look(), LOOK_MS),
    );
    const raw = connect({ host, port, noDelay: true });
    this.#raw = raw;
    raw.once("lookup", () => {
      this.#begunMs = performance.now();
    });
    raw.once("connect", () => this.#secureIt(raw));
    raw.on("error", (error) => this.#fail(failureOf(error, this.#connectedMs !== null)));
  }

  #secureIt(raw: Socket): void {
    this.#connectedMs = performance.now();
    const { serverName, alpn, session } = this.#request;
    try {
      const secure = tls.connect({
        socket: raw,
        secureContext: contextOf(this.#request),
        // A prober looks at certificates that no client would accept, and says so.
        rejectUnauthorized: false,
        ...(serverName === null ? {} : { servername: serverName }),
        ...(alpn.length > 0 ? { ALPNProtocols: [...alpn] } : {}),
        ...(session ? { session: session.serialised } : {}),
      });
      this.#secure = secure;
      secure.on("session", (data: Buffer) => this.#take(data));
      secure.once("secureConnect", () => this.#secured(secure));
      secure.on("error", (error) => this.#fail(failureOf(error, true)));
      secure.on("close", () => this.#closed());
      // Whatever the server says is read away, so that its tickets come through.
      secure.resume();
    } catch (error) {
      this.#fail(failureOf(error as Error, true));
    }
  }

  #secured(secure: tls.TLSSocket): void {
    const { protocol, serverName } = this.#request;
    const connectedMs = this.#connectedMs ?? this.#begunMs;
    const handshakeMs = performance.now() - connectedMs;
    const resumed = secure.isSessionReused();
    const chain = resumed ? [] : chainOf(secure);
    this.#finished = {
      ok: true,
      connectUs: Math.round((connectedMs - this.#begunMs) * 1_000),
      handshakeUs: Math.round(handshakeMs * 1_000),
      resumed,
      protocol: (secure.getProtocol() ?? protocol) as Protocol,
      cipher: secure.getCipher().standardName,
      group: groupOf(secure),
      alpn: secure.alpnProtocol || null,
      chain,
      distrust: distrustOf(secure, { chain, serverName }),
    };
    const waits = protocol === "TLSv1.3" && !resumed;
    this.#waitMs = waits
      ? Math.min(Math.max(4 * (performance.now() - this.#begunMs), SHORTEST_WAIT_MS), LONGEST_WAIT_MS)
      : 0;
    this.#waitForQuiet();
  }

  #waitForQuiet(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#finish(), this.#waitMs);
  }

  #take(data: Buffer): void {
    const session = decodeSession(data);
    if (session) this.#sessions.push(session);
    if (this.#sessions.length >= MAX_SESSIONS) this.#finish();
    else if (this.#finished) this.#waitForQuiet();
  }

  #look(): void {
    if ((this.#raw?.bytesRead ?? 0) <= MAX_BYTES) return;
    if (this.#finished) this.#finish();
    else this.#fail({ problem: "too_large", detail: `more than ${MAX_BYTES} bytes came` });
  }

  #closed(): void {
    if (this.#finished) this.#finish();
    else this.#fail({ problem: "reset", detail: "the server closed the connection within the handshake" });
  }

  #finish(): void {
    const finished = this.#finished;
    if (this.#over || !finished) return;
    this.#settle();
    // Servers forget the session of a connection that was not closed in order.
    this.#secure?.end();
    const raw = this.#raw;
    const closing = setTimeout(() => raw?.destroy(), CLOSING_MS);
    raw?.once("close", () => clearTimeout(closing));
    this.#resolve({ ...finished, sessions: this.#sessions });
  }

  #fail(failure: ProbeFailure): void {
    if (this.#over) return;
    this.#settle();
    this.#secure?.destroy();
    this.#raw?.destroy();
    this.#resolve({ ok: false, failure, connected: this.#connectedMs !== null });
  }

  #settle(): void {
    this.#over = true;
    for (const timer of this.#timers) clearTimeout(timer);
    clearTimeout(this.#quiet);
    this.#request.signal.removeEventListener("abort", this.#stop);
  }
}

const contexts = new WeakMap<ProbeFiles, Map<string, tls.SecureContext>>();

/** Contexts are kept with their files: to make one takes longer than a handshake. */
function contextOf({ protocol, tickets, files }: HandshakeRequest): tls.SecureContext {
  const known = contexts.get(files) ?? new Map<string, tls.SecureContext>();
  contexts.set(files, known);
  const key = `${protocol} ${tickets}`;
  const old = protocol === "TLSv1" || protocol === "TLSv1.1";
  const context =
    known.get(key) ??
    tls.createSecureContext({
      minVersion: protocol,
      maxVersion: protocol,
      // Security level 0: to offer TLS 1.0 and 1.1 at all, and to see keys that are too small rather than fail at them.
      ciphers: `${old ? "DEFAULT" : tls.DEFAULT_CIPHERS}:@SECLEVEL=0`,
      secureOptions: tickets ? 0 : constants.SSL_OP_NO_TICKET,
      ...(files.ca === null ? {} : { ca: files.ca }),
      ...(files.cert === null ? {} : { cert: files.cert }),
      ...(files.key === null ? {} : { key: files.key }),
    });
  known.set(key, context);
  return context;
}

function groupOf(secure: tls.TLSSocket): string | null {
  const info = secure.getEphemeralKeyInfo() as { readonly type?: string; readonly name?: string } | null;
  return info?.name ?? (info?.type === "DH" ? "DH" : null);
}

function distrustOf(
  secure: tls.TLSSocket,
  { chain, serverName }: { readonly chain: readonly X509Certificate[]; readonly serverName: string | null },
): string | null {
  const [leaf] = chain;
  if (!leaf) return null;
  // Node sets the code as text where connections are not refused for it.
  const error = secure.authorizationError as unknown as string | Error | null;
  if (error)
    return typeof error === "string" ? error : ((error as NodeJS.ErrnoException).code ?? error.message);
  if (serverName !== null && leaf.checkHost(serverName) === undefined) return "ERR_TLS_CERT_ALTNAME_INVALID";
  return null;
}
