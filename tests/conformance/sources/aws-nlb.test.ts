import { describe, expect, it } from "vitest";
import { awsNlbSource } from "../../../collector/sources/aws-nlb/source.ts";
import { decodeAll, handshake, writtenLines } from "./lines.ts";

const BALANCER = { node: "net/my-network-loadbalancer/c6e77e28c25b2234" } as const;
const DOCUMENTED = {
  ...BALANCER,
  endpoint: "my-network-loadbalancer-c6e77e28c25b2234.elb.us-east-2.amazonaws.com",
  protocol: "TLSv1.2",
  cipher: "ECDHE-RSA-AES128-SHA",
  outcome: null,
  handshakeUs: 2000,
  client: "72.21.218.154",
} as const;

describe("AWS NLB, TLS access log", () => {
  it("latency and failures; outcome unknown", () => {
    expect(decodeAll(awsNlbSource, writtenLines("aws-nlb.log"))).toEqual([
      handshake("2018-12-20T02:59:30.000Z", DOCUMENTED),
      handshake("2020-04-01T08:51:20.000Z", DOCUMENTED),
      // Without the creation time: end - connection time.
      handshake("2020-04-01T08:51:37.000Z", DOCUMENTED),
      handshake("2026-01-05T10:00:09.000Z", {
        ...BALANCER,
        endpoint: "shop.example.test",
        outcome: "failed",
        client: "203.0.113.7",
        alert: "unknown_ca",
      }),
      // close_notify at the end of a connection is no failed handshake.
      handshake("2026-01-05T10:00:10.000Z", {
        ...BALANCER,
        endpoint: "é.example.test",
        protocol: "TLSv1.3",
        cipher: "TLS_AES_128_GCM_SHA256",
        group: "X25519MLKEM768",
        outcome: null,
        handshakeUs: 12_000,
        client: "203.0.113.7",
      }),
      // No ClientHello came.
      handshake("2026-01-05T10:00:12.000Z", {
        ...BALANCER,
        endpoint: "given",
        outcome: "failed",
        client: "2001:db8::7",
      }),
      // An alert without a name, a name that is no URL encoding, fields that are newer than this.
      handshake("2026-01-05T10:00:12.000Z", {
        ...BALANCER,
        endpoint: "100%",
        outcome: "failed",
        client: "203.0.113.7",
        alert: "alert 200",
      }),
    ]);
  });

  it("refuses what it cannot read", () => {
    const [line = ""] = writtenLines("aws-nlb.log");
    const results = decodeAll(awsNlbSource, [
      line.replace("tls 2.0", "tcp 2.0"),
      line.split(" ").slice(0, 17).join(" "),
      line.replace("2018-12-20T02:59:30", "-").replace("2018-12-20T02:59:40", "soon"),
      line.replace("tlsv12", "tlsv14"),
      line.replace("tlsv12", "constructor"),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(Array(5).fill("refused"));
  });
});
