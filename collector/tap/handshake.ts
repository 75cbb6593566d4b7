import { type ClientHello, hexOf, readClientHello } from "../../lib/domain/client-hello.ts";
import { alertName } from "../sources/alerts.ts";
import { EarlyDataWatch } from "./early-data.ts";
import { MESSAGE, RECORD, RecordReader } from "./records.ts";
import {
  curveOf,
  type IssuedTicket,
  readNewSessionTicket,
  readServerHello,
  type ServerHello,
} from "./server-hello.ts";

const TLS13 = 0x0304;
const FATAL = 2;
const CLOSE_NOTIFY = 0;
/** Alert, its content type and the authentication tag; of CCM_8 the tag is shorter. No Finished is as short. */
const SEALED_ALERT_BYTES: ReadonlySet<number> = new Set([2 + 1 + 16, 2 + 1 + 8]);
/** What is told of a failure whose alert cannot be read. */
const ENCRYPTED_ALERT = "encrypted alert";

/** What was seen of one handshake when it ended. */
export type Seen = {
  readonly hello: ClientHello;
  readonly server: ServerHello | null;
  /** null: failed. */
  readonly isResumed: boolean | null;
  /** Whether the server asked for another ClientHello first. */
  readonly isRetried: boolean;
  readonly earlyData: "none" | "accepted" | "rejected" | null;
  readonly group: number | null;
  readonly issued: IssuedTicket | null;
  readonly alert: string | null;
  /** From the first byte of the ClientHello to the packet that ended the handshake, epoch microseconds. */
  readonly fromUs: number;
  readonly toUs: number;
};

/**
 * Follows one handshake by what both sides say in the clear and by the kinds and lengths of what is encrypted. It is over
 * with the second of the two Finished (TLS 1.2 and below), the client's Finished (TLS 1.3), or an alert that ends it.
 */
export class TlsHandshake {
  readonly client: RecordReader;
  readonly server: RecordReader;
  /** The end of it; null while it goes on. */
  seen: Seen | null = null;
  /** The hellos cannot be read: this is no handshake. */
  isInvalid = false;
  /** Too much of it is missing from the capture to tell how it ended. */
  isUnclear = false;
  /** Whether the client's next bytes were sent when it had the ServerHello already. */
  clientHasHello = false;
  #hello: ClientHello | null = null;
  #fromUs = 0;
  #serverHello: ServerHello | null = null;
  #isRetried = false;
  #group: number | null = null;
  #issued: IssuedTicket | null = null;
  #serverFlight = false;
  #sealed = { client: false, server: false };
  #finished = { client: false, server: false };
  #warning: string | null = null;
  #early = new EarlyDataWatch();

  constructor() {
    this.client = new RecordReader({
      message: (type, body) => this.#fromClient(type, body),
      sealed: (type, length, atUs) => this.#sealedByClient(type, length, atUs),
      alert: (level, description, atUs) => this.#alerted(level, description, atUs),
    });
    this.server = new RecordReader({
      message: (type, body) => this.#fromServer(type, body),
      sealed: (type, _length, atUs) => this.#sealedByServer(type, atUs),
      alert: (level, description, atUs) => this.#alerted(level, description, atUs),
    });
  }

  get hasHello(): boolean {
    return this.#hello !== null;
  }

  get hasServerHello(): boolean {
    return this.#serverHello !== null;
  }

  /** Whether what the server sends from now on is of no use: all of it is encrypted. */
  get isServerDone(): boolean {
    return this.#serverHello?.version === TLS13;
  }

