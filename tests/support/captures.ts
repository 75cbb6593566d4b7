import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { NodeNames } from "../../collector/tap/addresses.ts";
import { CaptureReader } from "../../collector/tap/capture.ts";
import type { TapHandshake, TapKey } from "../../collector/tap/report.ts";
import { Tap, type TapCounts, type TapOptions } from "../../collector/tap/tap.ts";

export const RECORDED = [
  "tls12_ticket",
  "tls12_session_id",
  "tls13_psk",
  "tls13_early_data",
  "tls13_stateful",
  "tls12_random_key_restart",
] as const;

export function captureOf(name: string): Buffer {
  return gunzipSync(readFileSync(`tests/fixtures/pcap/${name}.pcap.gz`));
}

/** A packet taken out of a capture. */
export type Frame = {
  readonly bytes: Buffer;
  readonly wireBytes: number;
  readonly atUs: number;
  readonly linkType: number;
};

export function framesOf(capture: Buffer): Frame[] {
  const frames: Frame[] = [];
  const reader = new CaptureReader(({ bytes, start, end, wireBytes, atUs, linkType }) =>
    frames.push({ bytes: Buffer.from(bytes.subarray(start, end)), wireBytes, atUs, linkType }),
  );
  reader.push(capture);
  return frames;
}

type Order = { readonly little: boolean };
const word = (value: number, bytes: 2 | 4, { little }: Order): Buffer => {
  const made = Buffer.alloc(bytes);
  if (little) made.writeUIntLE(value, 0, bytes);
  else made.writeUIntBE(value, 0, bytes);
  return made;
};
const words = (order: Order, ...values: number[]): Buffer =>
  Buffer.concat(values.map((value) => word(value, 4, order)));

/** The classic format, as tcpdump writes it on machines of either byte order. */
export function pcapOf(
  frames: readonly Frame[],
  { little = true, nanoseconds = false }: { little?: boolean; nanoseconds?: boolean } = {},
): Buffer {
  const order = { little };
  const head = Buffer.concat([
    words(order, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
    ...[2, 4].map((version) => word(version, 2, order)),
    words(order, 0, 0, 262_144, frames[0]?.linkType ?? 1),
  ]);
  const packets = frames.flatMap(({ bytes, wireBytes, atUs }) => {
    const fraction = (atUs % 1e6) * (nanoseconds ? 1_000 : 1);
    return [words(order, Math.floor(atUs / 1e6), fraction, bytes.length, wireBytes), bytes];
  });
  return Buffer.concat([head, ...packets]);
}

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
function block(order: Order, type: number, body: Buffer): Buffer {
  const length = 12 + body.length;
  return Buffer.concat([words(order, type, length), body, words(order, length)]);
}
function option(order: Order, code: number, value: Buffer): Buffer {
  return Buffer.concat([word(code, 2, order), word(value.length, 2, order), padded(value)]);
}

/** Wireshark's format: an interface a link type, with nanoseconds and options; blocks that nobody reads in between. */
export function pcapngOf(frames: readonly Frame[], { little = true }: { little?: boolean } = {}): Buffer {
  const order = { little };
  const comment = option(order, 1, Buffer.from("a comment of odd length"));
  const links = [...new Set(frames.map(({ linkType }) => linkType))];
  const section = block(
    order,
    0x0a0d0d0a,
    Buffer.concat([
      words(order, 0x1a2b3c4d),
      word(1, 2, order),
      word(0, 2, order),
      Buffer.alloc(8, 0xff),
      comment,
    ]),
  );
  const interfaces = links.map((link, index) => {
    const body = [word(link, 2, order), word(0, 2, order), words(order, 0), comment];
    // The first counts in microseconds without saying so, the others in nanoseconds.
    if (index > 0) body.push(option(order, 9, Buffer.from([9])), word(0, 2, order), word(0, 2, order));
    return block(order, 1, Buffer.concat(body));
  });
  const packets = frames.map(({ bytes, wireBytes, atUs, linkType }) => {
    const number = links.indexOf(linkType);
    const ticks = BigInt(atUs) * (number > 0 ? 1_000n : 1n);
    const header = words(
      order,
      ...[number, Number(ticks >> 32n), Number(ticks & 0xffffffffn), bytes.length, wireBytes],
    );
    return Buffer.concat([
      block(order, 6, Buffer.concat([header, padded(bytes), comment])),
      block(order, 4, Buffer.alloc(400)),
    ]);
  });
  return Buffer.concat([section, ...interfaces, ...packets]);
}

/** A frame of Ethernet with another link header, or another layer within it. */
export function withLink(frame: Frame, linkType: number, header: Buffer): Frame {
  const bytes = Buffer.concat([header, frame.bytes.subarray(14)]);
  return { ...frame, bytes, linkType, wireBytes: frame.wireBytes + header.length - 14 };
}

export type Tapped = {
  readonly handshakes: TapHandshake[];
  readonly keys: TapKey[];
  readonly counts: TapCounts;
  readonly problem: string | null;
};

/** What the tap makes of a capture that comes in pieces. */
export function tapped(
  pieces: Buffer | readonly Buffer[],
  options: Partial<Omit<TapOptions, "onHandshake" | "onKey">> = {},
): Tapped {
  const handshakes: TapHandshake[] = [];
  const keys: TapKey[] = [];
  const tap = new Tap({
    ...{ nodes: new NodeNames(new Map(), null), region: null, endpoint: null, families: new Map() },
    ...options,
    onHandshake: (handshake) => handshakes.push(handshake),
    onKey: (key) => keys.push(key),
  });
  for (const piece of Buffer.isBuffer(pieces) ? [pieces] : pieces) tap.push(piece);
  tap.end();
  return { handshakes, keys, counts: tap.counts, problem: tap.problem };
}

/** What a frame of Ethernet, IPv4 and TCP says, and how to make it say something else. */
export function tcpOf({ bytes }: Frame) {
  const ip = 14 + ((bytes[14] ?? 0) & 15) * 4;
  const start = ip + ((bytes[ip + 12] ?? 0) >> 4) * 4;
  const end = 14 + bytes.readUInt16BE(16);
  return {
    ...{ ip, start, end, flags: bytes[ip + 13] ?? 0, sequence: bytes.readUInt32BE(ip + 4) },
    fromServer: bytes.readUInt16BE(ip) === 8443,
  };
}

/** A part of a frame's payload as a segment of its own. */
export function segmentOf(frame: Frame, from: number, to: number): Frame {
  const { start, ip, sequence } = tcpOf(frame);
  const bytes = Buffer.concat([
    frame.bytes.subarray(0, start),
    frame.bytes.subarray(start + from, start + to),
  ]);
  bytes.writeUInt16BE(bytes.length - 14, 16);
  bytes.writeUInt32BE((sequence + from) >>> 0, ip + 4);
  return { ...frame, bytes, wireBytes: bytes.length };
}
