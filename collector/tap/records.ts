import { u16 } from "./bytes.ts";

/** TLS record types (RFC 8446 5.1). */
export const RECORD = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;
/** Handshake messages that are looked at (RFC 8446 4, RFC 5246 7.4, RFC 5077). */
export const MESSAGE = {
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  certificate: 11,
  serverKeyExchange: 12,
  serverHelloDone: 14,
} as const;

/** What is heard of one direction of a connection, in order. */
export interface RecordSink {
  /**
   * A handshake message in the clear. `body` is valid until it returns; null for one of which only the presence counts,
   * which is told as soon as it begins.
   */
  message(type: number, body: Uint8Array | null, atUs: number): void;
  /** A record whose content is encrypted, or a ChangeCipherSpec: its type and length, once all of it was seen. */
  sealed(type: number, length: number, atUs: number): void;
  /** An alert in the clear. */
  alert(level: number, description: number, atUs: number): void;
}

const HEADER_BYTES = 5;
const MESSAGE_HEADER_BYTES = 4;
/** TLS 1.2 allows 2,048 bytes more than a record's 2^14 (RFC 5246 6.2.3). */
const MAX_RECORD_BYTES = 16_384 + 2_048;
/** Longer hellos and tickets do not occur: a ticket is at most 65,535 bytes. */
const MAX_MESSAGE_BYTES = 66_000;
/** Of ServerKeyExchange the first bytes name the curve; the signature behind is passed over. */
const KEPT: ReadonlySet<number> = new Set([
  MESSAGE.clientHello,
  MESSAGE.serverHello,
  MESSAGE.newSessionTicket,
  MESSAGE.serverKeyExchange,
]);
const RESUMED_BY: ReadonlySet<number> = new Set([
  MESSAGE.newSessionTicket,
  MESSAGE.serverKeyExchange,
  MESSAGE.serverHelloDone,
]);
const MAJOR_VERSION = 3;
/** The length of a message stands in its header, which was not read yet. */
const UNREAD = -1;
const FIRST_KEPT_BYTES = 512;
const NOTHING = new Uint8Array(0);

/**
 * Cuts one direction of a connection into records and handshake messages, in pieces of any size. Keeps the message that
 * is incomplete, and only if it is one that is read. What is missing from the capture is passed over where nothing is
 * read; elsewhere the reader gives up (`dead`).
 */
