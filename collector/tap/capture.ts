import type { CapturedPacket, CaptureFormat, Visit } from "./packet.ts";
import { PcapFormat } from "./pcap.ts";
import { PcapngFormat } from "./pcapng.ts";

const FIRST_BYTES = 4;

/**
 * Reads a capture, pcap or pcapng, from pieces of any size, and visits its packets in order. Holds no more than the
 * packet that is incomplete. Never throws: damage ends the reading and is told.
 */
export class CaptureReader {
  /** What is wrong with the capture, in one sentence; null while nothing is. */
  problem: string | null = null;
  readonly #packet: CapturedPacket = {
    bytes: Buffer.alloc(0),
    ...{ start: 0, end: 0, wireBytes: 0, atUs: 0, linkType: 0 },
  };
  readonly #visit: Visit;
  #format: CaptureFormat | null = null;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #needed = FIRST_BYTES;
  /** Bytes of a block that nothing is read from. */
  #skip = 0;

  constructor(visit: Visit) {
    this.#visit = visit;
  }

  push(chunk: Buffer): void {
    if (this.problem !== null || chunk.length === 0) return;
    let fresh = chunk;
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, chunk.length);
      this.#skip -= skipped;
      fresh = chunk.subarray(skipped);
      if (fresh.length === 0) return;
    }
    this.#waiting.push(fresh);
    this.#waitingBytes += fresh.length;
    if (this.#waitingBytes < this.#needed) return;
    const bytes = this.#waiting.length === 1 ? fresh : Buffer.concat(this.#waiting);
    const at = this.#takeAll(bytes);
    if (at > bytes.length) this.#skip = at - bytes.length;
    // A copy: the rest of a chunk must not keep the whole of it.
    const rest = at >= bytes.length || this.problem !== null ? null : Buffer.from(bytes.subarray(at));
    this.#waiting = rest ? [rest] : [];
    this.#waitingBytes = rest?.length ?? 0;
  }

  /** Says that nothing comes any more: a packet that is incomplete is a problem, as is no capture at all. */
  end(): void {
    if (this.problem !== null) return;
    if (this.#format === null) this.problem = "There is no capture: the input is empty or too short.";
    else if (this.#waitingBytes > 0 || this.#skip > 0)
      this.problem = "The capture ends within a packet; what was before it was read.";
  }

  #takeAll(bytes: Buffer): number {
    this.#format ??= formatOf(bytes, this.#packet, this.#visit);
    if (this.#format === null) {
      this.problem = "This is no capture: neither pcap nor pcapng (tcpdump -w writes one).";
      return 0;
    }
    let at = 0;
    while (at < bytes.length) {
      const used = this.#format.take(bytes, at);
      if (used === 0) break;
      if (used < 0) {
        this.problem = this.#format.problem;
        break;
      }
      at += used;
    }
    this.#needed = Math.max(1, this.#format.needed);
    return at;
  }
}

function formatOf(bytes: Buffer, packet: CapturedPacket, visit: Visit): CaptureFormat | null {
  const magic = bytes.readUInt32BE(0);
  return PcapngFormat.begins(magic)
    ? new PcapngFormat(packet, visit)
    : PcapFormat.begins(magic)
      ? new PcapFormat(packet, visit)
      : null;
}
