import { expect, it } from "vitest";
import { type ClientHello, readClientHello } from "../../lib/domain/client-hello.ts";
import { ja4Of } from "./ja4.ts";

const numbers = (text: string): number[] =>
  text
    .split(/[,-]/)
    .filter(Boolean)
    .map((each) => Number.parseInt(each, 16));
const empty = readClientHello(
  Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32 + 1 + 2 + 1)]),
) as ClientHello;

/** Chrome, as the fingerprint's authors describe it: reserved values among all lists, extensions in any order. */
const chrome: ClientHello = {
  ...empty,
  versions: numbers("0a0a,0304,0303"),
  ciphers: numbers("3a3a,1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035"),
  extensions: numbers("1a1a,001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015"),
  signatureAlgorithms: numbers("0403,0804,0401,0503,0805,0501,0806,0601"),
  alpn: Buffer.from("h2"),
};

it("agrees with fingerprints that others publish", () => {
  expect(ja4Of(chrome)).toBe("t13d1516h2_8daaf6152771_e5627efa2ab1");
  const newer = chrome.extensions
    .filter((number) => number !== 0x4469 && number !== 0x0015)
    .concat(numbers("44cd,fe0d"));
  expect(ja4Of({ ...chrome, extensions: newer })).toBe("t13d1516h2_8daaf6152771_d8a2da3f94cd");
});

it("says what is missing or odd in a hello as the description says it", () => {
  expect(ja4Of(empty)).toBe("t12i000000_000000000000_000000000000");
  expect(ja4Of({ ...chrome, versions: [], legacyVersion: 0x0301, alpn: null })).toMatch(/^t10d151600_/);
  expect(ja4Of({ ...chrome, alpn: Buffer.from([0xab]) })).toMatch(/^t13d1516ab_/);
  expect(ja4Of({ ...chrome, alpn: Buffer.from("http/1.1") })).toMatch(/^t13d1516h1_/);
  expect(ja4Of({ ...chrome, ciphers: Array.from({ length: 150 }, (_, n) => n) })).toMatch(/^t13d9916h2_/);
  // No algorithms: no underscore behind the extensions.
  expect(ja4Of({ ...chrome, signatureAlgorithms: [] })).not.toBe(ja4Of(chrome));
  expect(ja4Of(chrome)).toBe(ja4Of({ ...chrome, extensions: [...chrome.extensions].reverse() }));
});
