import fc from "fast-check";
import { expect, it } from "vitest";
import type { Protocol } from "../../../lib/domain/vocabulary.ts";
import type { Decoded } from "../source.ts";
import { RecordDecoder } from "./record.ts";

const AT_MS = 1_764_000_000_123;
const DEFAULTS = { endpoint: "shop.example", node: "edge-1", region: "eu-west", live: true };
type Value = string | number | boolean;

const anyValue = (value: Value) =>
  typeof value === "string"
    ? { stringValue: value }
    : typeof value === "boolean"
      ? { boolValue: value }
      : Number.isInteger(value)
        ? { intValue: String(value) }
        : { doubleValue: value };
const record = (
  attributes: Readonly<Record<string, Value>>,
  times: object = { timeUnixNano: `${AT_MS}999999` },
) => ({
  ...times,
  attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) })),
});
const decode = (attributes: Readonly<Record<string, Value>>): Decoded =>
  new RecordDecoder(DEFAULTS).decodeRecord(record(attributes), 7);

it("makes a handshake of the conventions' attributes and ours", () => {
  const decoded = decode({
    "tls.established": true,
    "tls.resumed": true,
    "tls.protocol.name": "tls",
    "tls.protocol.version": "1.2",
    "tls.cipher": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "tls.curve": "X25519",
    "tls.next_protocol": "h2",
    "server.address": "api.example",
    "client.address": "203.0.113.7",
    "user_agent.original": "curl/8.5.0",
    "reprise.tls.mechanism": "ticket",
    "reprise.tls.offer": "ticket",
    "reprise.tls.handshake_us": 1873.4,
    "reprise.tls.ttfb_us": 20_110,
    "reprise.tls.ticket_age_s": 312,
    "reprise.tls.key_name": "abcd",
  });
  expect(decoded).toMatchObject({
    kind: "handshake",
    handshake: {
      atMs: AT_MS,
      endpoint: "api.example",
      node: "edge-1",
      region: "eu-west",
      family: "curl",
      protocol: "TLSv1.2",
      cipher: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      group: "X25519",
      client: "203.0.113.7",
      outcome: "resumed",
      offer: "ticket",
      mechanism: "ticket",
      handshakeUs: 1873,
      ttfbUs: 20_110,
      ticketAgeS: 312,
      keyName: "abcd",
    },
  });
});

it.each([
  [{ "tls.resumed": false }, { outcome: "full" }],
  [{ "tls.established": true }, { outcome: null }],
  [
    { "tls.established": false, "error.type": "unknown_ca" },
    { outcome: "failed", alert: "unknown_ca" },
  ],
  [
    { "tls.established": false, "tls.resumed": false },
    { outcome: "failed", mechanism: null },
  ],
  [
    { "tls.resumed": false, "reprise.tls.offer": "psk", "reprise.tls.reason": "unknown_key" },
    { outcome: "full", offer: "psk", reason: "unknown_key" },
  ],
  [{ "tls.resumed": true, "tls.protocol.version": "1.3" }, { mechanism: "psk" }],
  [
    { "tls.resumed": true, "tls.protocol.version": "1.3", "reprise.tls.early_data": "accepted" },
    { earlyData: "accepted" },
  ],
  [{ "tls.resumed": true, "tls.client.server_name": "old.example" }, { endpoint: "old.example" }],
  [{ "tls.resumed": true }, { endpoint: "shop.example", protocol: null, mechanism: null, offer: null }],
])("takes %o for %o", (attributes, handshake) => {
  expect(decode(attributes as Record<string, Value>)).toMatchObject({ kind: "handshake", handshake });
});

