import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_BYTES = 32;
/** Digits of base 62 that 32 bytes take: 256 / log2(62) = 42.99. */
const SECRET_DIGITS = 43;
const ID_BYTES = 9;
const ID_DIGITS = 13;
const TOKEN = new RegExp(`^rpr_([0-9A-Za-z]{${ID_DIGITS}})_([0-9A-Za-z]{${SECRET_DIGITS}})$`);

/** A token's public id and its secret part. */
export type TokenParts = { readonly id: string; readonly secret: string };

/** A new token `rpr_<id>_<secret>` with 256 bits of chance in its secret; `text` is shown once and kept nowhere. */
export function makeToken(): TokenParts & { readonly text: string } {
  const id = base62(randomBytes(ID_BYTES), ID_DIGITS);
  const secret = base62(randomBytes(SECRET_BYTES), SECRET_DIGITS);
  return { id, secret, text: `rpr_${id}_${secret}` };
}

/** The parts of a token; null where the text is none. */
export function parseToken(text: string): TokenParts | null {
  const match = TOKEN.exec(text);
  return match?.[1] && match[2] ? { id: match[1], secret: match[2] } : null;
}

/** What is kept of a secret: its SHA-256. A salt would add nothing, since no list can hold 2^256 secrets. */
export function hashTokenSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

const NOBODY = hashTokenSecret("");

/** Whether a secret is the one of this hash, in the same time whatever they hold; false for null, as slowly. */
export function isTokenSecret(secret: string, secretHash: string | null): boolean {
  const kept = Buffer.from(secretHash ?? NOBODY, "hex");
  const shown = Buffer.from(hashTokenSecret(secret), "hex");
  const isEqual = kept.length === shown.length && timingSafeEqual(kept, shown);
  return isEqual && secretHash !== null;
}

function base62(bytes: Buffer, digits: number): string {
  let rest = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (let digit = 0; digit < digits; digit += 1) {
    text = `${ALPHABET[Number(rest % 62n)]}${text}`;
    rest /= 62n;
  }
  return text;
}
