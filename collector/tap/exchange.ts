import { Half } from "./half.ts";
import { TlsHandshake } from "./handshake.ts";
import { FLAG, type Segment } from "./segment.ts";

/** Why a flow is followed no longer. `handshake`: its handshake is over, one way or the other. */
export type FlowEnd = "handshake" | "not_tls" | "malformed" | "missing" | "unfinished";

/** What both sides of a connection say while its handshake goes on. */
export class Exchange {
  readonly handshake = new TlsHandshake();
  end: FlowEnd | null = null;
  readonly #toServer = new Half(this.handshake.client);
  readonly #toClient = new Half(this.handshake.server);
  /** Sequence number behind the ServerHello. */
  #helloEnd: number | null = null;
  #lastUs = 0;

  /** `first`: sequence numbers of each side's first byte, where known. */
  constructor(first: { readonly client: number; readonly server: number | null }) {
    this.#toServer.next = first.client;
    this.#toClient.next = first.server;
  }

  /** Bytes kept. */
  get held(): number {
    const { client, server } = this.handshake;
    return this.#toServer.held + this.#toClient.held + client.held + server.held;
  }

  /** Takes a segment of either side; `sawServer`: whether the server was heard of at all. */
  take(segment: Segment, { isFromClient, sawServer }: { isFromClient: boolean; sawServer: boolean }): void {
    this.#lastUs = segment.atUs;
    const { flags } = segment;
    const half = isFromClient ? this.#toServer : this.#toClient;
    const sequence = firstByteOf(segment);
    const length = segment.end - segment.start + segment.cut;
    const isReset = (flags & FLAG.rst) !== 0;
    // What stands in a reset is no data.
    if (!isReset && length > 0) this.#takePayload(sequence, segment, isFromClient);
    if ((flags & FLAG.fin) !== 0) half.finish((sequence + length) >>> 0);
    if (isReset) this.#flush();
    this.#judge(sawServer);
    if (isReset) this.#close(sawServer);
  }

  /** Nothing more comes of it: what waits is read, and what it was until now is told. */
  giveUp(sawServer: boolean): void {
    this.#flush();
    this.#judge(sawServer);
    if (this.#toServer.isFinished || this.#toClient.isFinished) this.#close(sawServer);
    this.end ??= "unfinished";
  }

  #takePayload(sequence: number, segment: Segment, isFromClient: boolean): void {
    const { handshake } = this;
    if (!isFromClient) {
      if (handshake.isServerDone) return;
      this.#toClient.take(sequence, segment);
      if (handshake.hasServerHello) this.#helloEnd ??= this.#toClient.next;
      return;
    }
    handshake.begin(segment.atUs);
    // The server has said nothing before the client's first byte, so what the client expects then is the server's first.
    if ((segment.flags & FLAG.ack) !== 0) this.#toClient.next ??= segment.acknowledged;
    handshake.clientHasHello = this.#helloEnd !== null && ((segment.acknowledged - this.#helloEnd) | 0) >= 0;
    this.#toServer.take(sequence, segment);
    if (this.#toServer.isReordered) handshake.doubtOrder();
  }

  /** A connection that ends before its handshake did not complete it; without a word of the server, nobody knows. */
  #close(sawServer: boolean): void {
    if (this.end !== null) return;
    if (this.handshake.hasHello && sawServer) this.handshake.close(this.#lastUs);
    this.end = this.handshake.seen ? "handshake" : "unfinished";
  }

  #flush(): void {
    this.#toServer.flush();
    this.#toClient.flush();
  }

  #judge(sawServer: boolean): void {
    if (this.end !== null) return;
    const { client, server, seen, isInvalid, isServerDone } = this.handshake;
    if (seen) this.end = "handshake";
    else if (isInvalid) this.end = "malformed";
    else if (this.handshake.isUnclear) this.end = "missing";
    else if (client.dead !== "") this.end = client.dead;
    else if (server.dead !== "" && !isServerDone) this.end = server.dead;
    else if (this.#toServer.isFinished && this.#toClient.isFinished) this.#close(sawServer);
  }
}

/** Sequence number of a segment's first byte of payload: a SYN takes one before it. */
export function firstByteOf({ sequence, flags }: Segment): number {
  return (flags & FLAG.syn) === 0 ? sequence : (sequence + 1) >>> 0;
}
