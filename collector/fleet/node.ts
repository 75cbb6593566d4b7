import { constants } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import tls from "node:tls";
import type { WireHandshake } from "../../lib/contract/ingest.ts";
import { type ClientHello, parseClientHello } from "../../lib/domain/client-hello.ts";
import { Lru } from "../../lib/runtime/lru.ts";
import type { Certificate } from "./certificate.ts";
import { KeyRing, keyNameOf } from "./key-ring.ts";

const CACHE_SESSIONS = 5_000;
/** How long a session may be resumed; a previous STEK is worth keeping as long. */
export const SESSION_TIMEOUT_S = 3_600;
const MAX_OLD_KEYS = 8;
const HELLO_TIMEOUT_MS = 5_000;
const MAX_HELLO_BYTES = 16_384;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 10_000;

export type LabNodeOptions = {
  readonly endpoint: string;
  readonly node: string;
  readonly region: string;
  readonly certificate: Certificate;
  readonly ring: KeyRing;
  readonly report: (handshake: WireHandshake) => void;
  readonly clock: () => number;
};

type Connection = { readonly hello: ClientHello; readonly acceptedAtUs: number };
type KeptSession = { readonly data: Buffer; readonly madeMs: number };
const nowUs = (): number => Math.round(performance.now() * 1_000);

/**
 * One TLS terminator of the lab: real handshakes over loopback. It looks at each ClientHello before TLS does, so it
 * knows what was offered and under which key, as a wire tap would.
 */
export class LabNode {
  readonly options: LabNodeOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #sessions = new Lru<string, KeptSession>(CACHE_SESSIONS);
  readonly #connections = new WeakMap<Socket, Connection>();
  #oldKeyServers = new Lru<string, tls.Server>(MAX_OLD_KEYS);
  #tls: tls.Server;
  #privateRing: KeyRing | null = null;
  #ticketsOff = false;
  /** Whether what it sees reaches nobody. */
  muted = false;

  constructor(options: LabNodeOptions) {
    this.options = options;
    this.#tls = this.#makeTls(this.#ring.current, { tickets: true, cache: true });
    this.#server = createServer((socket) => this.#accept(socket));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", () => resolve()));
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  get #ring(): KeyRing {
    return this.#privateRing ?? this.options.ring;
  }

  /** Whether it holds keys of its own. */
  get isDesynchronised(): boolean {
    return this.#privateRing !== null;
  }

  get hasTickets(): boolean {
    return !this.#ticketsOff;
  }

  /**
   * Takes the ring's current key into use, as a node does when keys are handed out; a desynchronised node stays with
   * its own. Servers with older keys are made anew when a ticket asks, so that no dropped key stays in memory.
   */
  loadKeys(): void {
    this.#oldKeyServers = new Lru(MAX_OLD_KEYS);
    this.#tls = this.#makeTls(this.#ring.current, { tickets: !this.#ticketsOff, cache: true });
  }

  /** From now on this node has keys of its own: it cannot open the others' tickets, nor they its. */
  desynchronise(): void {
    this.#privateRing = new KeyRing();
    this.loadKeys();
  }

  /** Back to the endpoint's shared keys. */
  synchronise(): void {
    this.#privateRing = null;
    this.loadKeys();
  }

  /** Tickets on or off; the session cache works either way, as with nginx's `ssl_session_tickets`. */
  setTickets(on: boolean): void {
    this.#ticketsOff = !on;
    this.loadKeys();
  }

  flushSessions(): void {
    this.#sessions = new Lru(CACHE_SESSIONS);
  }

