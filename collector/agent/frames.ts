import { crc32 } from "node:zlib";

/**
 * The layout of a spool segment: frames one after another, each `magic (4) | length (4) | crc32 (4) | payload`, numbers
 * little-endian. The checksum is of the payload, whose first byte says what it is.
 */
const MAGIC = Buffer.from("RPR1");
export const FRAME_HEAD_BYTES = 12;
/** Longest payload; a longer length is damage. */
const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

export const FRAME = { start: 1, record: 2, acknowledged: 3 } as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

/** One whole frame as it lies in the file. */
export type Frame = {
  readonly kind: FrameKind;
  readonly at: number;
  readonly end: number;
  readonly payload: Buffer;
};
/** Bytes that are no frame: damage, or the torn end of the last write. */
export type Gap = { readonly at: number; readonly end: number };

/** A frame's bytes. */
export function frameOf(kind: FrameKind, content: Buffer): Buffer {
  const frame = Buffer.alloc(FRAME_HEAD_BYTES + 1 + content.length);
  MAGIC.copy(frame);
  frame.writeUInt32LE(content.length + 1, 4);
  frame[FRAME_HEAD_BYTES] = kind;
  content.copy(frame, FRAME_HEAD_BYTES + 1);
  frame.writeUInt32LE(crc32(frame.subarray(FRAME_HEAD_BYTES)), 8);
  return frame;
}

/** The frame that begins at a place; null where there is none or it is not whole. */
export function frameAt(bytes: Buffer, at: number): Frame | null {
  const start = at + FRAME_HEAD_BYTES;
  const length = start > bytes.length ? null : frameLengthOf(bytes.subarray(at, start));
  if (length === null || at + length > bytes.length) return null;
  const payload = bytes.subarray(start, at + length);
  if (crc32(payload) !== bytes.readUInt32LE(at + 8)) return null;
  const kind = payload[0];
  if (kind !== FRAME.start && kind !== FRAME.record && kind !== FRAME.acknowledged) return null;
  return { kind, at, end: at + length, payload: payload.subarray(1) };
}

/** The length of a frame by its first bytes, head included; null where they are none. */
export function frameLengthOf(head: Buffer): number | null {
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const length = head.readUInt32LE(4);
  return length < 1 || length > MAX_PAYLOAD_BYTES ? null : FRAME_HEAD_BYTES + length;
}

/** All whole frames of a segment in order, and what lies between them. */
export function scanFrames(bytes: Buffer): { readonly frames: Frame[]; readonly gaps: Gap[] } {
  const frames: Frame[] = [];
  const gaps: Gap[] = [];
  for (let at = 0; at < bytes.length; ) {
    const frame = frameAt(bytes, at);
    if (frame) {
      frames.push(frame);
      at = frame.end;
      continue;
    }
    const from = at;
    do at = bytes.indexOf(MAGIC, at + 1);
    while (at >= 0 && frameAt(bytes, at) === null);
    if (at < 0) at = bytes.length;
    gaps.push({ at: from, end: at });
  }
  return { frames, gaps };
}
