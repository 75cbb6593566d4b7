import { u16, u32, u32Of } from "./bytes.ts";
import { decodeIp } from "./ip.ts";
import type { CapturedPacket } from "./packet.ts";
import type { Segment, Verdict } from "./segment.ts";

/** LINKTYPE numbers (tcpdump.org, "Link-layer header types"). 12 and 14 are raw IP on some systems. */
const LINK = {
  null: 0,
  ethernet: 1,
  raw12: 12,
  raw14: 14,
  raw: 101,
  loop: 108,
  cooked: 113,
  ipv4: 228,
  ipv6: 229,
  cooked2: 276,
} as const;
const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd } as const;
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
const MAX_TAGS = 4;
const AF_INET = 2;
/** AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, macOS. */
const AF_INET6: ReadonlySet<number> = new Set([10, 24, 28, 30]);

/** Link types that are read; a packet of another counts as `other`. */
export const LINK_TYPES: ReadonlySet<number> = new Set(Object.values(LINK));

/** Finds the TCP segment of a captured packet: link header, VLAN tags, IP, extension headers. Never throws. */
export function decodePacket(packet: CapturedPacket, into: Segment): Verdict {
  const { bytes, start, end } = packet;
  into.bytes = bytes;
  into.atUs = packet.atUs;
  const at = networkAt(packet);
  if (at < 0) return at === UNKNOWN_PROTOCOL ? "other" : "malformed";
  const wireEnd = start + packet.wireBytes;
  return decodeIp({ bytes, at, end, wireEnd }, into);
}

const UNKNOWN_PROTOCOL = -1;
const TOO_SHORT = -2;

/** Where the IP header begins. */
function networkAt({ bytes, start, end, linkType }: CapturedPacket): number {
  switch (linkType) {
    case LINK.ethernet:
      return end - start < 14 ? TOO_SHORT : untagged(bytes, start + 12, end);
    case LINK.cooked:
      return end - start < 16 ? TOO_SHORT : untagged(bytes, start + 14, end);
    case LINK.cooked2:
      return end - start < 20 ? TOO_SHORT : cooked2(bytes, start, end);
    case LINK.raw:
    case LINK.raw12:
    case LINK.raw14:
    case LINK.ipv4:
    case LINK.ipv6:
      return start;
    case LINK.null:
      return end - start < 4 ? TOO_SHORT : ofFamily(bytes, start);
    case LINK.loop:
      return end - start < 4 ? TOO_SHORT : familyAt(u32(bytes, start), start);
    default:
      return UNKNOWN_PROTOCOL;
  }
}

/** The protocol stands first, the payload after 20 bytes; a tag of a VLAN stands where the payload does. */
function cooked2(bytes: Uint8Array, start: number, end: number): number {
  return pastTags(bytes, { type: u16(bytes, start), at: start + 20, end });
}

function untagged(bytes: Uint8Array, typeAt: number, end: number): number {
  return pastTags(bytes, { type: u16(bytes, typeAt), at: typeAt + 2, end });
}

function pastTags(bytes: Uint8Array, from: { type: number; at: number; end: number }): number {
  let { type, at } = from;
  for (let tags = 0; VLAN_TAGS.has(type); tags += 1) {
    if (tags === MAX_TAGS) return UNKNOWN_PROTOCOL;
    if (at + 4 > from.end) return TOO_SHORT;
    type = u16(bytes, at + 2);
    at += 4;
  }
  return type === ETHERTYPE.ipv4 || type === ETHERTYPE.ipv6 ? at : UNKNOWN_PROTOCOL;
}

/** The address family stands in the byte order of the host that captured: both are tried. */
function ofFamily(bytes: Uint8Array, start: number): number {
  const little = familyAt(u32Of(bytes, start, true), start);
  return little >= 0 ? little : familyAt(u32(bytes, start), start);
}

function familyAt(family: number, start: number): number {
  return family === AF_INET || AF_INET6.has(family) ? start + 4 : UNKNOWN_PROTOCOL;
}
