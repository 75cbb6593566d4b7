import { u16Of, u32Of } from "./bytes.ts";
import { type CapturedPacket, type CaptureFormat, MAX_PACKET_BYTES, type Visit } from "./packet.ts";

const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const BLOCK = { interface: 1, packet: 2, simplePacket: 3, enhancedPacket: 6 } as const;
/** Type, length, and the length again behind the body. */
const FRAME_BYTES = 12;
/** A block that is read holds a packet and options. */
const MAX_BLOCK_BYTES = MAX_PACKET_BYTES + 131_072;
const MAX_INTERFACES = 4_096;
const OPTION = { end: 0, timeResolution: 9, timeOffset: 14 } as const;
const MICROSECONDS = 1e6;

type Interface = {
  readonly linkType: number;
  readonly snapBytes: number;
  /** Units of time in a second. */
  readonly perSecond: number;
  readonly offsetS: number;
};

/**
 * The blocks of Wireshark's format (draft-ietf-opsawg-pcapng), either byte order, several sections and interfaces.
 * Options but for time are skipped, as are blocks of other kinds.
 */
export class PcapngFormat implements CaptureFormat {
  needed = FRAME_BYTES;
  problem = "";
  readonly #packet: CapturedPacket;
  readonly #visit: Visit;
  #little = false;
  #interfaces: Interface[] = [];
  /** Of the packet before, for simple packets, which carry no time. */
  #lastUs = 0;

  constructor(packet: CapturedPacket, visit: Visit) {
    this.#packet = packet;
    this.#visit = visit;
  }

  static begins(magic: number): boolean {
    return magic === SECTION_HEADER;
  }

  take(bytes: Buffer, at: number): number {
    if (bytes.length - at < FRAME_BYTES) return this.#needs(FRAME_BYTES);
    const isSection = bytes.readUInt32BE(at) === SECTION_HEADER;
    if (isSection && !this.#beginSection(bytes, at)) return -1;
    const type = u32Of(bytes, at, this.#little);
    const length = u32Of(bytes, at + 4, this.#little);
    if (length < FRAME_BYTES || length % 4 !== 0) return this.#damaged(`a block of ${length} bytes`);
    this.needed = FRAME_BYTES;
    if (!isSection && !isRead(type)) return length;
    if (length > MAX_BLOCK_BYTES) return this.#damaged(`a block of ${length} bytes`);
    if (bytes.length - at < length) return this.#needs(length);
    if (!isSection && !this.#read(type, { bytes, at: at + 8, end: at + length - 4 })) return -1;
    return length;
  }

  #beginSection(bytes: Buffer, at: number): boolean {
    const order = bytes.readUInt32BE(at + 8);
    this.#little = order !== BYTE_ORDER;
    this.#interfaces = [];
    if (!this.#little || bytes.readUInt32LE(at + 8) === BYTE_ORDER) return true;
    this.#damaged("a section without its byte order");
    return false;
  }

  #read(type: number, body: Body): boolean {
    const problem =
      type === BLOCK.interface
        ? this.#addInterface(body)
        : type === BLOCK.enhancedPacket
          ? this.#enhanced(body)
          : type === BLOCK.packet
            ? this.#obsolete(body)
            : this.#simple(body);
    if (problem !== null) this.#damaged(problem);
    return problem === null;
  }

  #addInterface(body: Body): string | null {
    if (body.end - body.at < 8) return "an interface without a link type";
    if (this.#interfaces.length >= MAX_INTERFACES) return `more than ${MAX_INTERFACES} interfaces`;
    const { bytes, at } = body;
    this.#interfaces.push({
      linkType: u16Of(bytes, at, this.#little),
      snapBytes: u32Of(bytes, at + 4, this.#little),
      ...timeOptions({ ...body, at: at + 8 }, this.#little),
    });
    return null;
  }

  #enhanced({ bytes, at, end }: Body): string | null {
    if (end - at < 20) return "a packet without its header";
    const little = this.#little;
    return this.#emit(
      { bytes, at: at + 20, end },
      {
        number: u32Of(bytes, at, little),
        high: u32Of(bytes, at + 4, little),
        low: u32Of(bytes, at + 8, little),
        captured: u32Of(bytes, at + 12, little),
        wire: u32Of(bytes, at + 16, little),
      },
    );
  }

  #obsolete({ bytes, at, end }: Body): string | null {
    if (end - at < 20) return "a packet without its header";
    const little = this.#little;
    return this.#emit(
      { bytes, at: at + 20, end },
      {
        number: u16Of(bytes, at, little),
        high: u32Of(bytes, at + 4, little),
        low: u32Of(bytes, at + 8, little),
        captured: u32Of(bytes, at + 12, little),
        wire: u32Of(bytes, at + 16, little),
      },
    );
  }

