import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  captureOf,
  type Frame,
  framesOf,
  pcapngOf,
  pcapOf,
  RECORDED,
  tapped,
  withLink,
} from "../../support/captures.ts";

const frames = RECORDED.flatMap((name) => framesOf(captureOf(name)));
const { handshakes: expected } = tapped(pcapOf(frames));
const cut = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

describe("capture formats", () => {
  it.each([
    ["pcap, little-endian", pcapOf(frames)],
    ["pcap, big-endian", pcapOf(frames, { little: false })],
    ["pcap, nanoseconds", pcapOf(frames, { nanoseconds: true })],
    ["pcap, big-endian, nanoseconds", pcapOf(frames, { little: false, nanoseconds: true })],
    ["pcapng, little-endian", pcapngOf(frames)],
    ["pcapng, big-endian", pcapngOf(frames, { little: false })],
    [
      "pcapng, two sections",
      Buffer.concat([pcapngOf(frames.slice(0, 40)), pcapngOf(frames.slice(40), { little: false })]),
    ],
  ])("%s", (_name, capture) => {
    expect(expected).toHaveLength(20);
    const whole = tapped(capture);
    expect(whole.problem).toBeNull();
    expect(whole.handshakes).toEqual(expected);
    for (const size of [1, 7, 1_000]) expect(tapped(cut(capture, size)).handshakes).toEqual(expected);
  });

  it("reads a capture in pieces of any sizes", () => {
    const capture = pcapngOf(frames.slice(0, 71));
    const { handshakes } = tapped(capture);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 50 }), (sizes) => {
        const pieces: Buffer[] = [];
        for (let at = 0, turn = 0; at < capture.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          pieces.push(capture.subarray(at, at + size));
          at += size;
        }
        expect(tapped(pieces).handshakes).toEqual(handshakes);
      }),
      { numRuns: 40 },
    );
  });

  it("says what is wrong with a capture that is none, is damaged, or ends within a packet", () => {
    const capture = pcapOf(frames);
    expect(tapped(Buffer.from("GET / HTTP/1.1\r\n")).problem).toContain("no capture");
    expect(tapped(Buffer.alloc(0)).problem).toContain("no capture");
    expect(tapped(capture.subarray(0, -5)).problem).toContain("ends within a packet");
    const damaged = Buffer.from(capture);
    damaged.writeUInt32LE(0x7fffffff, 24 + 8);
    expect(tapped(damaged).problem).toContain("damaged");
  });
});

/** Lifts IPv4 into IPv6, behind extension headers. */
function asIpv6(frame: Frame): Frame {
  const ip = frame.bytes.subarray(14);
  const tcp = ip.subarray(((ip[0] ?? 0) & 15) * 4, ip.readUInt16BE(2));
  const extensions = Buffer.concat([
    Buffer.from([43, 0, 1, 4, 0, 0, 0, 0]),
    Buffer.from([60, 0, 4, 4, 0, 0, 0, 0]),
    Buffer.from([44, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    // An atomic fragment is whole.
    Buffer.from([6, 0, 0, 0, 0, 0, 0, 7]),
  ]);
  const head = Buffer.alloc(40);
  head[0] = 0x60;
  head.writeUInt16BE(extensions.length + tcp.length, 4);
  head[7] = 64;
  for (const at of [8, 24]) Buffer.from("20010db8000000000000000000000001", "hex").copy(head, at);
  const bytes = Buffer.concat([
    frame.bytes.subarray(0, 12),
    Buffer.from([0x86, 0xdd]),
    head,
    extensions,
    tcp,
  ]);
  return { ...frame, bytes, wireBytes: bytes.length };
}

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ""), "hex");
const MAC = "000102030405 060708090a0b";
const LINKS: readonly (readonly [string, number, Buffer])[] = [
  ["a VLAN", 1, hex(`${MAC} 8100 0064 0800`)],
  ["QinQ", 1, hex(`${MAC} 88a8 0064 8100 0065 0800`)],
  ["Linux cooked", 113, hex("0000 0001 0006 0001020304050000 0800")],
  ["Linux cooked, a VLAN", 113, hex("0000 0001 0006 0001020304050000 8100 0064 0800")],
  ["Linux cooked v2", 276, hex("0800 0000 00000002 0001 00 06 0001020304050000")],
  ["BSD loopback of a little-endian host", 0, hex("02000000")],
  ["BSD loopback of a big-endian host", 0, hex("00000002")],
  ["OpenBSD loopback", 108, hex("00000002")],
  ["raw IP", 101, Buffer.alloc(0)],
  ["raw IP, another number", 12, Buffer.alloc(0)],
  ["IPv4 only", 228, Buffer.alloc(0)],
];

describe("link headers", () => {
  it.each(LINKS)("%s", (_name, linkType, header) => {
    const made = frames.map((frame) => withLink(frame, linkType, header));
    const { handshakes, counts } = tapped(pcapOf(made));
    expect(handshakes).toEqual(expected);
    expect(counts.malformedPackets + counts.otherPackets).toBe(0);
  });

  it("several interfaces of several kinds in one capture", () => {
    const made = frames.map((frame, index) => {
      const [, linkType, header] = LINKS[index % LINKS.length] ?? ["", 1, Buffer.alloc(14)];
      return withLink(frame, linkType, header);
    });
    expect(tapped(pcapngOf(made)).handshakes).toEqual(expected);
  });

  it("IPv6 behind extension headers", () => {
    const { handshakes } = tapped(pcapOf(frames.map(asIpv6)));
    const there = { node: "2001:db8::1", client: "2001:db8::1", server: "[2001:db8::1]:8443" };
    expect(handshakes).toEqual(expected.map((handshake) => ({ ...handshake, ...there })));
  });

  it("counts fragments, and what it does not read", () => {
    const fragment = Buffer.from(frames[3]?.bytes ?? []);
    fragment.writeUInt16BE(0x2000, 20);
    const arp = Buffer.concat([hex(`${MAC} 0806`), Buffer.alloc(28)]);
    const frame = (bytes: Buffer): Frame => ({ bytes, wireBytes: bytes.length, atUs: 1, linkType: 1 });
    const quic = Buffer.concat([
      hex(`${MAC} 0800 4500 0040 0000 0000 4011 0000 0a000001 0a000002`),
      hex("d431 01bb 002c 0000 c3 00000001 08 0102030405060708 00 00"),
      Buffer.alloc(20),
    ]);
    const dns = Buffer.from(quic);
    dns.writeUInt16BE(53, 36);
    const made = [fragment, arp, quic, quic, dns, Buffer.alloc(9)].map(frame);
    expect(tapped(pcapOf(made)).counts).toMatchObject({
      ...{ packets: 6, fragments: 1, quicPackets: 2, quicFlows: 1, otherPackets: 2, malformedPackets: 1 },
      ...{ flows: 0, handshakes: 0 },
    });
  });
});
