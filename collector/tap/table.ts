import type { FlowEnd } from "./exchange.ts";
import { Flow } from "./flow.ts";
import type { Seen } from "./handshake.ts";
import { beginsHello } from "./records.ts";
import { FLAG, type Segment } from "./segment.ts";

export type Limits = {
  /** Connections that are followed at the same time. */
  readonly flows: number;
  /** Bytes that are kept for all of them together. */
  readonly bytes: number;
  /** How long a handshake may take, microseconds. */
  readonly handshakeUs: number;
};

export const LIMITS: Limits = { flows: 65_536, bytes: 64 * 1_048_576, handshakeUs: 60_000_000 };

/** Places of the list by age that are spent before it is made anew. */
const MOST_SPENT = 1_024;

/** What became of a flow. `evicted`: it had to go although its handshake went on. */
export type Ending = FlowEnd | "evicted" | "silent";
/** Hears of every flow once, when its handshake is over or it is given up; `seen` only of a handshake. */
export type FlowEnded = (flow: Flow, ending: Ending, seen: Seen | null) => void;

/**
 * The connections whose handshakes go on, and those that are over, for as long as something of them may still come. The
 * oldest go first when there are too many, when they keep too much, or once they took too long.
 */
export class FlowTable {
  /** Flows that were begun. */
  begun = 0;
  readonly #limits: Limits;
  readonly #ended: FlowEnded;
  readonly #flows = new Map<number, Flow>();
  /** By age; those that are gone already are passed over. A Map's first entry is slow to find. */
  #byAge: Flow[] = [];
  #oldest = 0;
  readonly #seed = (Math.random() * 2 ** 32) | 0;
  #held = 0;
  #nowUs = 0;

  constructor(limits: Limits, ended: FlowEnded) {
    this.#limits = limits;
    this.#ended = ended;
  }

  get size(): number {
    return this.#flows.size;
  }

  /** Bytes kept for all flows. */
  get held(): number {
    return this.#held;
  }

  take(segment: Segment): void {
    if (segment.atUs > this.#nowUs) {
      this.#nowUs = segment.atUs;
      this.#expire();
    }
    const { flags } = segment;
    const isOpening = (flags & (FLAG.syn | FLAG.ack)) === FLAG.syn;
    const hasPayload = segment.end > segment.start || segment.cut > 0;
    // Most packets of a capture: nothing of a handshake is in them.
    if (!hasPayload && (flags & (FLAG.syn | FLAG.fin | FLAG.rst)) === 0) return;
    const key = this.#keyOf(segment);
    let flow = this.#flows.get(key);
    if (flow && !isOf(flow, segment)) flow = this.#remove(flow, true);
    const isFromClient = flow === undefined || comesFrom(flow.client, flow.clientPort, segment);
    if (flow && isOpening && (!isFromClient || flow.isReopenedBy(segment))) flow = this.#remove(flow, false);
    if (flow === undefined) {
      if (!isOpening && !beginsHello(segment.bytes, segment.start, segment.end)) return;
      flow = this.#begin(key, segment);
    }
    if (flow.end === null) this.#advance(flow, segment, isFromClient);
  }

  /** Gives up every flow: the capture is over. */
  end(): void {
    for (const flow of [...this.#flows.values()]) this.#remove(flow, false);
  }

  #begin(key: number, segment: Segment): Flow {
    if (this.#flows.size >= this.#limits.flows) this.#removeOldest();
    const flow = new Flow(key, segment);
    this.#flows.set(key, flow);
    this.#byAge.push(flow);
    this.begun += 1;
    return flow;
  }

  #advance(flow: Flow, segment: Segment, isFromClient: boolean): void {
    const before = flow.held;
    flow.take(segment, isFromClient);
    this.#held += flow.held - before;
    if (flow.end !== null) this.#settle(flow, flow.end);
    while (this.#held > this.#limits.bytes && this.#flows.size > 0) this.#removeOldest();
  }

  /** Tells the end of a flow and lets go of what it kept. */
  #settle(flow: Flow, end: FlowEnd, isEvicted = false): void {
    this.#held -= flow.held;
    const { hasBegun } = flow;
    const seen = flow.release();
    const isOpen = end === "unfinished";
    this.#ended(flow, isOpen && !hasBegun ? "silent" : isOpen && isEvicted ? "evicted" : end, seen);
  }

  #expire(): void {
    for (let flow = this.#byAge[this.#oldest]; flow; flow = this.#byAge[this.#oldest]) {
      if (this.#nowUs - flow.sinceUs <= this.#limits.handshakeUs) return;
      this.#dropOldest(flow, false);
    }
  }

  #removeOldest(): void {
    for (let flow = this.#byAge[this.#oldest]; flow; flow = this.#byAge[this.#oldest])
      if (this.#dropOldest(flow, true)) return;
  }

  /** Takes the first off the list; whether it was still there. */
  #dropOldest(flow: Flow, isEvicted: boolean): boolean {
    this.#oldest += 1;
    if (this.#oldest >= MOST_SPENT && this.#oldest * 2 > this.#byAge.length) {
      this.#byAge = this.#byAge.slice(this.#oldest);
      this.#oldest = 0;
    }
    if (this.#flows.get(flow.key) !== flow) return false;
    this.#remove(flow, isEvicted);
    return true;
  }

  #remove(flow: Flow, isEvicted: boolean): undefined {
    this.#flows.delete(flow.key);
    if (flow.end !== null) return;
    this.#held -= flow.held;
    flow.giveUp();
    this.#held += flow.held;
    this.#settle(flow, flow.end ?? "unfinished", isEvicted);
  }

  /**
   * A number of 53 bits, the same for both directions. Its seed is the process's own, so that nobody can make
   * connections that fall on one number; where two do all the same, the older goes.
   */
  #keyOf({ bytes, sourceAt, targetAt, addressBytes, sourcePort, targetPort }: Segment): number {
    let source = this.#seed ^ sourcePort;
    let target = this.#seed ^ targetPort;
    for (let at = 0; at < addressBytes; at += 2) {
      source = mixed(source ^ (((bytes[sourceAt + at] ?? 0) << 8) | (bytes[sourceAt + at + 1] ?? 0)));
      target = mixed(target ^ (((bytes[targetAt + at] ?? 0) << 8) | (bytes[targetAt + at + 1] ?? 0)));
    }
    return ((source ^ target) >>> 0) * 2_097_152 + (((source + target) >>> 0) & 0x1fffff);
  }
}

/** A step of a multiplicative hash with good low bits. */
function mixed(value: number): number {
  const product = Math.imul(value, 0x9e3779b1);
  return product ^ (product >>> 15);
}

function isOf(flow: Flow, segment: Segment): boolean {
  const { client, clientPort, server, serverPort } = flow;
  if (comesFrom(client, clientPort, segment)) return goesTo(server, serverPort, segment);
  return comesFrom(server, serverPort, segment) && goesTo(client, clientPort, segment);
}

function comesFrom(address: Uint8Array, port: number, segment: Segment): boolean {
  return segment.sourcePort === port && isAt(address, segment, segment.sourceAt);
}

function goesTo(address: Uint8Array, port: number, segment: Segment): boolean {
  return segment.targetPort === port && isAt(address, segment, segment.targetAt);
}

function isAt(address: Uint8Array, { bytes, addressBytes }: Segment, at: number): boolean {
  if (address.length !== addressBytes) return false;
  for (let index = 0; index < addressBytes; index += 1)
    if (address[index] !== bytes[at + index]) return false;
  return true;
}
