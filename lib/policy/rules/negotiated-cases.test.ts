import { type Cases, judgeCases } from "../../../tests/support/policy-cases.ts";
import {
  fact,
  HOUR_MS,
  key,
  keys,
  NOW,
  ROTATED,
  resumed,
  split,
} from "../../../tests/support/policy-facts.ts";
import type { FindingKind } from "../../domain/findings.ts";

const DAY_S = 86_400;
const only12 = fact({ "TLSv1.2": 1_000 });
const finding = (kind: FindingKind) =>
  fact([{ kind, severity: "high" as const, node: "edge-1", count: 3, lastMs: NOW }]);
const ends = (inS: number, keyBits: number | null = 2_048, keyType = "rsa") =>
  fact([{ node: "edge-1", validToMs: NOW + inS * 1_000, keyType, keyBits }]);
const accepted = (count: number) => fact({ accepted: count, rejected: 0 });
const offered = split(["edge-1"]);
const started = (...afterS: number[]) =>
  fact([
    {
      node: "edge-1",
      atMs: NOW - HOUR_MS,
      accepted: afterS.map((s) => ({ fromS: s, toS: s + 5, count: 1 })),
    },
  ]);
const SUITES = fact([
  "TLS_AES_128_GCM_SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
]);
const stopped = keys([key("k", "a", { fromH: 30, toH: 7, lastAcceptedMs: NOW })]);

