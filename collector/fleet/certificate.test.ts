import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { selfSigned } from "./certificate.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 12);

it("makes a certificate that a parser accepts: names, validity, P-256, signed by itself", () => {
  // Enough names for lengths of one, two and three octets.
  for (const count of [1, 6, 40]) {
    const names = Array.from({ length: count }, (_, i) => `shop-${i}.example`);
    const { cert, key } = selfSigned(names, NOW_MS);
    const parsed = new X509Certificate(cert);
    expect(parsed.subject).toBe("CN=shop-0.example");
    expect(parsed.subjectAltName?.split(", ")).toEqual(names.map((name) => `DNS:${name}`));
    expect(parsed.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(Date.parse(parsed.validFrom)).toBeLessThan(NOW_MS);
    expect(Date.parse(parsed.validTo)).toBeGreaterThan(NOW_MS + 300 * 86_400_000);
    expect(parsed.checkHost(names.at(-1) ?? "")).toBe(names.at(-1));
  }
});

it("never gives two certificates the same serial number", () => {
  const serials = Array.from(
    { length: 20 },
    () => new X509Certificate(selfSigned(["a"], NOW_MS).cert).serialNumber,
  );
  expect(new Set(serials).size).toBe(20);
});
