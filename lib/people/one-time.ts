import { createHash, randomBytes } from "node:crypto";

const SECRET_BYTES = 32;

/** The secret of a new one-time link: 256 bits of chance. It is shown once; its hash is kept. */
export function makeLinkSecret(): { readonly secret: string; readonly secretHash: string } {
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  return { secret, secretHash: hashLinkSecret(secret) };
}

/** What is kept of a link's secret, and looked up by: its SHA-256. */
export function hashLinkSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** The link itself. The secret is its fragment, which browsers send to nobody. */
export function linkUrl(consoleUrl: string, secret: string): string {
  return `${consoleUrl}/welcome#${secret}`;
}
