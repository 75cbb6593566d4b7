import { constants } from "node:crypto";
import tls from "node:tls";
import type { Family } from "./families.ts";

const VISIT_TIMEOUT_MS = 5_000;

/**
 * A client of the lab: makes real TLS connections and keeps the newest session of each endpoint. OpenSSL gives no
 * new ticket on a resumption, so a ticket is used until it expires.
 */
export class Visitor {
  readonly family: Family;
  readonly #sessions = new Map<string, Buffer>();

  constructor(family: Family) {
    this.family = family;
  }

  forget(): void {
    this.#sessions.clear();
  }

  /** One connection with one request; answers whether the session was resumed. Rejects when the connection fails. */
  visit(target: { readonly endpoint: string; readonly port: number }): Promise<boolean> {
    const { protocol, tickets, userAgent } = this.family;
    const session = this.#sessions.get(target.endpoint);
    return new Promise((resolve, reject) => {
      const socket = tls.connect({
        host: "127.0.0.1",
        port: target.port,
        servername: target.endpoint,
        // The lab's certificates are its own, and what they prove is not what is looked at here.
        rejectUnauthorized: false,
        minVersion: protocol,
        maxVersion: protocol,
        timeout: VISIT_TIMEOUT_MS,
        ...(session ? { session } : {}),
        ...(tickets ? {} : { secureOptions: constants.SSL_OP_NO_TICKET }),
      });
      let resumed = false;
      socket.on("session", (data: Buffer) => this.#sessions.set(target.endpoint, data));
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
