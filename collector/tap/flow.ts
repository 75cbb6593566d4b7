import { Exchange, type FlowEnd, firstByteOf } from "./exchange.ts";
import type { Seen } from "./handshake.ts";
import { FLAG, type Segment } from "./segment.ts";

/** A TCP connection, from its first packet until well after its handshake: so that late packets are known for its own. */
export class Flow {
  readonly key: number;
  /** Address and port of the client, then of the server, as on the wire. */
  readonly client: Uint8Array;
  readonly server: Uint8Array;
  readonly clientPort: number;
  readonly serverPort: number;
  /** Epoch microseconds of the first packet. */
  readonly sinceUs: number;
  /** Set once. */
  end: FlowEnd | null = null;
  /** Sequence numbers of each side's first byte. */
  readonly #first: number;
  #serverFirst: number | null = null;
  #sawServer = false;
  /** What is said; only while the handshake goes on. */
  #exchange: Exchange | null = null;

  /** Made of a segment from the client. */
  constructor(key: number, segment: Segment) {
    const { bytes, sourceAt, targetAt, addressBytes } = segment;
    this.key = key;
    this.client = new Uint8Array(bytes.subarray(sourceAt, sourceAt + addressBytes));
    this.server = new Uint8Array(bytes.subarray(targetAt, targetAt + addressBytes));
    this.clientPort = segment.sourcePort;
    this.serverPort = segment.targetPort;
    this.sinceUs = segment.atUs;
    this.#first = firstByteOf(segment);
  }

  /** Bytes kept for this flow. */
  get held(): number {
    return this.#exchange?.held ?? 0;
  }

  /** Whether a ClientHello was read. */
  get hasBegun(): boolean {
    return this.#exchange?.handshake.hasHello === true;
  }

  /** Whether a SYN of the client opens another connection of the same addresses and ports; else it was sent again. */
  isReopenedBy(syn: Segment): boolean {
    return firstByteOf(syn) !== this.#first;
  }

  /** Takes a segment of either side. */
  take(segment: Segment, isFromClient: boolean): void {
    if (!isFromClient) {
      this.#sawServer = true;
      if ((segment.flags & FLAG.syn) !== 0) this.#serverFirst ??= firstByteOf(segment);
    }
    const hasPayload = segment.end > segment.start || segment.cut > 0;
    const isClosing = (segment.flags & (FLAG.rst | FLAG.fin)) !== 0;
    if (this.#exchange === null && !hasPayload) {
      if (isClosing) this.end = "unfinished";
      return;
    }
    this.#exchange ??= new Exchange({ client: this.#first, server: this.#serverFirst });
    this.#exchange.take(segment, { isFromClient, sawServer: this.#sawServer });
    this.end = this.#exchange.end;
  }

  /** Nothing more comes of it: what it was until now is told. */
  giveUp(): void {
    this.#exchange?.giveUp(this.#sawServer);
    this.end ??= this.#exchange?.end ?? "unfinished";
  }

  /** What was seen of the handshake, taken out: the flow keeps only what tells its packets from others. */
  release(): Seen | null {
    const seen = this.#exchange?.handshake.seen ?? null;
    this.#exchange = null;
    return seen;
  }
}
