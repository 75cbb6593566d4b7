import { u16, u32 } from "./bytes.ts";
import type { Segment, Verdict } from "./segment.ts";

/** Bytes captured end at `end`; on the wire they went on until `wireEnd`. */
type Layer = {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
  readonly wireEnd: number;
};

const PROTOCOL = { tcp: 6, udp: 17 } as const;
/** Extension headers of IPv6 with a length in units of 8 bytes (RFC 8200 4, IANA). */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 135, 139, 140]);
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const MAX_EXTENSIONS = 10;
const HTTPS = 443;
const LONG_HEADER = 0xc0;

/** Reads an IPv4 or IPv6 packet down to its TCP segment. A fragment is told, and never read as if it were whole. */
export function decodeIp(layer: Layer, into: Segment): Verdict {
  const { bytes, at, end } = layer;
  if (at >= end) return "malformed";
  const version = (bytes[at] ?? 0) >> 4;
  return version === 4 ? decodeIpv4(layer, into) : version === 6 ? decodeIpv6(layer, into) : "malformed";
}

function decodeIpv4({ bytes, at, end, wireEnd }: Layer, into: Segment): Verdict {
  const headerBytes = ((bytes[at] ?? 0) & 0x0f) * 4;
  if (headerBytes < 20 || at + headerBytes > end) return "malformed";
  const protocol = bytes[at + 9];
  if (protocol !== PROTOCOL.tcp && protocol !== PROTOCOL.udp) return "other";
  // More fragments, or an offset.
  if ((u16(bytes, at + 6) & 0x3fff) !== 0) return "fragment";
  const total = u16(bytes, at + 2);
  // Segmentation offload leaves the length empty.
  const packetEnd = total === 0 ? wireEnd : at + total;
  if (packetEnd < at + headerBytes || packetEnd > wireEnd) return "malformed";
  into.sourceAt = at + 12;
  into.targetAt = at + 16;
  into.addressBytes = 4;
  return decodeTransport(protocol, { bytes, at: at + headerBytes, end, wireEnd: packetEnd }, into);
}

function decodeIpv6({ bytes, at, end, wireEnd }: Layer, into: Segment): Verdict {
  if (at + 40 > end) return "malformed";
  const length = u16(bytes, at + 4);
  const packetEnd = length === 0 ? wireEnd : at + 40 + length;
  if (packetEnd > wireEnd) return "malformed";
  into.sourceAt = at + 8;
  into.targetAt = at + 24;
  into.addressBytes = 16;
  let next = bytes[at + 6] ?? 0;
  let header = at + 40;
  for (let count = 0; count < MAX_EXTENSIONS; count += 1) {
    if (next === PROTOCOL.tcp || next === PROTOCOL.udp)
      return decodeTransport(next, { bytes, at: header, end, wireEnd: packetEnd }, into);
    const isPlain = EXTENSIONS.has(next);
    if (!isPlain && next !== FRAGMENT && next !== AUTHENTICATION) return "other";
    if (header + 8 > end) return "malformed";
    // An offset, or more to come; an atomic fragment (RFC 6946) is whole.
    if (next === FRAGMENT && (u16(bytes, header + 2) & 0xfff9) !== 0) return "fragment";
    const units = bytes[header + 1] ?? 0;
    const size = isPlain ? (units + 1) * 8 : next === FRAGMENT ? 8 : (units + 2) * 4;
    next = bytes[header] ?? 0;
    header += size;
  }
  return "malformed";
}

function decodeTransport(protocol: number, layer: Layer, into: Segment): Verdict {
  return protocol === PROTOCOL.tcp ? decodeTcp(layer, into) : decodeUdp(layer, into);
}

function decodeTcp({ bytes, at, end, wireEnd }: Layer, into: Segment): Verdict {
  if (at + 20 > end) return "malformed";
  const start = at + ((bytes[at + 12] ?? 0) >> 4) * 4;
  if (start < at + 20 || start > wireEnd) return "malformed";
  into.sourcePort = u16(bytes, at);
  into.targetPort = u16(bytes, at + 2);
  into.sequence = u32(bytes, at + 4);
  into.acknowledged = u32(bytes, at + 8);
  into.flags = bytes[at + 13] ?? 0;
  // Behind the packet there may be padding; the captured part may end within the packet, even within the options.
  into.start = Math.min(start, end);
  into.end = Math.max(into.start, Math.min(end, wireEnd));
  into.cut = wireEnd - start - (into.end - into.start);
  return "tcp";
}

/** QUIC of a client's or server's first packets: a long header with a version (RFC 8999 5.1). */
function decodeUdp({ bytes, at, end }: Layer, into: Segment): Verdict {
  if (at + 8 > end) return "malformed";
  into.sourcePort = u16(bytes, at);
  into.targetPort = u16(bytes, at + 2);
  if (into.sourcePort !== HTTPS && into.targetPort !== HTTPS) return "other";
  if (at + 13 > end) return "other";
  const first = bytes[at + 8] ?? 0;
  if (first < LONG_HEADER || u32(bytes, at + 9) === 0) return "other";
  return "quic";
}
