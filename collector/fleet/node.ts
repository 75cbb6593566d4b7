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
const nowUs = (): number => Math.round(performance.now() * 1_000);

/**
 * One TLS terminator of the lab: real handshakes over loopback. It looks at each ClientHello before TLS does, so it
 * knows what was offered and under which key, as a wire tap would.
 */
export class LabNode {
  readonly options: LabNodeOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #sessions = new Lru<string, Buffer>(CACHE_SESSIONS);
  readonly #connections = new WeakMap<Socket, Connection>();
  readonly #oldKeyServers = new Lru<string, tls.Server>(MAX_OLD_KEYS);
  #tls: tls.Server;
  #ring: KeyRing;
  #ticketsOff = false;

  constructor(options: LabNodeOptions) {
    this.options = options;
    this.#ring = options.ring;
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

  /** Takes the ring's current key into use, as a node does when keys are handed out. */
  loadKeys(ring: KeyRing = this.options.ring): void {
    this.#ring = ring;
    this.#tls = this.#makeTls(ring.current, { tickets: !this.#ticketsOff, cache: !this.#ticketsOff });
  }

  /** From now on this node has keys of its own: it cannot open the others' tickets, nor they its. */
  desynchronise(): void {
    this.loadKeys(new KeyRing());
  }

  setTickets(on: boolean): void {
    this.#ticketsOff = !on;
    this.loadKeys(this.#ring);
  }

  flushSessions(): void {
    this.#sessions = new Lru(CACHE_SESSIONS);
  }

  #accept(socket: Socket): void {
    const acceptedAtUs = nowUs();
    this.#sockets.add(socket);
    let head = Buffer.alloc(0);
    const timer = setTimeout(() => socket.destroy(), HELLO_TIMEOUT_MS);
    const onData = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const hello = parseClientHello(head);
      if (hello === "incomplete" && head.length < MAX_HELLO_BYTES) return;
      clearTimeout(timer);
      socket.off("data", onData);
      socket.pause();
      socket.unshift(head);
      if (typeof hello === "string") this.#fail(null, "no ClientHello");
      else this.#connections.set(socket, { hello, acceptedAtUs });
      this.#handOver(socket, typeof hello === "string" ? null : hello);
    };
    socket.on("data", onData);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      clearTimeout(timer);
      this.#sockets.delete(socket);
    });
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
      ticketKeys: key,
      ...(tickets ? {} : { secureOptions: constants.SSL_OP_NO_TICKET }),
    });
    if (cache) {
      server.on("newSession", (id: Buffer, data: Buffer, done: () => void) => {
        this.#sessions.set(id.toString("hex"), data);
        done();
      });
      server.on("resumeSession", (id: Buffer, done: (error: Error | null, data: Buffer | null) => void) => {
        done(null, this.#sessions.get(id.toString("hex")) ?? null);
      });
    }
    server.on("secureConnection", (secure) => this.#serve(secure));
    server.on("tlsClientError", (error, socket) =>
      this.#fail(socket, (error as NodeJS.ErrnoException).code ?? error.message),
    );
    return server;
  }

  #serve(secure: tls.TLSSocket): void {
    // The inner socket is the one that was accepted; Node keeps it in an untyped field.
    const inner = (secure as unknown as { _parent?: Socket })._parent;
    const connection = inner && this.#connections.get(inner);
    const securedAtUs = nowUs();
    const protocol = secure.getProtocol() as WireHandshake["protocol"];
    const resumed = secure.isSessionReused();
    const cipher = secure.getCipher().standardName;
    secure.on("error", () => secure.destroy());
    secure.once("data", (request: Buffer) => {
      secure.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
      const hello = connection?.hello;
      this.options.report({
        ...this.#place(),
        userAgent: /user-agent: ([^\r\n]+)/i.exec(request.toString("latin1"))?.[1] ?? null,
        protocol,
        cipher,
        outcome: resumed ? "resumed" : "full",
        offer: hello?.offer ?? null,
        mechanism: resumed ? mechanismOf(protocol, hello) : null,
        reason: resumed || !hello ? null : this.#reasonOf(hello),
        earlyData: protocol === "TLSv1.3" ? "none" : null,
        handshakeUs: connection ? securedAtUs - connection.acceptedAtUs : null,
        ttfbUs: nowUs() - securedAtUs,
        keyName: hello?.keyName ?? null,
      });
    });
  }

  /** Why an offer was not accepted, where this node can really know. */
  #reasonOf(hello: ClientHello): WireHandshake["reason"] {
    if (hello.offer === "none") return null;
    if (this.#ticketsOff) return "policy_off";
    if (hello.offer === "session_id") return "cache_miss";
    if (hello.keyName && !this.#ring.find(hello.keyName, this.options.clock())) return "unknown_key";
    return null;
  }

  #fail(socket: tls.TLSSocket | null, alert: string): void {
    socket?.destroy();
    this.options.report({ ...this.#place(), outcome: "failed", alert });
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
