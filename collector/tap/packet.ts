/** A packet as it was captured: `bytes[start, end)`. One object for all packets, valid until the visit returns. */
export type CapturedPacket = {
  bytes: Buffer;
  start: number;
  end: number;
  /** Length on the wire; more than what was captured where a snapshot length cut it. */
  wireBytes: number;
  /** Epoch microseconds. */
  atUs: number;
  /** LINKTYPE number (tcpdump.org, "Link-layer header types"). */
  linkType: number;
};
export type Visit = (packet: CapturedPacket) => void;

/** Larger than any packet; a length beyond it is damage, and nothing behind it can be found again. */
export const MAX_PACKET_BYTES = 1_048_576;

/** One unit of a capture (a header, a packet, a block) at a time. */
export interface CaptureFormat {
  /** Bytes that the next unit takes at least, counted from its beginning. */
  needed: number;
  /** Bytes of the units taken; 0: more are needed (`needed` says how many); -1: damage (`problem` says what). */
  take(bytes: Buffer, at: number): number;
  readonly problem: string;
}