it.each<[string, string | undefined, Protocol | null, string?]>([
  ["1.2", undefined, "TLSv1.2"],
  ["1.3", "tls", "TLSv1.3"],
  ["TLSv1.3", undefined, "TLSv1.3"],
  ["TLS 1.1", "tls", "TLSv1.1"],
  ["1", "tls", "TLSv1"],
  ["1.0", undefined, "TLSv1"],
  ["3", "ssl", "SSLv3"],
  ["SSLv3", undefined, "SSLv3"],
  ["3", "tls", "TLSv1.3"],
  ["3", undefined, "TLSv1.3", "TLS_AES_128_GCM_SHA256"],
  ["3", undefined, null],
  ["3", undefined, null, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"],
])("reads version %s of %s as %s", (version, name, protocol, cipher) => {
  const decoded = decode({
    "tls.resumed": false,
    "tls.protocol.version": version,
    ...(name ? { "tls.protocol.name": name } : {}),
    ...(cipher ? { "tls.cipher": cipher } : {}),
  });
  expect(decoded).toMatchObject({ kind: "handshake", handshake: { protocol } });
});

it.each([
  [{ "tls.resumed": true, "tls.established": false }, "tls.established is false"],
  [{ "tls.resumed": true, "tls.protocol.version": "DTLSv1.2" }, "no version of TLS"],
  [{ "tls.resumed": true, "tls.protocol.version": "1.2", "tls.protocol.name": "ssl" }, "no version of TLS"],
  [{ "tls.resumed": true, "reprise.tls.offer": "cookie" }, "offer must be one of"],
  [{ "tls.resumed": false, "reprise.tls.mechanism": "psk" }, "mechanism is given but outcome"],
  [{ "tls.resumed": true, "reprise.tls.handshake_us": -1 }, "handshakeUs"],
])("refuses %o", (attributes, reason) => {
  expect(decode(attributes as Record<string, Value>)).toMatchObject({
    kind: "refused",
    reason: expect.stringContaining(reason),
  });
});

it("dates a record by its event, else by when it was seen, else by its arrival", () => {
  const at = (times: object) =>
    new RecordDecoder(DEFAULTS).decodeRecord(record({ "tls.resumed": true }, times), 7);
  const seen = { observedTimeUnixNano: 9_000_000n };
  expect(at({ timeUnixNano: 8_000_000n, ...seen })).toMatchObject({ handshake: { atMs: 8 } });
  expect(at({ timeUnixNano: 0n, ...seen })).toMatchObject({ handshake: { atMs: 9 } });
  expect(at({ timeUnixNano: "0" })).toMatchObject({ handshake: { atMs: 7 } });
});

it("counts requests once a connection, and a version alone not at all", () => {
  const decoder = new RecordDecoder(DEFAULTS);
  const request = (port: number, atMs = AT_MS) =>
    decoder.decodeRecord(
      record(
        {
          "tls.resumed": true,
          "http.request.method": "GET",
          "client.address": "203.0.113.7",
          "client.port": port,
        },
        { timeUnixNano: BigInt(atMs) * 1_000_000n },
      ),
      7,
    ).kind;
  expect([request(1), request(1), request(2), request(1, AT_MS + 400_000)]).toEqual([
    "handshake",
    "ignored",
    "handshake",
    "handshake",
  ]);
  expect(decode({ "tls.protocol.version": "1.3", "http.request.method": "GET" })).toEqual({
    kind: "ignored",
    why: "irrelevant",
  });
});

it("reads records as lines of JSON", () => {
  const decoder = new RecordDecoder(DEFAULTS);
  expect(decoder.decode(JSON.stringify(record({ "tls.resumed": true })), 7)).toMatchObject({
    kind: "handshake",
  });
  for (const line of ["", "[]", "1", '{"attributes":{}}', '{"attributes":[1]}'])
    expect(decoder.decode(line, 7)).toMatchObject({ kind: "refused" });
});

it("answers any JSON", () => {
  const decoder = new RecordDecoder(DEFAULTS);
  const kinds = ["handshake", "ignored", "refused"];
  const odd = fc.record(
    {
      timeUnixNano: fc.anything(),
      attributes: fc.array(
        fc.record({
          key: fc.constantFrom(
            "tls.resumed",
            "tls.protocol.version",
            "client.address",
            "reprise.tls.handshake_us",
          ),
          value: fc.oneof(fc.anything(), fc.record({ boolValue: fc.anything(), intValue: fc.anything() })),
        }),
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), odd), (value) => {
      if (typeof value === "object" && value !== null && !Array.isArray(value))
        expect(kinds).toContain(decoder.decodeRecord(value as Record<string, unknown>, 7).kind);
      expect(kinds).toContain(decoder.decode(fc.stringify(value), 7).kind);
    }),
    { numRuns: 2_000 },
  );
});