  #accept(socket: Socket): void {
    const acceptedAtUs = nowUs();
    this.#sockets.add(socket);
    let head = Buffer.alloc(0);
    const giveUp = (alert: string): void => {
      clearTimeout(timer);
      socket.off("data", onData).off("close", onClose).destroy();
      this.#fail(alert);
    };
    const timer = setTimeout(() => giveUp("no ClientHello in time"), HELLO_TIMEOUT_MS);
    const onData = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const hello = parseClientHello(head);
      if (hello === "incomplete") {
        if (head.length >= MAX_HELLO_BYTES) giveUp("ClientHello too long");
        return;
      }
      clearTimeout(timer);
      socket.off("data", onData).off("close", onClose).pause();
      socket.unshift(head);
      if (hello !== "invalid") this.#connections.set(socket, { hello, acceptedAtUs });
      // What is no ClientHello goes to TLS too: it answers with the alert, and reports the failure once.
      this.#handOver(socket, hello === "invalid" ? null : hello);
    };
    // Who connects and leaves without a byte (a port check) began no handshake.
    const onClose = (): void => {
      clearTimeout(timer);
      if (head.length > 0) this.#fail("closed within the ClientHello");
    };
    socket.on("data", onData).on("close", onClose);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }

  /** To TLS; a ticket under a previous key goes to a server that holds that key, since Node loads one key a server. */
  #handOver(socket: Socket, hello: ClientHello | null): void {
    const named =
      hello?.keyName && !this.#ticketsOff ? this.#ring.find(hello.keyName, this.options.clock()) : null;
    const old = named && named !== this.#ring.current ? named : null;
    (old ? this.#oldKeyServer(old) : this.#tls).emit("connection", socket);
  }

  #oldKeyServer(key: Buffer): tls.Server {
    const name = keyNameOf(key);
    const server = this.#oldKeyServers.get(name) ?? this.#makeTls(key, { tickets: true, cache: false });
    this.#oldKeyServers.set(name, server);
    return server;
  }

  #makeTls(key: Buffer, { tickets, cache }: { tickets: boolean; cache: boolean }): tls.Server {
    const server = tls.createServer({
      ...this.options.certificate,
      minVersion: "TLSv1.2",
      sessionTimeout: SESSION_TIMEOUT_S,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      ticketKeys: key,
      ...(tickets ? {} : { secureOptions: constants.SSL_OP_NO_TICKET }),
    });
    if (cache) {
      server.on("newSession", (id: Buffer, data: Buffer, done: () => void) => {
        this.#sessions.set(id.toString("hex"), { data, madeMs: this.options.clock() });
        done();
      });
      server.on("resumeSession", (id: Buffer, done: (error: Error | null, data: Buffer | null) => void) => {
        done(null, this.#kept(id.toString("hex"))?.data ?? null);
      });
    }
    server.on("secureConnection", (secure) => this.#serve(secure));
    server.on("tlsClientError", (error, socket) => {
      socket.destroy();
      this.#fail((error as NodeJS.ErrnoException).code ?? error.message);
    });
    return server;
  }

  /** Answers one request. The handshake is reported with it, or when the client leaves without one. */
  #serve(secure: tls.TLSSocket): void {
    const securedAtUs = nowUs();
    const handshake = this.#describe(secure, securedAtUs);
    let told = false;
    const tell = (more: Pick<WireHandshake, "userAgent" | "ttfbUs">): void => {
      if (!told) this.#report({ ...handshake, ...more });
      told = true;
    };
    secure.setTimeout(IDLE_TIMEOUT_MS, () => secure.destroy());
    secure.on("error", () => secure.destroy());
    secure.on("close", () => tell({ userAgent: null, ttfbUs: null }));
    secure.once("data", (request: Buffer) => {
      secure.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
      const userAgent = /user-agent: ([^\r\n]+)/i.exec(request.toString("latin1"))?.[1] ?? null;
      tell({ userAgent, ttfbUs: nowUs() - securedAtUs });
    });
  }

  #describe(secure: tls.TLSSocket, securedAtUs: number): WireHandshake {
    // The inner socket is the one that was accepted; Node keeps it in an untyped field.
    const inner = (secure as unknown as { _parent?: Socket })._parent;
    const connection = inner && this.#connections.get(inner);
    const hello = connection?.hello;
    const protocol = secure.getProtocol() as WireHandshake["protocol"];
    const resumed = secure.isSessionReused();
    return {
      ...this.#place(),
      protocol,
      cipher: secure.getCipher().standardName,
      outcome: resumed ? "resumed" : "full",
      offer: hello?.offer ?? null,
      mechanism: resumed ? mechanismOf(protocol, hello) : null,
      reason: resumed || !hello ? null : this.#reasonOf(hello),
      earlyData: protocol !== "TLSv1.3" || !hello ? null : hello.earlyData ? "rejected" : "none",
      handshakeUs: connection ? securedAtUs - connection.acceptedAtUs : null,
      ticketAgeS: resumed && hello ? this.#ageOf(hello) : null,
      keyName: hello?.keyName ?? null,
    };
  }

  /** Age of a session out of this node's cache, seconds; a ticket's age only the client knows. */
  #ageOf({ sessionId }: ClientHello): number | null {
    const kept = sessionId === null ? null : this.#kept(sessionId);
    return kept ? Math.max(0, Math.round((this.options.clock() - kept.madeMs) / 1_000)) : null;
  }

  /** Why an offer was not accepted, where this node can really know. */
  #reasonOf(hello: ClientHello): WireHandshake["reason"] {
    if (hello.sessionId !== null) return this.#kept(hello.sessionId) ? null : "cache_miss";
    if (hello.offer === "none") return null;
    if (this.#ticketsOff) return "policy_off";
    if (hello.keyName && !this.#ring.find(hello.keyName, this.options.clock())) return "unknown_key";
    return null;
  }

  #fail(alert: string): void {
    this.#report({ ...this.#place(), outcome: "failed", alert });
  }

  #report(handshake: WireHandshake): void {
    if (!this.muted) this.options.report(handshake);
  }

  /** A session of its cache that is young enough by the lab's time: OpenSSL counts real seconds. */
  #kept(id: string): KeptSession | null {
    const kept = this.#sessions.get(id);
    return kept && this.options.clock() - kept.madeMs < SESSION_TIMEOUT_S * 1_000 ? kept : null;
  }

  #place(): Pick<WireHandshake, "ts" | "endpoint" | "node" | "region"> {
    const { endpoint, node, region, clock } = this.options;
    return { ts: clock(), endpoint, node, region };
  }

  /** Name of the key that encrypts here now. */
  get currentKeyName(): string {
    return keyNameOf(this.#ring.current);
  }
}

function mechanismOf(
  protocol: WireHandshake["protocol"],
  hello: ClientHello | undefined,
): WireHandshake["mechanism"] {
  if (protocol === "TLSv1.3") return "psk";
  return hello?.offer === "ticket" || hello?.offer === "session_id" ? hello.offer : null;
}
