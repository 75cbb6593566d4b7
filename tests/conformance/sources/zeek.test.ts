import { describe, expect, it } from "vitest";
import { zeekSource } from "../../../collector/sources/zeek/source.ts";
import { decodeAll, handshake, IRRELEVANT, writtenLines } from "./lines.ts";

const PLACE = {
  // The address that answered, not the sensor that the sender named.
  node: "174.138.9.219",
  endpoint: "www.example.test",
  client: "192.168.178.80",
} as const;
const TLS13 = { protocol: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", group: "x25519" } as const;
const TLS12 = { protocol: "TLSv1.2", cipher: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" } as const;
const BASELINE = {
  ...PLACE,
  endpoint: "given",
  protocol: "TLSv1.3",
  cipher: "TLS_CHACHA20_POLY1305_SHA256",
  group: "x25519",
  outcome: "resumed",
  mechanism: "psk",
} as const;

describe("Zeek", () => {
  const lines = writtenLines("zeek.log");
  const second = lines.findIndex((line, index) => index > 0 && line.startsWith("#separator"));
  const decoded = decodeAll(zeekSource, lines);
  const rows = (from: number, to: number) =>
    decoded.filter((_, index) => index >= from && index < to && !lines[index]?.startsWith("#"));

  it("ssl.log as it is: outcome, failures, versions; null where Zeek cannot tell", () => {
    expect(rows(0, second)).toEqual([
      handshake("2026-01-05T10:00:00.123Z", BASELINE),
      // TLS 1.3, full: the offer is unknown without ssl-log-ext, whatever session id the client sent.
      handshake("2026-01-05T10:00:01.000Z", { ...PLACE, ...TLS13, outcome: "full" }),
      // TLS 1.2, resumed: ticket or session id is not told.
      handshake("2026-01-05T10:00:02.000Z", { ...PLACE, ...TLS12, outcome: "resumed" }),
      handshake("2026-01-05T10:00:03.000Z", { ...PLACE, ...TLS12, group: "secp256r1", outcome: "full" }),
      handshake("2026-01-05T10:00:04.000Z", {
        ...PLACE,
        ...TLS12,
        group: "secp256r1",
        outcome: "failed",
        alert: "unknown_ca",
      }),
      handshake("2026-01-05T10:00:05.000Z", {
        ...PLACE,
        endpoint: "old.example.test",
        outcome: "failed",
        alert: "protocol_version",
      }),
      // The hellos were not captured: F means nothing.
      handshake("2026-01-05T10:00:06.000Z", { ...PLACE, ...TLS12, outcome: null }),
      // QUIC and DTLS.
      IRRELEVANT,
      IRRELEVANT,
      // Abandoned after the server's change_cipher_spec, without an alert.
      handshake("2026-01-05T10:00:09.000Z", { ...PLACE, ...TLS13, outcome: "failed" }),
      // The client hello came from the responder; bytes were escaped.
      handshake("2026-01-05T10:00:10.000Z", {
        node: "192.168.178.80",
        client: "174.138.9.219",
        endpoint: "café.example.test",
        protocol: "TLSv1",
        cipher: "TLS_RSA_WITH_AES_128_CBC_SHA",
        outcome: "full",
      }),
      {
        kind: "refused",
        reason: 'protocol must be one of SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3, not "SSLv2"',
      },
    ]);
  });

  it("another header in the stream, with ssl-log-ext: offers of TLS 1.3, mechanisms where they are sound", () => {
    expect(rows(second, lines.length)).toEqual([
      // A ticket extension beside pre_shared_key is for TLS 1.2 servers.
      handshake("2026-01-05T11:00:00.000Z", {
        ...PLACE,
        ...TLS13,
        outcome: "resumed",
        offer: "psk",
        mechanism: "psk",
        earlyData: "none",
      }),
      // Offered and refused; what became of the early data is encrypted.
      handshake("2026-01-05T11:00:01.000Z", { ...PLACE, ...TLS13, outcome: "full", offer: "psk" }),
      // psk_key_exchange_modes (45) and a ticket extension are no offer.
      handshake("2026-01-05T11:00:02.000Z", {
        ...PLACE,
        ...TLS13,
        outcome: "full",
        offer: "none",
        earlyData: "none",
      }),
      handshake("2026-01-05T11:00:03.000Z", { ...PLACE, ...TLS12, outcome: "resumed" }),
      // No ticket extension at all: it can only have been a session id.
      handshake("2026-01-05T11:00:04.000Z", {
        ...PLACE,
        ...TLS12,
        outcome: "resumed",
        mechanism: "session_id",
      }),
      handshake("2026-01-05T11:00:05.000Z", {
        ...PLACE,
        ...TLS12,
        endpoint: "given",
        outcome: "resumed",
        mechanism: "session_id",
      }),
      handshake("2026-01-05T11:00:06.000Z", { ...PLACE, ...TLS12, group: "secp256r1", outcome: "full" }),
      // quic_transport_parameters among the extensions; without it, equal messages are an abandoned TLS handshake.
      IRRELEVANT,
      handshake("2026-01-05T11:00:08.000Z", {
        ...PLACE,
        ...TLS13,
        outcome: "failed",
        offer: "none",
        earlyData: "none",
      }),
      {
        kind: "refused",
        reason: "resumed is T, but the client sent no pre_shared_key",
        invariant: "accepted_within_offered",
      },
    ]);
  });

  it("JSON, with times in each of Zeek's forms; other logs are left out", () => {
    expect(decodeAll(zeekSource, writtenLines("zeek.json.log"))).toEqual([
      handshake("2026-01-05T10:00:00.123Z", BASELINE),
      handshake("2026-01-05T10:00:01.000Z", {
        ...PLACE,
        ...TLS13,
        outcome: "full",
        offer: "psk",
        earlyData: "none",
      }),
      handshake("2026-01-05T10:00:02.000Z", {
        ...PLACE,
        ...TLS12,
        outcome: "failed",
        alert: "bad_certificate",
      }),
      IRRELEVANT,
    ]);
  });

  it("reads other separators and marks, refuses rows that no header explains, and leaves other logs out", () => {
    const fields = "ts|id.orig_h|id.resp_h|version|cipher|resumed|established|ssl_client_exts|ssl_history";
    const results = decodeAll(zeekSource, [
      "1767607200.0|10.0.0.1|10.0.0.2|TLSv13|TLS_AES_128_GCM_SHA256|T|T|0;41|CsiI",
      "#separator \\x7c",
      "#set_separator|;",
      "#unset_field|NIL",
      `#fields|${fields}`,
      "1767607200.0|10.0.0.1|10.0.0.2|TLSv13|NIL|T|T|0;41;42|CsiI",
      "1767607200.0|10.0.0.1|10.0.0.2|TLSv13|NIL|T|T",
      "#separator \\x09",
      "#fields\tts\tuid\tid.orig_h",
      "1767607200.0\tC1\t10.0.0.1",
    ]);
    expect(results.filter(({ kind }) => kind !== "ignored")).toEqual([
      { kind: "refused", reason: "no #fields header came before this line" },
      handshake("2026-01-05T10:00:00.000Z", {
        endpoint: "given",
        node: "10.0.0.2",
        client: "10.0.0.1",
        protocol: "TLSv1.3",
        outcome: "resumed",
        offer: "psk",
        mechanism: "psk",
      }),
      { kind: "refused", reason: "the line has not as many columns as its #fields header" },
    ]);
  });
});
