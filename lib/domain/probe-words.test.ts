import { expect, it } from "vitest";
import type { MechanismProbe, NodeProbe } from "./probe.ts";
import { mechanismWord, troublesOf } from "./probe-words.ts";

const NOW = Date.UTC(2026, 10, 26);
const DAY = 86_400_000;
const resumed: MechanismProbe = {
  ...{ issued: true, accepted: true, reason: null, tickets: 2, lifetimeHintS: 300, ticketBytes: 208 },
  ...{ stateful: false, keyNames: [] },
};
const certificate = {
  ...{ subject: "CN=shop", issuer: "CN=ca", names: [], validFromMs: NOW - DAY, validToMs: NOW + 90 * DAY },
  ...{ keyType: "ec", keyBits: 256, fingerprint256: "AA", chainLength: 2, trusted: true, distrust: null },
};
const probe = (part: Partial<NodeProbe> = {}): NodeProbe => ({
  ...{
    address: "127.0.0.1:443",
    failure: null,
    timings: [],
    protocols: { "TLSv1.3": true },
    protocol: "TLSv1.3",
  },
  ...{
    cipher: null,
    group: null,
    alpn: null,
    mechanisms: { session_id: resumed, ticket: resumed, psk: resumed },
  },
  ...{ certificate, earlyData: { maxBytes: 0, accepted: null, acceptedTwice: null, reason: null } },
  ...{ otherName: { accepted: false, reason: null }, weakKeys: { candidates: 9, tickets: 2, found: null } },
  ...part,
});
const texts = (part: Partial<NodeProbe>) =>
  troublesOf(probe(part), NOW).map(({ tone, text }) => `${tone}: ${text}`);

it("has nothing to say of a node that is as it should be, and of what was not tried", () => {
  expect(texts({})).toEqual([]);
  const untried: MechanismProbe = { ...resumed, issued: null, accepted: null };
  expect(
    texts({
      certificate: null,
      weakKeys: null,
      mechanisms: { session_id: untried, ticket: untried, psk: untried },
    }),
  ).toEqual([]);
});

it("says why there was no handshake, and then nothing else", () => {
  const failure = { problem: "refused", detail: "connection refused" } as const;
  expect(texts({ failure, otherName: { accepted: true, reason: null } })).toEqual([
    "bad: no handshake: connection refused",
  ]);
});

it("puts what is dangerous before what is worth a look", () => {
  expect(
    texts({
      protocols: { "TLSv1.3": true, TLSv1: true },
      otherName: { accepted: true, reason: null },
      earlyData: { maxBytes: 16_384, accepted: true, acceptedTwice: true, reason: null },
      certificate: { ...certificate, validToMs: NOW + 3 * DAY },
    }),
  ).toEqual([
    "bad: a session was resumed under another server name",
    "bad: the same early data was accepted twice",
    "warn: its certificate ends in 3 days",
    "warn: TLSv1 is spoken",
  ]);
});

it("tells an expired, an early and an untrusted certificate apart", () => {
  expect(texts({ certificate: { ...certificate, validToMs: NOW } })).toEqual([
    "bad: its certificate has expired",
  ]);
  expect(texts({ certificate: { ...certificate, validFromMs: NOW + 1 } })).toEqual([
    "bad: its certificate is not valid yet",
  ]);
  expect(texts({ certificate: { ...certificate, trusted: false, distrust: "SELF_SIGNED" } })).toEqual([
    "warn: its certificate is not trusted (SELF_SIGNED)",
  ]);
});

it("names mechanisms by what they did", () => {
  expect(mechanismWord(resumed)).toBe("resumed");
  expect(mechanismWord({ ...resumed, accepted: false })).toBe("refused");
  expect(mechanismWord({ ...resumed, issued: false, accepted: null })).toBe("not issued");
  expect(mechanismWord({ ...resumed, issued: null, accepted: null })).toBe("not tried");
});