  #simple({ bytes, at, end }: Body): string | null {
    if (end - at < 4) return "a packet without its header";
    const wire = u32Of(bytes, at, this.#little);
    const limit = this.#interfaces[0]?.snapBytes || Number.POSITIVE_INFINITY;
    const captured = Math.min(wire, limit, end - at - 4);
    return this.#emit({ bytes, at: at + 4, end }, { number: 0, high: -1, low: 0, captured, wire });
  }

  #emit(
    { bytes, at, end }: Body,
    header: { number: number; high: number; low: number; captured: number; wire: number },
  ): string | null {
    const known = this.#interfaces[header.number];
    if (!known) return "a packet of an interface that was not described";
    if (header.captured > end - at) return "a packet longer than its block";
    const packet = this.#packet;
    packet.bytes = bytes;
    packet.start = at;
    packet.end = at + header.captured;
    packet.wireBytes = Math.max(header.captured, header.wire);
    packet.linkType = known.linkType;
    packet.atUs = header.high < 0 ? this.#lastUs : microseconds(header.high, header.low, known);
    this.#lastUs = packet.atUs;
    this.#visit(packet);
    return null;
  }

  #damaged(what: string): -1 {
    this.problem = `The capture is damaged: ${what}; nothing behind it was read.`;
    return -1;
  }

  #needs(bytes: number): 0 {
    this.needed = bytes;
    return 0;
  }
}

type Body = { readonly bytes: Buffer; readonly at: number; readonly end: number };

function isRead(type: number): boolean {
  return (
    type === BLOCK.enhancedPacket ||
    type === BLOCK.interface ||
    type === BLOCK.simplePacket ||
    type === BLOCK.packet
  );
}

/** A time of two halves in the interface's units, as whole epoch microseconds; exact for powers of ten up to 10^-9. */
function microseconds(high: number, low: number, { perSecond, offsetS }: Interface): number {
  if (perSecond === MICROSECONDS) return high * 4_294_967_296 + low + offsetS * 1e6;
  if (perSecond === 1e9) return high * 4_294_967 + Math.floor((high * 296 + low) / 1_000) + offsetS * 1e6;
  return Math.floor(((high * 4_294_967_296 + low) / perSecond) * 1e6) + offsetS * 1e6;
}

function timeOptions(body: Body, little: boolean): Pick<Interface, "perSecond" | "offsetS"> {
  let perSecond = MICROSECONDS;
  let offsetS = 0;
  for (let at = body.at; at + 4 <= body.end; ) {
    const code = u16Of(body.bytes, at, little);
    const length = u16Of(body.bytes, at + 2, little);
    if (code === OPTION.end || at + 4 + length > body.end) break;
    if (code === OPTION.timeResolution && length >= 1) perSecond = resolution(body.bytes[at + 4] ?? 6);
    if (code === OPTION.timeOffset && length >= 8) {
      const [first, second] = [u32Of(body.bytes, at + 4, little), u32Of(body.bytes, at + 8, little)];
      // Of any use only within what a time can be; the upper half of a sane offset is 0 or all ones.
      offsetS = little ? (second | 0) * 4_294_967_296 + first : (first | 0) * 4_294_967_296 + second;
    }
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return { perSecond, offsetS };
}

/** Powers of ten; of two where the highest bit is set. */
function resolution(exponent: number): number {
  return exponent & 0x80 ? 2 ** (exponent & 0x7f) : 10 ** exponent;
}
