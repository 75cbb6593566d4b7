import { constants } from "node:crypto";
import tls from "node:tls";
import type { Clock } from "../../lib/runtime/clock.ts";
import type { Family } from "./families.ts";
import { SESSION_TIMEOUT_S } from "./node.ts";

const VISIT_TIMEOUT_MS = 5_000;
/** Settings by protocol and tickets: making them anew for each visit costs a third of it. */
const contexts = new Map<string, tls.SecureContext>();

/**
 * A client of the lab: makes real TLS connections and keeps the newest session of each endpoint. OpenSSL gives no
 * new ticket on a resumption, so a ticket is used until it expires, by the lab's time: OpenSSL counts real seconds.
 */
export class Visitor {
  readonly family: Family;
  readonly #clock: Clock;
  readonly #sessions = new Map<string, { readonly data: Buffer; readonly madeMs: number }>();

  constructor(family: Family, clock: Clock) {
    this.family = family;
    this.#clock = clock;
  }

  forget(): void {
    this.#sessions.clear();
  }

  /** As if what it holds had been made so much earlier. */
  age(byMs: number): void {
    for (const [endpoint, { data, madeMs }] of this.#sessions)
      this.#sessions.set(endpoint, { data, madeMs: madeMs - byMs });
  }

  /** One connection with one request; answers whether the session was resumed. Rejects when the connection fails. */
  visit(target: { readonly endpoint: string; readonly port: number }): Promise<boolean> {
    const { userAgent } = this.family;
    const kept = this.#sessions.get(target.endpoint);
    const session = kept && this.#clock() - kept.madeMs < SESSION_TIMEOUT_S * 1_000 ? kept.data : null;
    return new Promise((resolve, reject) => {
      const socket = tls.connect({
        host: "127.0.0.1",
        port: target.port,
        servername: target.endpoint,
        // The lab's certificates are its own, and what they prove is not what is looked at here.
        rejectUnauthorized: false,
        secureContext: contextOf(this.family),
        timeout: VISIT_TIMEOUT_MS,
        ...(session ? { session } : {}),
      });
      let resumed = false;
      socket.on("session", (data: Buffer) =>
        this.#sessions.set(target.endpoint, { data, madeMs: this.#clock() }),
      );
      socket.on("secureConnect", () => {
        resumed = socket.isSessionReused();
        socket.write(`GET / HTTP/1.1\r\nhost: ${target.endpoint}\r\nuser-agent: ${userAgent}\r\n\r\n`);
      });
      socket.on("data", () => undefined);
      socket.on("timeout", () => socket.destroy(new Error("timeout")));
      socket.on("error", reject);
      socket.on("close", () => resolve(resumed));
    });
  }
}

function contextOf({ protocol, tickets }: Family): tls.SecureContext {
  const key = `${protocol} ${tickets}`;
  const context =
    contexts.get(key) ??
    tls.createSecureContext({
      minVersion: protocol,
      maxVersion: protocol,
      ...(tickets ? {} : { secureOptions: constants.SSL_OP_NO_TICKET }),
    });
  contexts.set(key, context);
  return context;
}