export class RecordReader {
  /** Gave up: what was seen is no TLS, or too much of it is missing. */
  dead: "" | "not_tls" | "malformed" | "missing" = "";
  /** From the ChangeCipherSpec on, handshake records of TLS 1.2 and below are encrypted. */
  isSealed = false;
  /** Whether to look for the next record where some were lost, and whether that was needed. */
  mayResume = false;
  hasResumed = false;
  /** Bytes kept. */
  held = 0;
  readonly #sink: RecordSink;
  #isSeeking = false;
  #records = 0;
  #header = 0;
  #headerBytes = [0, 0, 0, 0, 0];
  #type = 0;
  #length = 0;
  #left = 0;
  #alert = [0, 0];
  #message = 0;
  #messageHeader = [0, 0, 0, 0];
  #messageLeft = UNREAD;
  /** The first part of a message that goes on, in a buffer that grows. */
  #kept: Uint8Array | null = null;
  #keptBytes = 0;

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  /** The next bytes in order, `bytes[start, end)`; not kept but as copies. */
  push(bytes: Uint8Array, start: number, end: number, atUs: number): void {
    if (this.#isSeeking && !resumesAt(bytes, start, end)) return;
    this.#isSeeking = false;
    for (let at = start; at < end && this.dead === ""; ) {
      if (this.#left === 0) at = this.#readHeader(bytes, at, end);
      else at = this.#readBody(bytes, at, end, atUs);
      if (this.#left === 0 && this.#header === HEADER_BYTES) this.#header = 0;
    }
  }

  /** `length` bytes that the capture does not hold. */
  gap(length: number, atUs: number): void {
    if (this.dead !== "" || this.#isSeeking) return;
    const isPassedOver =
      this.#type !== RECORD.handshake ||
      this.isSealed ||
      (this.#message === 4 && !KEPT.has(this.#messageHeader[0] ?? 0));
    const room = this.#isClear ? Math.min(this.#left, this.#messageLeft) : this.#left;
    if (!isPassedOver || this.#type === RECORD.alert || length > room) {
      this.#lose();
      return;
    }
    if (this.#isClear) this.#passMessage(length, atUs, null);
    this.#pass(length, atUs);
    if (this.#left === 0) this.#header = 0;
  }

  /** Records are missing, nobody knows how many. */
  #lose(): void {
    if (!this.mayResume) {
      this.#die("missing");
      return;
    }
    this.release();
    this.#isSeeking = true;
    this.hasResumed = true;
    this.#header = 0;
    this.#left = 0;
    this.#message = 0;
    this.#messageLeft = UNREAD;
  }

  /** Forgets what is kept. */
  release(): void {
    this.#kept = null;
    this.#keptBytes = 0;
    this.held = 0;
  }

  get #isClear(): boolean {
    return this.#type === RECORD.handshake && !this.isSealed;
  }

  #readHeader(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end && this.#header < HEADER_BYTES) {
      this.#headerBytes[this.#header] = bytes[at] ?? 0;
      this.#header += 1;
      at += 1;
      if (!this.#fits()) {
        this.#die(this.#records === 0 ? "not_tls" : "malformed");
        return end;
      }
    }
    if (this.#header < HEADER_BYTES) return at;
    this.#type = this.#headerBytes[0] ?? 0;
    this.#length = ((this.#headerBytes[3] ?? 0) << 8) | (this.#headerBytes[4] ?? 0);
    this.#left = this.#length;
    this.#records += 1;
    if (this.#length > MAX_RECORD_BYTES) this.#die("malformed");
    return at;
  }

  /** Whether the bytes of the header so far can be one's. */
  #fits(): boolean {
    const [type = 0, major = 0] = this.#headerBytes;
    if (this.#header === 1) return type >= RECORD.changeCipherSpec && type <= RECORD.applicationData + 1;
    return this.#header !== 2 || major === MAJOR_VERSION;
  }

  #readBody(bytes: Uint8Array, at: number, end: number, atUs: number): number {
    const size = Math.min(this.#left, end - at);
    if (this.#isClear) return this.#readHandshake(bytes, at, at + size, atUs);
    if (this.#type === RECORD.alert && this.#length === 2) {
      this.#alert[2 - this.#left] = bytes[at] ?? 0;
      if (size === 2) this.#alert[1] = bytes[at + 1] ?? 0;
    }
    this.#pass(size, atUs);
    return at + size;
  }

  /** Takes bytes of the record as read; its end is told. */
  #pass(size: number, atUs: number): void {
    this.#left -= size;
    if (this.#left > 0 || this.#isClear) return;
    const [level = 0, description = 0] = this.#alert;
    if (this.#type === RECORD.alert && this.#length === 2) this.#sink.alert(level, description, atUs);
    else this.#sink.sealed(this.#type, this.#length, atUs);
  }

  #readHandshake(bytes: Uint8Array, from: number, end: number, atUs: number): number {
    let at = from;
    while (at < end && this.#message < MESSAGE_HEADER_BYTES) {
      this.#messageHeader[this.#message] = bytes[at] ?? 0;
      this.#message += 1;
      at += 1;
    }
    this.#left -= at - from;
    if (this.#message < MESSAGE_HEADER_BYTES) return at;
    const [type = 0, high = 0, middle = 0, low = 0] = this.#messageHeader;
    if (this.#messageLeft < 0) {
      this.#messageLeft = (high << 16) | (middle << 8) | low;
      if (!KEPT.has(type)) this.#sink.message(type, null, atUs);
    }
    if (KEPT.has(type) && this.#messageLeft > MAX_MESSAGE_BYTES) {
      this.#die("malformed");
      return end;
    }
    const size = Math.min(this.#messageLeft, end - at);
    const isWhole = this.#kept === null && size === this.#messageLeft;
    if (KEPT.has(type) && !isWhole) this.#keep(bytes, at, at + size);
    this.#left -= size;
    this.#passMessage(size, atUs, isWhole ? bytes.subarray(at, at + size) : null);
    return at + size;
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    const length = this.#keptBytes + end - start;
    if (this.#kept === null || this.#kept.length < length) {
      const larger = new Uint8Array(Math.max(FIRST_KEPT_BYTES, 2 ** Math.ceil(Math.log2(length))));
      if (this.#kept) larger.set(this.#kept.subarray(0, this.#keptBytes));
      this.#kept = larger;
      this.held = larger.length;
    }
    this.#kept.set(bytes.subarray(start, end), this.#keptBytes);
    this.#keptBytes = length;
  }

  #passMessage(size: number, atUs: number, whole: Uint8Array | null): void {
    this.#messageLeft -= size;
    if (this.#messageLeft > 0) return;
    const type = this.#messageHeader[0] ?? 0;
    const body = whole ?? this.#kept?.subarray(0, this.#keptBytes) ?? NOTHING;
    this.release();
    this.#message = 0;
    this.#messageLeft = UNREAD;
    if (KEPT.has(type)) this.#sink.message(type, body, atUs);
  }

  #die(why: "not_tls" | "malformed" | "missing"): void {
    this.dead = why;
    this.release();
  }
}

/**
 * Whether a segment plainly begins with a record of a server's flight before its Finished, as the one after a loss mostly
 * does: ChangeCipherSpec, or a handshake record with a message that fits into it.
 */
function resumesAt(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 6 || bytes[start + 1] !== MAJOR_VERSION) return false;
  const length = u16(bytes, start + 3);
  if (bytes[start] === RECORD.changeCipherSpec) return length === 1 && bytes[start + 5] === 1;
  if (bytes[start] !== RECORD.handshake || end - start < 9 || length > MAX_RECORD_BYTES) return false;
  const messageBytes = ((bytes[start + 6] ?? 0) << 16) | u16(bytes, start + 7);
  return RESUMED_BY.has(bytes[start + 5] ?? 0) && messageBytes + MESSAGE_HEADER_BYTES <= length;
}

/** Whether bytes can be the beginning of a ClientHello in a record: as many of its first six as there are. */
export function beginsHello(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 6) return false;
  return (
    bytes[start] === RECORD.handshake &&
    bytes[start + 1] === MAJOR_VERSION &&
    u16(bytes, start + 3) <= MAX_RECORD_BYTES &&
    bytes[start + 5] === MESSAGE.clientHello
  );
}
