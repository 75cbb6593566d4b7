/** What a packet turned out to be. Only `tcp` and `quic` fill in more of the segment. */
export type Verdict = "tcp" | "quic" | "fragment" | "other" | "malformed";

/** A TCP segment (or UDP datagram) within a captured packet. One object for all, filled anew by each decoding. */
export class Segment {
  bytes: Uint8Array = new Uint8Array(0);
  /** Epoch microseconds. */
  atUs = 0;
  /** Where the addresses stand, and how long they are: 4 or 16 bytes. */
  sourceAt = 0;
  targetAt = 0;
  addressBytes = 4;
  sourcePort = 0;
  targetPort = 0;
  sequence = 0;
  acknowledged = 0;
  flags = 0;
  /** The payload as captured. */
  start = 0;
  end = 0;
  /** Bytes of the payload that were on the wire behind what was captured. */
  cut = 0;
}

/** TCP flags (RFC 9293 3.1). */
export const FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10 } as const;
