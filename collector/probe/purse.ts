import type { Mechanism } from "../../lib/domain/vocabulary.ts";
import { isStateful, type Session } from "./session.ts";

/** The sessions that one node issued in this round, by how they resume. They are in memory for the round only. */
export class Purse {
  readonly #unspent = new Map<Mechanism, Session[]>();
  readonly #spent = new Map<Mechanism, Session>();
  readonly #mint: (mechanism: Mechanism) => Promise<readonly Session[] | null>;

  /** `mint` makes a full handshake for more; null when it failed. */
  constructor(mint: (mechanism: Mechanism) => Promise<readonly Session[] | null>) {
    this.#mint = mint;
  }

  /** Whether a session resumes by this mechanism. */
  static suits({ protocol, ticket, sessionId }: Session, mechanism: Mechanism): boolean {
    if (mechanism === "psk") return protocol === "TLSv1.3" && ticket !== null;
    if (protocol !== "TLSv1.2") return false;
    return mechanism === "ticket" ? ticket !== null : ticket === null && sessionId.length > 0;
  }

  add(mechanism: Mechanism, sessions: readonly Session[]): void {
    this.#unspent.set(mechanism, [...(this.#unspent.get(mechanism) ?? []), ...sessions]);
  }

  /**
   * A session to offer: a fresh one while there are any, then a used one again, unless it is good for one use only (TLS 1.3
   * with state at the server), then one of a new handshake. Null where the node issues none.
   */
  async take(mechanism: Mechanism): Promise<Session | null> {
    const fresh =
      this.#unspent.get(mechanism)?.shift() ?? this.#again(mechanism) ?? (await this.#more(mechanism));
    if (fresh) this.#spent.set(mechanism, fresh);
    return fresh;
  }

  #again(mechanism: Mechanism): Session | null {
    const spent = this.#spent.get(mechanism);
    return spent && !(mechanism === "psk" && isStateful(spent)) ? spent : null;
  }

  async #more(mechanism: Mechanism): Promise<Session | null> {
    const sessions = (await this.#mint(mechanism)) ?? [];
    const [first = null, ...rest] = sessions.filter((session) => Purse.suits(session, mechanism));
    this.add(mechanism, rest);
    return first;
  }
}
