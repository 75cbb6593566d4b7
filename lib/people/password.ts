import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(argon2);

/** Least characters of a password (NIST SP 800-63B-4 3.1.1.2 asks for 15 where it is the only factor, 8 with a second one). */
export const PASSWORD_CHARACTERS = { least: 12, most: 256 } as const;

/** OWASP's Argon2id parameters with the least memory that it lists first: 19 MiB, two passes, one lane. */
const COST = { memoryKib: 19_456, passes: 2, lanes: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

const base64 = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");

/** Argon2id of a password (RFC 9106) in the PHC string format, with a new salt. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(SALT_BYTES);
  const hash = await hashWith(password, { nonce, cost: COST, tagLength: HASH_BYTES });
  return `$argon2id$v=19$m=${COST.memoryKib},t=${COST.passes},p=${COST.lanes}$${base64(nonce)}$${base64(hash)}`;
}

/** Whether a password is the one of this hash; false for a hash in another format. */
export async function isPassword({ hash, password }: { hash: string; password: string }): Promise<boolean> {
  const [, memory = "", passes = "", lanes = "", salt = "", kept = ""] = PHC.exec(hash) ?? [];
  const known = Buffer.from(kept, "base64");
  if (known.length === 0) return false;
  const cost = { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  const nonce = Buffer.from(salt, "base64");
  const shown = await hashWith(password, { nonce, cost, tagLength: known.length });
  return timingSafeEqual(known, shown);
}

type Hashing = {
  readonly nonce: Buffer;
  readonly cost: { readonly memoryKib: number; readonly passes: number; readonly lanes: number };
  readonly tagLength: number;
};

function hashWith(password: string, { nonce, cost, tagLength }: Hashing): Promise<Buffer> {
  // The same letters may be typed in several ways (RFC 8265 4.2.1).
  const message = password.normalize("NFC");
  const { memoryKib: memory, passes, lanes: parallelism } = cost;
  return derive("argon2id", { message, nonce, memory, passes, parallelism, tagLength });
}
