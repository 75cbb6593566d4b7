import { describe, expect, it } from "vitest";
import { traefikSource } from "../../../collector/sources/traefik/source.ts";
import { decodeAll, handshake, IRRELEVANT, REPEAT, writtenLines } from "./lines.ts";

const WEB = {
  node: "edge-1",
  endpoint: "www.example.test",
  family: "curl",
  protocol: "TLSv1.3",
  cipher: "TLS_AES_128_GCM_SHA256",
  outcome: null,
  client: "203.0.113.5",
} as const;

describe("Traefik", () => {
  it("connections from requests: by address, flags and idle time; nothing about resumption", () => {
    expect(decodeAll(traefikSource, writtenLines("traefik.log"))).toEqual([
      handshake("2026-01-05T10:00:00.123Z", { ...WEB, family: null, client: "10.0.0.5" }),
      handshake("2026-01-05T10:00:00.123Z", WEB),
      // Another host on the same HTTP/2 connection, and a request that was logged out of order.
      REPEAT,
      REPEAT,
      // A request of ten minutes keeps its connection busy: the next one, 59 s after its end, is of the same.
      REPEAT,
      REPEAT,
      // Idle for more than three minutes.
      handshake("2026-01-05T10:16:00.000Z", WEB),
      // The same port at once, but another HTTP version.
      handshake("2026-01-05T10:16:01.000Z", WEB),
      handshake("2026-01-05T10:16:02.000Z", {
        ...WEB,
        family: "go",
        protocol: "TLSv1.2",
        cipher: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        client: "2001:db8::5",
      }),
      IRRELEVANT,
    ]);
  });

  it("refuses what it cannot read, and takes unknown versions for unknown", () => {
    const line = (version: string, start = "2026-01-05T10:00:00Z", address = '"10.0.0.5:1"') =>
      `{"ClientAddr":${address},"StartUTC":"${start}","TLSVersion":"${version}","TLSCipher":"unknown"}`;
    const decoded = decodeAll(traefikSource, [
      line("1.4"),
      line("constructor"),
      line("1.3", "today"),
      line("1.3", "2026-01-05T10:00:00Z", "null"),
      line("unknown"),
    ]);
    expect(decoded.map(({ kind }) => kind)).toEqual([
      "refused",
      "refused",
      "refused",
      "refused",
      "handshake",
    ]);
    expect(decoded[4]).toEqual(
      handshake("2026-01-05T10:00:00.000Z", {
        node: "edge-1",
        endpoint: "given",
        outcome: null,
        client: "10.0.0.5",
      }),
    );
  });

  it("remembers a bounded number of connections", () => {
    const decoder = traefikSource.decoder({ endpoint: null, node: null, region: null, live: true });
    const line = (port: number, host: number) =>
      `{"ClientAddr":"10.0.${host}.5:${port}","StartUTC":"2026-01-05T10:00:00Z","TLSVersion":"1.3"}`;
    const kinds = new Set<string>();
    for (let host = 0; host < 3; host += 1)
      for (let port = 10_000; port < 60_000; port += 1) kinds.add(decoder.decode(line(port, host), 0).kind);
    expect([...kinds]).toEqual(["handshake"]);
    // 150,000 came; the first is forgotten, the last is not.
    expect(decoder.decode(line(59_999, 2), 0).kind).toBe("ignored");
    expect(decoder.decode(line(10_000, 0), 0).kind).toBe("handshake");
  });
});