  /** When the first byte of the client came, which begins its hello. */
  begin(atUs: number): void {
    if (this.#fromUs === 0) this.#fromUs = atUs;
  }

  /** Packets of the client came out of order: what was sent before what is not certain. */
  doubtOrder(): void {
    this.#early.isCertain = false;
  }

  /** The connection ended before the handshake did. */
  close(atUs: number): void {
    if (this.seen === null) this.#end(null, atUs, this.#warning);
  }

  /** After a HelloRetryRequest there is a second hello; what was offered stands in the first. */
  #fromClient(type: number, body: Uint8Array | null): void {
    if (type !== MESSAGE.clientHello || body === null || this.#hello) return;
    // Copied, since what it says lies in the message.
    this.#hello = readClientHello(new Uint8Array(body));
    if (this.#hello === null) this.isInvalid = true;
  }

  #fromServer(type: number, body: Uint8Array | null): void {
    if (type === MESSAGE.serverHelloDone || type === MESSAGE.certificate) this.#serverFlight = true;
    if (body === null || this.#hello === null) return;
    if (type === MESSAGE.serverHello) this.#takeServerHello(body);
    if (type === MESSAGE.serverKeyExchange) this.#group = curveOf(body);
    if (type === MESSAGE.newSessionTicket) this.#issued = readNewSessionTicket(new Uint8Array(body));
  }

  #takeServerHello(body: Uint8Array): void {
    const hello = readServerHello(new Uint8Array(body));
    if (hello === null) this.isInvalid = true;
    else if (hello.isRetry && !this.#isRetried) this.#isRetried = true;
    else if (this.#serverHello === null) {
      this.#serverHello = hello;
      this.#group = hello.group;
      this.server.mayResume = hello.version !== TLS13;
      this.#early.begin(hello.cipher);
    }
  }

  #sealedByClient(type: number, length: number, atUs: number): void {
    const { version } = this.#serverHello ?? { version: null };
    if (version === TLS13) this.#clientOfTls13(type, length, atUs);
    else if (version !== null) this.#sealedByOne("client", type, atUs);
  }

  #clientOfTls13(type: number, length: number, atUs: number): void {
    if (type !== RECORD.applicationData) return;
    const isEarly = this.#hello?.earlyData === true;
    if (isEarly && !this.clientHasHello) {
      this.#early.inFlight();
      return;
    }
    if (SEALED_ALERT_BYTES.has(length)) {
      this.#end(null, atUs, ENCRYPTED_ALERT);
      return;
    }
    if (isEarly && this.#isPskTaken && !this.#early.take(length)) return;
    this.#end(this.#isPskTaken, atUs, null);
  }

  #sealedByServer(type: number, atUs: number): void {
    const { version } = this.#serverHello ?? { version: TLS13 };
    if (version !== TLS13) this.#sealedByOne("server", type, atUs);
  }

  /** Up to TLS 1.2: ChangeCipherSpec, then one encrypted handshake record, which is the Finished. */
  #sealedByOne(side: "client" | "server", type: number, atUs: number): void {
    if (type === RECORD.changeCipherSpec) {
      this.#sealed[side] = true;
      this[side].isSealed = true;
    } else if (type === RECORD.alert) {
      // After its own Finished a side may rightly say goodbye, while what the other one said is still to be put in order.
      if (this.#finished[side]) this.#warning = ENCRYPTED_ALERT;
      else this.#end(null, atUs, ENCRYPTED_ALERT);
    } else if (type === RECORD.handshake && this.#sealed[side]) this.#finished[side] = true;
    if (!this.#finished.client || !this.#finished.server) return;
    const isFull = this.#serverFlight || (this.server.hasResumed ? this.#isFullByItsId : false);
    if (isFull === null) this.isUnclear = true;
    else this.#end(!isFull, atUs, null);
  }

  /**
   * Where the server's flight is missing, its hello tells: it echoes the client's session id if and only if it resumes
   * (RFC 5246 7.4.1.3, RFC 5077 3.4). Without an id of the client a ticket may have been taken all the same: null.
   */
  get #isFullByItsId(): boolean | null {
    const id = this.#hello?.legacySessionId ?? new Uint8Array(0);
    if (id.length === 0) return this.#hello?.offer === "none" ? true : null;
    return hexOf(id) !== hexOf(this.#serverHello?.sessionId ?? id);
  }

  get #isPskTaken(): boolean {
    return this.#serverHello?.selectedPsk != null;
  }

  #alerted(level: number, description: number, atUs: number): void {
    const name = alertName(description);
    if (level === FATAL) this.#end(null, atUs, name);
    else if (description !== CLOSE_NOTIFY) this.#warning = name;
  }

  #end(isResumed: boolean | null, atUs: number, alert: string | null): void {
    if (this.seen !== null || this.#hello === null) return;
    if (isResumed && !this.#isOffered(this.#hello)) {
      this.isInvalid = true;
      return;
    }
    this.seen = {
      hello: this.#hello,
      server: this.#serverHello,
      isResumed,
      isRetried: this.#isRetried,
      earlyData: this.#earlyData(isResumed),
      group: this.#group,
      issued: this.#issued,
      alert,
      fromUs: this.#fromUs,
      toUs: atUs,
    };
  }

  /** Whether there was anything to resume by in the version that was agreed; a server cannot take what nobody offered. */
  #isOffered(hello: ClientHello): boolean {
    if (this.#serverHello?.version === TLS13) return hello.offer === "psk";
    return hello.offer === "ticket" || (hello.offer !== "psk" && hello.legacySessionId.length > 0);
  }

  /** A refused PSK or a second ClientHello refuses early data with it (RFC 8446 4.2.10); acceptance is encrypted. */
  #earlyData(isResumed: boolean | null): Seen["earlyData"] {
    // Early data goes with a PSK; a hello that has one without the other is refused anyway (RFC 8446 4.2.10).
    if (!this.#hello?.earlyData || this.#hello.offer !== "psk") return "none";
    const version = this.#serverHello?.version ?? TLS13;
    if (this.#isRetried || version !== TLS13 || isResumed === false) return "rejected";
    return isResumed === null ? null : this.#early.verdict;
  }
}
