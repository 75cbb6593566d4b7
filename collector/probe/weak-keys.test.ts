import { createCipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import type { Session } from "./session.ts";
import { CANDIDATES, testWeakKeys } from "./weak-keys.ts";

const secret = randomBytes(48);
const state = (): Buffer => Buffer.concat([randomBytes(40), secret, randomBytes(24)]);
const session = (ticket: Buffer): Session => ({
  ...{ serialised: Buffer.alloc(0), protocol: "TLSv1.2", sessionId: randomBytes(32), secret, ticket },
  ...{ lifetimeHintS: 300, maxEarlyDataBytes: 0 },
});
type Keys = { readonly cipherKey: Buffer; readonly macKey: Buffer };

/** A ticket as RFC 5077 section 4 recommends, as OpenSSL and Go write them. */
function rfc5077(cipher: string, { cipherKey, macKey }: Keys, name = randomBytes(16)): Buffer {
  const iv = randomBytes(16);
  const sealing = createCipheriv(cipher, cipherKey, iv);
  const signed = Buffer.concat([name, iv, sealing.update(state()), sealing.final()]);
  return Buffer.concat([signed, createHmac("sha256", macKey).update(signed).digest()]);
}

function gnutls({ cipherKey, macKey }: Keys): Buffer {
  const iv = randomBytes(16);
  const sealing = createCipheriv("aes-256-cbc", cipherKey, iv);
  const sealed = Buffer.concat([sealing.update(state()), sealing.final()]);
  const length = Buffer.from([sealed.length >> 8, sealed.length & 0xff]);
  const signed = Buffer.concat([randomBytes(16), iv, length, sealed]);
  return Buffer.concat([signed, createHmac("sha1", macKey).update(signed).digest()]);
}

function goKeys(seed: Buffer): Keys {
  const digest = createHash("sha512").update(seed).digest();
  return { cipherKey: digest.subarray(16, 32), macKey: digest.subarray(32, 48) };
}

const found = async (ticket: Buffer) => (await testWeakKeys([session(ticket)]))?.found;

it("finds low-entropy keys in every layout", async () => {
  const zero = { cipherKey: Buffer.alloc(32), macKey: Buffer.alloc(32) };
  expect(await found(rfc5077("aes-256-cbc", zero))).toMatch(/^OpenSSL, key of 80 bytes: .* all zero$/);
  const counting = Buffer.from(Array.from({ length: 16 }, (_, at) => at));
  expect(await found(rfc5077("aes-128-cbc", { cipherKey: counting, macKey: counting }))).toMatch(
    /^OpenSSL, key of 48 bytes: .* counting up from 0$/,
  );
  expect(await found(gnutls(zero))).toMatch(/^GnuTLS 3: the encryption key is all zero$/);
  expect(await found(rfc5077("aes-128-ctr", goKeys(Buffer.alloc(32, 9))))).toMatch(
    /^Go: the encryption .* 0x09$/,
  );
  expect(await found(rfc5077("aes-128-ctr", goKeys(Buffer.alloc(32)), Buffer.alloc(0)))).toMatch(
    /^Go: the encryption key is all zero$/,
  );
});

it("finds one weak half of a key, and says which", async () => {
  const cipherOnly = { cipherKey: Buffer.alloc(32), macKey: randomBytes(32) };
  expect(await found(rfc5077("aes-256-cbc", cipherOnly))).toBe(
    "OpenSSL, key of 80 bytes: the encryption key is all zero",
  );
  const macOnly = { cipherKey: randomBytes(32), macKey: Buffer.alloc(32) };
  expect(await found(rfc5077("aes-256-cbc", macOnly))).toBe(
    "OpenSSL, key of 80 bytes: the MAC key is all zero",
  );
});

it("finds nothing in tickets under random keys, nor in noise", async () => {
  const good = { cipherKey: randomBytes(32), macKey: randomBytes(32) };
  expect(await testWeakKeys([session(rfc5077("aes-256-cbc", good)), session(gnutls(good))])).toEqual({
    ...{ candidates: CANDIDATES, tickets: 2, found: null },
  });
  for (let length = 1; length < 200; length += 13)
    if (length !== 32) expect(await found(randomBytes(length))).toBeNull();
});

it("has nothing to try on references and without tickets, and looks at no endless ones", async () => {
  expect(await testWeakKeys([])).toBeNull();
  expect(await testWeakKeys([session(randomBytes(32))])).toBeNull();
  expect(await testWeakKeys([session(randomBytes(60_000))])).toBeNull();
});

it("takes milliseconds, not seconds, for all that one round looks at", async () => {
  const many = Array.from({ length: 50 }, () => session(randomBytes(4_000)));
  const begunMs = performance.now();
  expect((await testWeakKeys(many))?.tickets).toBe(2);
  expect(performance.now() - begunMs).toBeLessThan(2_000);
});
