import { describe, expect, it } from "vitest";
import { awsAlbSource } from "../../../collector/sources/aws-alb/source.ts";
import { decodeAll, handshake, IRRELEVANT, writtenLines } from "./lines.ts";

const TLS12 = { protocol: "TLSv1.2", cipher: "ECDHE-RSA-AES128-GCM-SHA256" } as const;
const TLS13 = { protocol: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" } as const;
const PLACE = { endpoint: "given", node: "edge-1" } as const;

describe("AWS ALB, connection log", () => {
  it("latency and failures; outcome unknown; plain HTTP left out", () => {
    expect(decodeAll(awsAlbSource, writtenLines("aws-alb.log"))).toEqual([
      handshake("2023-10-04T17:05:15.514Z", {
        ...PLACE,
        ...TLS12,
        outcome: null,
        handshakeUs: 4_036_000,
        client: "203.0.113.1",
      }),
      handshake("2023-10-04T17:05:15.514Z", {
        ...PLACE,
        ...TLS12,
        outcome: "failed",
        client: "203.0.113.1",
        alert: "ClientCertUntrusted",
      }),
      // With the newer fields: key exchange and the balancer's node.
      handshake("2026-01-05T10:00:00.000Z", {
        endpoint: "given",
        node: "172.160.1.192",
        ...TLS13,
        group: "X25519MLKEM768",
        outcome: null,
        handshakeUs: 3000,
        client: "203.0.113.2",
      }),
      // A trailing "-" of a field that is to come.
      handshake("2026-01-05T10:00:01.000Z", {
        ...PLACE,
        ...TLS13,
        outcome: null,
        handshakeUs: 3000,
        client: "203.0.113.2",
      }),
      handshake("2026-01-05T10:00:02.000Z", {
        endpoint: "given",
        node: "172.160.1.192",
        outcome: "failed",
        client: "203.0.113.2",
        alert: "UnmappedConnectionError",
      }),
      IRRELEVANT,
      // A client's own subject cannot pass itself off as the status.
      handshake("2026-01-05T10:00:04.000Z", {
        ...PLACE,
        ...TLS12,
        outcome: "failed",
        client: "2001:db8::2",
        alert: "ClientCertExpired",
      }),
    ]);
  });

  it("refuses what it cannot read", () => {
    const [line = ""] = writtenLines("aws-alb.log");
    const results = decodeAll(awsAlbSource, [
      line.replace("Success", "Maybe"),
      line.replace("TLSv1.2", "TLSv1.4"),
      line.replace("2023-10-04T", "2023-13-44T"),
      "",
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(Array(4).fill("refused"));
  });
});
