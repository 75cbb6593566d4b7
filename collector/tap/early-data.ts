const CCM_8 = 0x1305;
const AES_256_GCM_SHA384 = 0x1302;
/** Length of its header and hash: of the transcript under SHA-256, or under SHA-384. */
const FINISHED_BYTES = { sha256: 4 + 32, sha384: 4 + 48 } as const;
const END_OF_EARLY_DATA_BYTES = 4;
/** Records of another length after which the handshake is taken to be over, its early data not known. */
const MAX_UNCLEAR = 64;

/**
 * Tells from the lengths of the client's records whether early data was accepted. The answer itself is encrypted, but a
 * client whose early data was accepted says so: it sends EndOfEarlyData as a record of its own before its Finished, and
 * one whose early data was refused must not (RFC 8446 4.5). Both messages have a length that is known. Only records count
 * that were sent by a client that has the ServerHello; another length (padding, RFC 8446 5.4) leaves it unknown.
 */
export class EarlyDataWatch {
  verdict: "accepted" | "rejected" | null = null;
  /** Whether records are known to come in the order in which they were sent. */
  isCertain = true;
  #sealBytes = 0;
  #finishedBytes = 0;
  #hasEnd = false;
  #unclear = 0;

  /** The cipher suite that was chosen, which says how long records are. */
  begin(cipher: number): void {
    // The content type, and the tag.
    this.#sealBytes = 1 + (cipher === CCM_8 ? 8 : 16);
    this.#finishedBytes =
      this.#sealBytes + (cipher === AES_256_GCM_SHA384 ? FINISHED_BYTES.sha384 : FINISHED_BYTES.sha256);
  }

  /** Early data that was under way when the server answered. */
  inFlight(): void {
    this.#hasEnd = false;
  }

  /** Whether a record is as long as EndOfEarlyData. */
  isEnd(length: number): boolean {
    return length === END_OF_EARLY_DATA_BYTES + this.#sealBytes;
  }

  /** Takes a record's length; answers whether the handshake is over with it. */
  take(length: number): boolean {
    if (length === this.#finishedBytes) {
      if (this.#unclear === 0 && this.isCertain) this.verdict = this.#hasEnd ? "accepted" : "rejected";
      return true;
    }
    if (this.isEnd(length) && !this.#hasEnd && this.#unclear === 0) {
      this.#hasEnd = true;
      return false;
    }
    this.#unclear += 1;
    // After EndOfEarlyData only a Finished can follow.
    return this.#hasEnd || this.#unclear > MAX_UNCLEAR;
  }
}
