import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The installation's secret, made on first use, readable by its owner only. Collector and console of one data folder share it. */
export function loadSecret(dataDir: string): Buffer {
  const file = join(dataDir, "secret");
  if (!existsSync(file)) {
    const made = join(dataDir, `secret.${process.pid}`);
    writeFileSync(made, randomBytes(32), { mode: 0o600 });
    try {
      // Whole or not at all: nobody reads half a secret.
      linkSync(made, file);
    } catch (error) {
      // Another process of this folder was quicker: its secret is the one.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      unlinkSync(made);
    }
  }
  return readFileSync(file);
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts values that have to be read again, such as credentials of receivers: AES-256-GCM under a key derived from the
 * installation's secret (HKDF-SHA-256, RFC 5869). `about` binds the text to its place: sealed for one, it opens for no other.
 */
export class Seal {
  readonly #key: Buffer;

  constructor(secret: Buffer) {
    this.#key = Buffer.from(hkdfSync("sha256", secret, "", "reprise settings", 32));
  }

  seal(about: string, value: unknown): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce).setAAD(Buffer.from(about));
    const text = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
    return Uint8Array.from(Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), text]));
  }

  /** The value; null where it was sealed for another place or under another secret, or is damaged. */
  open(about: string, sealed: Uint8Array): unknown {
    const bytes = Buffer.from(sealed);
    if (bytes[0] !== VERSION || bytes.length < 1 + NONCE_BYTES + TAG_BYTES) return null;
    const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
    const tag = bytes.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", this.#key, nonce)
      .setAAD(Buffer.from(about))
      .setAuthTag(tag);
    try {
      const text = Buffer.concat([
        decipher.update(bytes.subarray(1 + NONCE_BYTES + TAG_BYTES)),
        decipher.final(),
      ]);
      return JSON.parse(text.toString("utf8"));
    } catch {
      return null;
    }
  }
}

/** What a receiver's settings are sealed for: one tenant's one receiver. */
export const sealedFor = (tenant: number, name: string): string => `receiver:${tenant}:${name}`;
