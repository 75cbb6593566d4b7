import { MAX_KEY_NAME_HEX } from "../../lib/contract/keys.ts";

/** Lengths of a file of ticket keys: name, cipher and MAC key (48 bytes with AES-128, 80 with AES-256). */
const KEY_FILE_BYTES = [48, 80];

/**
 * Why a text cannot be the public name of a key: it is as long as the key itself, in hexadecimal or base64. Null when it
 * may be one. Names are 16 bytes as a rule (RFC 5077 section 4).
 */
export function keyMaterialProblem(keyName: string): string | null {
  // The usual name is known by its length alone.
  if (keyName.length < MAX_KEY_NAME_HEX) return null;
  const bare = keyName.replace(/^0x|[:\s-]/gi, "");
  const isHex = /^[0-9a-f]+$/i.test(bare);
  if (isHex && bare.length <= MAX_KEY_NAME_HEX) return null;
  const isBase64 = /^[A-Za-z0-9+/_-]+={0,2}$/.test(keyName);
  const bytes = isHex ? bare.length / 2 : isBase64 ? Buffer.from(keyName, "base64").length : 0;
  if (KEY_FILE_BYTES.includes(bytes))
    return `keyName holds ${bytes} bytes, as a file of ticket keys does: send the public name (its first 16 bytes), never a key, and replace this one`;
  return isHex ? `keyName is longer than ${MAX_KEY_NAME_HEX} hex digits` : null;
}
