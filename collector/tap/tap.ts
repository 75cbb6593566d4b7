import { Lru } from "../../lib/runtime/lru.ts";
import { addressText } from "./addresses.ts";
import { CaptureReader } from "./capture.ts";
import type { Flow } from "./flow.ts";
import type { Seen } from "./handshake.ts";
import { decodePacket } from "./link.ts";
import type { CapturedPacket } from "./packet.ts";
import { Reporter, type ReportOptions, type TapHandshake, type TapKey } from "./report.ts";
import { Segment } from "./segment.ts";
import { type Ending, FlowTable, LIMITS, type Limits } from "./table.ts";

/** What the tap counts; docs/tap.md says what each means. */
export type TapCounts = {
  packets: number;
  bytes: number;
  /** Packets that a snapshot length cut. */
  cutPackets: number;
  fragments: number;
  malformedPackets: number;
  otherPackets: number;
  flows: number;
  handshakes: number;
  full: number;
  resumed: number;
  failed: number;
  keysIssued: number;
  /** Handshakes that could not be told: parts of them are not in the capture. */
  missing: number;
  /** Handshakes that were still under way at the end, or after a minute. */
  unfinished: number;
  evicted: number;
  malformed: number;
  notTls: number;
  quicPackets: number;
  /** Addresses and ports with QUIC, whose handshakes are not seen. */
  quicFlows: number;
};

export type TapOptions = ReportOptions & {
  readonly limits?: Partial<Limits>;
  readonly onHandshake: (handshake: TapHandshake) => void;
  readonly onKey: (key: TapKey) => void;
};

/** QUIC flows remembered, so that each counts once. */
const MAX_QUIC_FLOWS = 8_192;
/** Times that a Date can hold; a packet of another time is damaged. */
const MAX_US = 8.64e18;

const COUNT_OF: Readonly<Record<Exclude<Ending, "handshake" | "silent">, keyof TapCounts>> = {
  not_tls: "notTls",
  malformed: "malformed",
  missing: "missing",
  unfinished: "unfinished",
  evicted: "evicted",
};

/**
 * The wire tap: a capture in, handshakes out. Memory is bounded whatever the capture holds; nothing makes it throw. What
 * is not TLS over TCP is passed over and counted.
 */
export class Tap {
  readonly counts: TapCounts = {
    ...{ packets: 0, bytes: 0, cutPackets: 0, fragments: 0, malformedPackets: 0, otherPackets: 0, flows: 0 },
    ...{ handshakes: 0, full: 0, resumed: 0, failed: 0, keysIssued: 0, missing: 0, unfinished: 0 },
    ...{ evicted: 0, malformed: 0, notTls: 0, quicPackets: 0, quicFlows: 0 },
  };
  readonly #options: TapOptions;
  readonly #reporter: Reporter;
  readonly #table: FlowTable;
  readonly #capture = new CaptureReader((packet) => this.#take(packet));
  readonly #segment = new Segment();
  readonly #quic = new Lru<string, true>(MAX_QUIC_FLOWS);

  constructor(options: TapOptions) {
    this.#options = options;
    this.#reporter = new Reporter(options);
    this.#table = new FlowTable({ ...LIMITS, ...options.limits }, (flow, ending, seen) =>
      this.#ended(flow, ending, seen),
    );
  }

  /** What is wrong with the capture; null while nothing is. */
  get problem(): string | null {
    return this.#capture.problem;
  }

  /** Connections that are known, and bytes kept for them. */
  get held(): { readonly flows: number; readonly bytes: number } {
    return { flows: this.#table.size, bytes: this.#table.held };
  }

  /** The next bytes of the capture. */
  push(chunk: Buffer): void {
    this.#capture.push(chunk);
  }

  /** The capture is over: handshakes under way are told as far as they can be. */
  end(): void {
    this.#capture.end();
    this.#table.end();
  }

  #take(packet: CapturedPacket): void {
    const { counts } = this;
    const captured = packet.end - packet.start;
    counts.packets += 1;
    counts.bytes += captured;
    if (packet.wireBytes > captured) counts.cutPackets += 1;
    if (!(packet.atUs >= 0 && packet.atUs <= MAX_US)) {
      counts.malformedPackets += 1;
      return;
    }
    switch (decodePacket(packet, this.#segment)) {
      case "tcp":
        this.#table.take(this.#segment);
        counts.flows = this.#table.begun;
        return;
      case "quic":
        this.#countQuic(this.#segment);
        return;
      case "fragment":
        counts.fragments += 1;
        return;
      case "malformed":
        counts.malformedPackets += 1;
        return;
      case "other":
        counts.otherPackets += 1;
    }
  }

  #countQuic({ bytes, sourceAt, targetAt, addressBytes, sourcePort, targetPort }: Segment): void {
    this.counts.quicPackets += 1;
    const ends = [
      `${addressText(bytes.subarray(sourceAt, sourceAt + addressBytes))} ${sourcePort}`,
      `${addressText(bytes.subarray(targetAt, targetAt + addressBytes))} ${targetPort}`,
    ];
    const key = ends.sort().join(" ");
    if (this.#quic.get(key) === undefined) this.counts.quicFlows += 1;
    this.#quic.set(key, true);
  }

  #ended(flow: Flow, ending: Ending, seen: Seen | null): void {
    if (ending !== "handshake") {
      if (ending !== "silent") this.counts[COUNT_OF[ending]] += 1;
      return;
    }
    if (seen === null) return;
    const { handshake, key } = this.#reporter.report(flow, seen);
    this.counts.handshakes += 1;
    if (handshake.outcome !== null) this.counts[handshake.outcome] += 1;
    this.#options.onHandshake(handshake);
    if (key) {
      this.counts.keysIssued += 1;
      this.#options.onKey(key);
    }
  }
}