const CASES: Cases = {
  H17: [
    ["none accepted", "pass", { earlyData: accepted(0) }],
    ["no node allows it", "pass", { probedEarlyData: split([], ["edge-1"]) }],
    ["accepted, not declared", "fail", { earlyData: accepted(1) }],
    ["offered, declared as not allowed", "fail", { probedEarlyData: offered, intent: { earlyData: false } }],
    [
      "declared, safe methods only",
      "pass",
      { earlyData: accepted(9), intent: { earlyData: true, earlyDataSafeOnly: true } },
    ],
    [
      "declared, every method",
      "fail",
      { earlyData: accepted(9), intent: { earlyData: true, earlyDataSafeOnly: false } },
    ],
    ["declared, methods not", "unknown", { earlyData: accepted(9), intent: { earlyData: true } }],
    ["not known", "unknown", {}],
    ["no TLS 1.3", "not_applicable", { protocols: only12 }],
  ],
  H18: [
    ["the second is refused", "pass", { replayed: split([], ["edge-1"]) }],
    ["taken twice", "fail", { replayed: split(["edge-1"], ["edge-2"]) }],
    ["a finding", "fail", { findings: finding("early_data_replay") }],
    ["allowed, not tried", "unknown", { probedEarlyData: offered }],
    ["no finding is no test", "unknown", { probedEarlyData: offered, findings: fact([]) }],
    ["no early data", "not_applicable", { probedEarlyData: split([], ["edge-1"]) }],
    ["not allowed", "not_applicable", { intent: { earlyData: false } }],
    ["not allowed, but accepted", "unknown", { earlyData: accepted(1), intent: { earlyData: false } }],
  ],
  H19: [
    ["accepted only later", "pass", { starts: started(10, 20), probedEarlyData: offered }],
    ["accepted at once", "fail", { starts: started(0), probedEarlyData: offered }],
    ["a step that ends with the window", "fail", { starts: started(5), probedEarlyData: offered }],
    ["a step on both sides of its end", "unknown", { starts: started(6), probedEarlyData: offered }],
    ["a wider window", "fail", { starts: started(10), probedEarlyData: offered }, { windowS: 15 }],
    ["declared", "pass", { intent: { startupRejection: true } }],
    ["declared otherwise", "fail", { intent: { startupRejection: false } }],
    ["no start", "unknown", { starts: fact([]), earlyData: accepted(5) }],
    ["no early data", "not_applicable", { probedEarlyData: split([], ["edge-1"]) }],
  ],
  H20: [
    ["handled", "pass", { intent: { earlyDataHeader: true } }],
    ["not handled", "fail", { earlyData: accepted(5), intent: { earlyDataHeader: false } }],
    ["not declared", "unknown", { earlyData: accepted(5) }],
    ["no early data", "not_applicable", { intent: { earlyData: false } }],
  ],
  H21: [
    ["exactly sixty seconds", "pass", { intent: { earlyDataWindowS: 60 } }],
    ["a second more", "fail", { intent: { earlyDataWindowS: 61 } }],
    ["the RFC's ten seconds", "fail", { intent: { earlyDataWindowS: 60 } }, { windowS: 10 }],
    ["not declared", "unknown", { earlyData: accepted(1) }],
    ["no early data", "not_applicable", { intent: { earlyData: false, earlyDataWindowS: 900 } }],
  ],
  H22: [
    ["refused", "pass", { otherName: split([], ["edge-1"]) }],
    ["resumed on one node", "fail", { otherName: split(["edge-2"], ["edge-1"]) }],
    ["a finding", "fail", { findings: finding("cross_name") }],
    ["no finding is no test", "unknown", { findings: fact([]) }],
  ],
  H23: [
    ["checked again", "pass", { intent: { clientAuth: true, clientRevalidation: true } }],
    [
      "exactly within the time",
      "pass",
      { lifetimeTls13S: fact(3_600), intent: { clientAuth: true, revocationSlaS: 3_600 } },
    ],
    [
      "too long",
      "fail",
      { lifetimeTls13S: fact(3_601), intent: { clientAuth: true, revocationSlaS: 3_600 } },
    ],
    ["no time declared", "unknown", { lifetimeTls13S: fact(60), intent: { clientAuth: true } }],
    ["no lifetime", "unknown", { intent: { clientAuth: true, revocationSlaS: 60 } }],
    ["no client certificates", "not_applicable", { intent: { clientAuth: false } }],
  ],
  H24: [
    ["exactly a day", "pass", { lifetimeTls13S: fact(DAY_S) }],
    ["more, for browsers", "fail", { lifetimeTls13S: fact(DAY_S + 1), intent: { browserFacing: true } }],
    ["more, for whom is not known", "unknown", { lifetimeTls13S: fact(DAY_S + 1) }],
    [
      "a wider threshold",
      "pass",
      { lifetimeTls13S: fact(DAY_S + 1), intent: { browserFacing: true } },
      { lifetimeS: 2 * DAY_S },
    ],
    ["only declared", "unknown", { intent: { ticketLifetimeS: 60, browserFacing: true } }],
    ["no browsers", "not_applicable", { lifetimeTls13S: fact(DAY_S + 1), intent: { browserFacing: false } }],
  ],
  H25: [
    ["longer than tickets", "pass", { certificates: ends(3_601), lifetimeTls13S: fact(3_600) }],
    ["exactly as long", "fail", { certificates: ends(3_600), lifetimeTls13S: fact(3_600) }],
    [
      "no time to spare",
      "fail",
      { certificates: ends(3_700), lifetimeTls13S: fact(3_600) },
      { marginS: 100 },
    ],
    ["expired", "fail", { certificates: ends(0) }],
    ["no lifetime", "unknown", { certificates: ends(3_600) }],
    ["no certificate", "unknown", { lifetimeTls13S: fact(3_600) }],
    [
      "an end that is not known",
      "unknown",
      {
        certificates: fact([{ node: "a", validToMs: null, keyType: null, keyBits: null }]),
        lifetimeTls13S: fact(1),
      },
    ],
  ],
  H26: [
    ["strong suites, RSA of 2048 bits", "pass", { ciphers: SUITES, certificates: ends(DAY_S) }],
    ["RSA of 2047 bits", "fail", { ciphers: SUITES, certificates: ends(DAY_S, 2_047) }],
    ["a curve of 224 bits", "pass", { ciphers: SUITES, certificates: ends(DAY_S, 224, "ec") }],
    ["a curve of 223 bits", "fail", { certificates: ends(DAY_S, 223, "ec") }],
    ["a higher bar for RSA", "fail", { ciphers: SUITES, certificates: ends(DAY_S) }, { rsaBits: 3_072 }],
    ["static RSA", "fail", { ciphers: fact(["AES128-GCM-SHA256"]), certificates: ends(DAY_S) }],
    ["no AEAD", "fail", { ciphers: fact(["ECDHE-RSA-AES128-SHA"]) }],
    ["RC4", "fail", { ciphers: fact(["TLS_ECDHE_RSA_WITH_RC4_128_SHA"]) }],
    ["no certificate", "unknown", { ciphers: SUITES }],
    ["no suite", "unknown", { certificates: ends(DAY_S) }],
    [
      "off resumption does not lift it",
      "fail",
      { certificates: ends(DAY_S, 1_024), intent: { resumption: "off" } },
    ],
  ],
  H27: [
    ["none", "pass", { protocols: fact({ "TLSv1.2": 400, "TLSv1.3": 600 }) }],
    ["one of a thousand", "fail", { protocols: fact({ "TLSv1.1": 1, "TLSv1.3": 999 }) }],
    ["one of a thousand may be", "pass", { protocols: fact({ TLSv1: 1, "TLSv1.3": 999 }) }, { share: 0.001 }],
    [
      "two may not",
      "fail",
      { protocols: fact({ TLSv1: 1, "TLSv1.1": 1, "TLSv1.3": 998 }) },
      { share: 0.001 },
    ],
    ["refused to the prober", "pass", { probedProtocols: fact({ "TLSv1.1": { yes: [], no: ["a"] } }) }],
    [
      "still spoken",
      "fail",
      { protocols: fact({ "TLSv1.3": 1_000 }), probedProtocols: fact({ TLSv1: { yes: ["a"], no: [] } }) },
    ],
    ["nobody came", "unknown", { protocols: fact({}, 0) }],
    [
      "off resumption does not lift it",
      "fail",
      { protocols: fact({ TLSv1: 1 }), intent: { resumption: "off" } },
    ],
  ],
  H29: [
    ["every node issues", "pass", { ticketsPerHandshake: fact([{ node: "a", tickets: 2 }]) }],
    [
      "one node stopped",
      "fail",
      {
        ticketsPerHandshake: fact([
          { node: "a", tickets: 2 },
          { node: "b", tickets: 0 },
        ]),
      },
    ],
    ["seen lately", "pass", { keys: keys(ROTATED) }],
    ["used, but not issued", "fail", { keys: stopped, resumed: resumed({ psk: 5 }, 10) }],
    [
      "quiet may last longer",
      "unknown",
      { keys: keys([key("k", "a", { fromH: 30, toH: 7 })]) },
      { quietS: 3_600 },
    ],
    ["a wider threshold", "pass", { keys: stopped, resumed: resumed({ psk: 5 }, 10) }, { quietS: 7 * 3_600 }],
    ["nobody came in full", "unknown", { keys: stopped, resumed: resumed({ psk: 10 }, 10) }],
    [
      "never issued: tickets may be off",
      "unknown",
      { ticketsPerHandshake: fact([{ node: "a", tickets: 0 }]) },
    ],
  ],
  H30: [
    ["changes on record", "pass", { keys: keys(ROTATED), recordedRotations: at(48, 24) }],
    ["one is missing", "fail", { keys: keys(ROTATED), recordedRotations: at(48) }],
    ["none was ever recorded", "fail", { keys: keys(ROTATED) }],
    ["just within the tolerance", "pass", { keys: keys(ROTATED), recordedRotations: at(48.25, 23.75) }],
    [
      "outside a smaller one",
      "fail",
      { keys: keys(ROTATED), recordedRotations: at(48.25, 23.75) },
      { toleranceS: 899 },
    ],
    [
      "a finding",
      "fail",
      { keys: keys([key("k", "a", { fromH: 5, toH: 0 })]), findings: finding("unannounced_rotation") },
    ],
    [
      "nodes with keys of their own are no rotation",
      "unknown",
      { keys: keys([key("x", "a", { fromH: 9, toH: 0 }), key("y", "b", { fromH: 8, toH: 0 })]) },
    ],
    ["told by key events", "pass", { keys: keys(ROTATED, ["k2", "k3"].map(promoted)) }],
    ["no rotation yet", "unknown", { keys: keys([key("k", "a", { fromH: 5, toH: 0 })]) }],
  ],
};

function at(...hoursAgo: number[]) {
  return fact(hoursAgo.map((hours) => ({ atMs: NOW - hours * HOUR_MS, actor: "ann" })));
}
function promoted(keyName: string) {
  return { keyName, node: null, atMs: NOW, action: "promoted" as const, actor: null };
}

judgeCases(CASES);
