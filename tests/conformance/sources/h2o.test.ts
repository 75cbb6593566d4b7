import { describe, expect, it } from "vitest";
import { h2oSource } from "../../../collector/sources/h2o/source.ts";
import { recogniseSource } from "../../../collector/sources/registry.ts";
import { writtenLines } from "./lines.ts";

/**
 * No recording: lines as h2o's log format of the source object writes them by its documentation ("Access Log Directives")
 * and lib/core/logconf.c: durations in seconds to the microsecond, without a fraction when it is zero, and `null` in place
 * of a text with its quotes where something does not apply.
 */
const AT_US = Date.UTC(2026, 10, 24) * 1000;
const line = (fields: Record<string, unknown>): string =>
  JSON.stringify({
    at_us: AT_US,
    connection_id: 1,
    connect_time: 0.003512,
    request_total_time: 0,
    request_index: 1,
    stream_id: null,
    ssl_protocol: "TLSv1.3",
    ssl_cipher: "AES128-GCM-SHA256",
    session_reused: 0,
    session_id_base64: null,
    ssl_server_name: "shop.example",
    authority: "shop.example:8443",
    remote_addr: "192.0.2.1",
    user_agent: "curl/8.1",
    ...fields,
  });
const decodeAll = (lines: readonly string[]) => {
  const decoder = h2oSource.decoder({ endpoint: null, node: "edge-1", region: "eu", live: true });
  return lines.map((text) => decoder.decode(text, 0));
};
const handshakesOf = (lines: readonly string[]) =>
  decodeAll(lines).flatMap((decoded) => (decoded.kind === "handshake" ? [decoded.handshake] : []));

describe("h2o", () => {
  it("names in its log format only what its reader reads, in valid JSON", () => {
    const text = h2oSource.configurations[0]?.text ?? "";
    const format = /format: '(.*)'/.exec(text)?.[1] ?? "";
    // What h2o writes for nothing at all: "…" becomes null (its "magic quotes"), numbers too.
    const empty = format.replace(/"?%(?:\{[^}]*\})?[a-zA-Z]"?/g, "null");
    expect(Object.keys(JSON.parse(empty)).sort()).toEqual(Object.keys(JSON.parse(line({}))).sort());
    expect(decodeAll([empty])[0]?.kind).toBe("refused");
  });

  it("is recognised by its lines", () => {
    expect(recogniseSource(line({}))?.name).toBe("h2o");
    expect(recogniseSource(line({ session_id_base64: "aaaa", session_reused: 1 }))?.name).toBe("h2o");
  });

  it("reads written lines of HTTP/1.1, HTTP/2 and clear text", () => {
    const decoded = decodeAll(writtenLines("h2o.log"));
    expect(decoded.map((one) => (one.kind === "ignored" ? one.why : one.kind))).toEqual([
      "handshake",
      "repeat",
      "handshake",
      "handshake",
      "handshake",
      "irrelevant",
    ]);
    expect(
      handshakesOf(writtenLines("h2o.log")).map(({ mechanism, handshakeUs }) => [mechanism, handshakeUs]),
    ).toEqual([
      [null, 3_512],
      ["psk", 87_100],
      [null, 3_900],
      ["session_id", 1_400],
    ]);
  });

  it("one handshake for a connection, with what the first request tells", () => {
    const later = { connect_time: 4.1, request_index: 2, at_us: AT_US + 4_096_488 };
    const made = handshakesOf([line({}), line(later)]);
    expect(made).toHaveLength(1);
    expect(made[0]).toMatchObject({
      atMs: AT_US / 1000,
      endpoint: "shop.example",
      node: "edge-1",
      region: "eu",
      family: "curl",
      protocol: "TLSv1.3",
      outcome: "full",
      mechanism: null,
      offer: null,
      earlyData: null,
      handshakeUs: 3_512,
      client: "192.0.2.1",
    });
  });

  it("knows no handshake time where the first request is not the first line", () => {
    const second = line({ request_index: null, stream_id: 3, connect_time: 0.5 });
    expect(handshakesOf([second])[0]?.handshakeUs).toBeNull();
    expect(handshakesOf([line({ request_index: null, stream_id: 1 })])[0]?.handshakeUs).toBe(3_512);
  });

  it("tells a restarted server's connection by the moment at which it began", () => {
    const again = line({ at_us: AT_US + 60_000_000 });
    expect(handshakesOf([line({}), again])).toHaveLength(2);
    const idle = line({ at_us: AT_US + 60_000_000, connect_time: 60.0035, request_index: 2 });
    expect(handshakesOf([line({}), idle])).toHaveLength(1);
  });

  it("tells a session id by the full handshake that made it, and concludes nothing from one that it has not seen", () => {
    const old = { ssl_protocol: "TLSv1.2", ssl_cipher: "ECDHE-RSA-AES128-GCM-SHA256" };
    const made = handshakesOf([
      line({ ...old, connection_id: 1, session_id_base64: "aaaa" }),
      line({ ...old, connection_id: 2, session_reused: 1, session_id_base64: "aaaa" }),
      line({ ...old, connection_id: 3, session_reused: 1, session_id_base64: "bbbb" }),
      line({ connection_id: 4, session_reused: 1 }),
    ]);
    expect(made.map((handshake) => handshake.mechanism)).toEqual([null, "session_id", null, "psk"]);
    expect(made.map((handshake) => handshake.outcome)).toEqual(["full", "resumed", "resumed", "resumed"]);
  });

  it("takes no clear-text request for a full handshake, and refuses what it cannot read", () => {
    const plain = line({ ssl_protocol: null, ssl_cipher: null, session_reused: null });
    expect(
      decodeAll([plain, line({ ssl_protocol: "TLSv?" }), line({ session_reused: 2 }), "{"]),
    ).toMatchObject([
      { kind: "ignored", why: "irrelevant" },
      { kind: "refused" },
      { kind: "refused" },
      { kind: "refused" },
    ]);
  });
});
