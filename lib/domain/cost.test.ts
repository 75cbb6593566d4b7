import { expect, it } from "vitest";
import { type CostTable, certificateOf, coresOf, DEFAULT_COSTS, savedUs } from "./cost.ts";

const shop = { endpoint: "shop", protocol: "TLSv1.3" } as const;
const table: CostTable = { ...DEFAULT_COSTS, endpoints: { shop: "rsa_2048" } };

it("saves by protocol and certificate as DOMAIN 3.3 measured", () => {
  expect(savedUs(shop)).toBe(680 - 427);
  expect(savedUs({ ...shop, protocol: "TLSv1.2" })).toBe(453 - 200);
  expect(savedUs(shop, table)).toBe(880 - 387);
  expect(savedUs({ ...shop, protocol: "TLSv1.2" }, table)).toBe(760 - 187);
  // Not known: TLS 1.2 and the table's own certificate.
  expect(savedUs({ endpoint: null, protocol: null }, table)).toBe(453 - 200);
});

it("knows certificates by endpoint, whatever its name", () => {
  expect(certificateOf("shop", table)).toBe("rsa_2048");
  expect(certificateOf("constructor", table)).toBe("ecdsa_p256");
});

it("counts cores: (expected R - R) x handshakes/s x (full - resumed CPU)", () => {
  // 55 points of 10,000 handshakes/s over a minute at 493 us: 5,500 x 493 us = 2.7115 cores.
  const parts = [{ ...shop, count: 0.55 * 600_000 }];
  expect(coresOf(parts, 60_000, table)).toBeCloseTo(2.7115, 6);
  const better = { endpoint: "shop", protocol: "TLSv1.2", count: -1_000 } as const;
  expect(coresOf([...parts, better], 60_000, table)).toBeLessThan(2.7115);
  expect(coresOf([], 60_000)).toBe(0);
});
