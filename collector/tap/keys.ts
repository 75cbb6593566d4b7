import type { RejectionReason } from "../../lib/domain/vocabulary.ts";
import { Lru } from "../../lib/runtime/lru.ts";

const MAX_TICKETS = 100_000;
const MAX_SERVERS = 2_048;
const MAX_NAMES = 32;
/** So many tickets of one name refused, none accepted in between: they cannot all have been too old. */
const CERTAIN_REFUSALS = 3;

/** What is remembered of a ticket or session that was seen when it was issued. */
type Issued = { readonly atUs: number; readonly lifetimeS: number | null };
/** `refused`: different tickets since a newer name took over; `last`: the last of them. */
type Name = { lastGoodUs: number; refused: number; last: string | null };

/** What happened to an offer. */
export type Offered = {
  /** Node and server name: keys and sessions may differ for each. */
  readonly server: string;
  readonly ticket: string;
  readonly keyName: string | null;
  readonly isAccepted: boolean;
  readonly atUs: number;
};

/**
 * Remembers tickets and key names by server, with bounded memory, to tell ages and, where it is sound, why an offer was
 * refused. Only what was seen counts: it knows nothing of the time before the capture began.
 */
export class KeyMemory {
  readonly #tickets = new Lru<string, Issued>(MAX_TICKETS);
  readonly #servers = new Lru<string, { readonly names: Lru<string, Name>; newestUs: number }>(MAX_SERVERS);

  /** A ticket (or session id) that was issued in the clear, by its digest. `lifetimeS` null: not said. */
  issued(
    server: string,
    ticket: string,
    issue: { readonly keyName: string | null; readonly atUs: number; readonly lifetimeS: number | null },
  ): void {
    this.#tickets.set(ticket, { atUs: issue.atUs, lifetimeS: issue.lifetimeS });
    if (issue.keyName !== null) this.#good(server, issue.keyName, issue.atUs);
  }

  /** Whether it was seen when it was issued. */
  isKnown(ticket: string): boolean {
    return this.#tickets.get(ticket) !== undefined;
  }

  /** Seconds since it was issued, rounded down; null when that was not seen. */
  ageS(ticket: string, atUs: number): number | null {
    const issued = this.#tickets.get(ticket);
    return issued ? Math.max(0, Math.floor((atUs - issued.atUs) / 1e6)) : null;
  }

  /**
   * Takes an offer of a completed handshake; answers why it was refused, where that is certain enough:
   *
   * - `expired`: its issue was seen, and it is older than the lifetime that its server announced with it.
   * - `unknown_key`: its key name is not the server's any more, or never was: the server has issued or accepted another
   *   name since it last accepted or issued this one. And age cannot be the cause: its issue was seen and it is within its
   *   lifetime, or it is the third refused ticket of that name since then, with none accepted in between.
   *
   * Otherwise null: a refusal has other causes too (policy, cipher, server name).
   */
  offered(offer: Offered): RejectionReason | null {
    const { server, keyName, atUs, isAccepted } = offer;
    if (isAccepted) {
      if (keyName !== null) this.#good(server, keyName, atUs);
      return null;
    }
    const issued = this.#tickets.get(offer.ticket);
    const lifetimeS = issued?.lifetimeS ?? null;
    const ageS = issued ? (atUs - issued.atUs) / 1e6 : null;
    if (ageS !== null && lifetimeS !== null && ageS > lifetimeS + 1) return "expired";
    if (keyName === null) return null;
    const known = this.#serverOf(server);
    const name = known.names.get(keyName) ?? { lastGoodUs: Number.NEGATIVE_INFINITY, refused: 0, last: null };
    known.names.set(keyName, name);
    const isSuperseded = known.newestUs > name.lastGoodUs;
    if (isSuperseded && name.last !== offer.ticket) {
      name.refused += 1;
      name.last = offer.ticket;
    }
    const isYoung = ageS !== null && lifetimeS !== null && ageS < lifetimeS;
    return isSuperseded && (isYoung || name.refused >= CERTAIN_REFUSALS) ? "unknown_key" : null;
  }

  #serverOf(server: string): { readonly names: Lru<string, Name>; newestUs: number } {
    const known = this.#servers.get(server);
    if (known) return known;
    const made = { names: new Lru<string, Name>(MAX_NAMES), newestUs: Number.NEGATIVE_INFINITY };
    this.#servers.set(server, made);
    return made;
  }

  /** A name that the server works with at this moment. */
  #good(server: string, keyName: string, atUs: number): void {
    const known = this.#serverOf(server);
    const name = known.names.get(keyName);
    if (name && name.lastGoodUs > Number.NEGATIVE_INFINITY) {
      name.lastGoodUs = Math.max(name.lastGoodUs, atUs);
      name.refused = 0;
      name.last = null;
      return;
    }
    known.names.set(keyName, { lastGoodUs: atUs, refused: 0, last: null });
    known.newestUs = Math.max(known.newestUs, atUs);
  }
}
