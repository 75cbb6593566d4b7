import { HttpProblem } from "../body.ts";

/** The longest that a block can grow: a copy of three bytes makes 64 (format description 2.2.2). */
const MAX_RATIO = 22;
/** The low bits of a tag (format description 2). */
const LITERAL = 0;
const COPY_1 = 1;
const COPY_2 = 2;
/** Literals up to this length say it in their tag. */
const SHORT_LITERAL = 60;

/**
 * Decompresses one block of Snappy (google/snappy, format_description.txt). Its length stands in front, and is checked
 * before a byte is allocated. Written here since snappyjs never returns on some broken blocks (a literal of negative
 * length leads its position back). Throws HttpProblem: 413 larger than `maxBytes`, 400 broken.
 */
export function unsnap(block: Uint8Array, maxBytes: number): Uint8Array {
  const { value: length, end } = readLength(block);
  if (length > maxBytes) throw new HttpProblem(413, `the decompressed body is larger than ${maxBytes} bytes`);
  if (length > block.length * MAX_RATIO) throw broken("it says that it is longer than it can be");
  const out = Buffer.allocUnsafe(length);
  let at = end;
  let made = 0;
  while (at < block.length) {
    const element = readElement(block, at);
    at = element.next;
    if (made + element.length > length) throw broken("it is longer than it says");
    if (element.offset === 0) {
      if (at + element.length > block.length) throw broken("it ends within a literal");
      out.set(block.subarray(at, at + element.length), made);
      at += element.length;
    } else {
      if (element.offset > made) throw broken("a copy begins before the start");
      repeat(out, made, element);
    }
    made += element.length;
  }
  if (made !== length) throw broken("it is shorter than it says");
  return out;
}

/** A literal (offset 0) or a copy from `offset` bytes back; `next` is where its bytes, or the next element, begin. */
type Element = { readonly length: number; readonly offset: number; readonly next: number };

function readElement(block: Uint8Array, at: number): Element {
  const tag = block[at] ?? 0;
  const high = tag >>> 2;
  switch (tag & 3) {
    case LITERAL: {
      if (high < SHORT_LITERAL) return { length: high + 1, offset: 0, next: at + 1 };
      const bytes = high - SHORT_LITERAL + 1;
      return { length: littleEndian(block, at + 1, bytes) + 1, offset: 0, next: at + 1 + bytes };
    }
    case COPY_1: {
      const offset = (tag >>> 5) * 256 + littleEndian(block, at + 1, 1);
      return copy({ length: (high & 7) + 4, offset, next: at + 2 });
    }
    case COPY_2:
      return copy({ length: high + 1, offset: littleEndian(block, at + 1, 2), next: at + 3 });
    default:
      return copy({ length: high + 1, offset: littleEndian(block, at + 1, 4), next: at + 5 });
  }
}

function copy(element: Element): Element {
  if (element.offset === 0) throw broken("a copy from nowhere");
  return element;
}

/** Copies byte by byte: a copy may overlap with what it makes. */
function repeat(out: Uint8Array, made: number, { length, offset }: Element): void {
  for (let index = made; index < made + length; index += 1) out[index] = out[index - offset] ?? 0;
}

function littleEndian(block: Uint8Array, at: number, bytes: number): number {
  if (at + bytes > block.length) throw broken("it ends within an element");
  let value = 0;
  for (let index = bytes - 1; index >= 0; index -= 1) value = value * 256 + (block[at + index] ?? 0);
  return value;
}

function readLength(block: Uint8Array): { value: number; end: number } {
  let value = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = block[index];
    if (byte === undefined) throw broken("it ends within its length");
    value += (byte & 0x7f) * 128 ** index;
    if (byte < 0x80) {
      if (value > 0xffff_ffff) break;
      return { value, end: index + 1 };
    }
  }
  throw broken("its length is no 32-bit number");
}

function broken(why: string): HttpProblem {
  return new HttpProblem(400, `the body is no Snappy block: ${why}`);
}
