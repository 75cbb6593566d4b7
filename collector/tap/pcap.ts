import { u32Of } from "./bytes.ts";
import { type CapturedPacket, type CaptureFormat, MAX_PACKET_BYTES, type Visit } from "./packet.ts";

const HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;
/** By magic number as its bytes stand: whether the writer was little-endian, and its fractions of a second. */
const MAGICS: ReadonlyMap<number, { readonly little: boolean; readonly nanoseconds: boolean }> = new Map([
  [0xa1b2c3d4, { little: false, nanoseconds: false }],
  [0xd4c3b2a1, { little: true, nanoseconds: false }],
  [0xa1b23c4d, { little: false, nanoseconds: true }],
  [0x4d3cb2a1, { little: true, nanoseconds: true }],
]);

/** The classic format of tcpdump, in either byte order, with micro- or nanoseconds (draft-ietf-opsawg-pcap). */
export class PcapFormat implements CaptureFormat {
  needed = HEADER_BYTES;
  problem = "";
  readonly #packet: CapturedPacket;
  readonly #visit: Visit;
  #little = false;
  #nanoseconds = false;
  #begun = false;

  constructor(packet: CapturedPacket, visit: Visit) {
    this.#packet = packet;
    this.#visit = visit;
  }

  static begins(magic: number): boolean {
    return MAGICS.has(magic);
  }

  take(bytes: Buffer, at: number): number {
    return this.#begun ? this.#takePacket(bytes, at) : this.#takeHeader(bytes, at);
  }

  #takeHeader(bytes: Buffer, at: number): number {
    if (bytes.length - at < HEADER_BYTES) return 0;
    const { little, nanoseconds } = MAGICS.get(bytes.readUInt32BE(at)) ?? {
      little: false,
      nanoseconds: false,
    };
    this.#little = little;
    this.#nanoseconds = nanoseconds;
    // The upper bits tell of frame check sequences.
    this.#packet.linkType = u32Of(bytes, at + 20, little) & 0xffff;
    this.#begun = true;
    this.needed = PACKET_HEADER_BYTES;
    return HEADER_BYTES;
  }

  #takePacket(bytes: Buffer, at: number): number {
    if (bytes.length - at < PACKET_HEADER_BYTES) return this.#needs(PACKET_HEADER_BYTES);
    const little = this.#little;
    const captured = u32Of(bytes, at + 8, little);
    if (captured > MAX_PACKET_BYTES) {
      this.problem = `The capture is damaged: a packet of ${captured} bytes; nothing behind it was read.`;
      return -1;
    }
    const length = PACKET_HEADER_BYTES + captured;
    if (bytes.length - at < length) return this.#needs(length);
    const fraction = u32Of(bytes, at + 4, little);
    const packet = this.#packet;
    packet.bytes = bytes;
    packet.start = at + PACKET_HEADER_BYTES;
    packet.end = at + length;
    packet.wireBytes = Math.max(captured, u32Of(bytes, at + 12, little));
    packet.atUs =
      u32Of(bytes, at, little) * 1e6 + (this.#nanoseconds ? Math.floor(fraction / 1_000) : fraction);
    this.#visit(packet);
    this.needed = PACKET_HEADER_BYTES;
    return length;
  }

  #needs(bytes: number): 0 {
    this.needed = bytes;
    return 0;
  }
}
