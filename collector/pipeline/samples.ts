import type { Handshake } from "../../lib/domain/handshake.ts";
import type { HandshakeSample } from "../../lib/store/port.ts";

/** Samples of one kind kept from one commit; the store bounds the total. */
const PER_KIND = 3;
/** Kinds kept from one commit: failure texts are the sender's, so their number is bounded too. */
const MAX_KINDS = 32;

/** Picks a few handshakes of a commit worth looking at: each failure, each rejection reason, the slowest. */
export class Samples {
  #kinds = new Map<string, Handshake[]>();
  #slowest: Handshake | null = null;

  /** What a handshake has to take to be the slowest so far, microseconds. */
  get slowestUs(): number {
    return this.#slowest?.handshakeUs ?? -1;
  }

  consider(handshake: Handshake): void {
    if (handshake.outcome === "failed") this.#keep(`failed:${handshake.alert ?? "unknown"}`, handshake);
    else if (handshake.reason !== null) this.#keep(`rejected:${handshake.reason}`, handshake);
    if (handshake.handshakeUs !== null && handshake.handshakeUs > this.slowestUs) this.#slowest = handshake;
  }

  take(): HandshakeSample[] {
    const samples = [...this.#kinds].flatMap(([sampleKind, list]) =>
      list.map((handshake) => ({ sampleKind, handshake })),
    );
    if (this.#slowest) samples.push({ sampleKind: "slowest", handshake: this.#slowest });
    this.#kinds = new Map();
    this.#slowest = null;
    return samples;
  }

  #keep(kind: string, handshake: Handshake): void {
    const list = this.#kinds.get(kind);
    if (list) {
      if (list.length < PER_KIND) list.push(handshake);
    } else if (this.#kinds.size < MAX_KINDS) this.#kinds.set(kind, [handshake]);
  }
}
