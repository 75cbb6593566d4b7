import { type Cases, judgeCases } from "../../../tests/support/policy-cases.ts";
import { fact, HOUR_MS, key, keys, NOW, ROTATED } from "../../../tests/support/policy-facts.ts";
import type { FindingKind } from "../../domain/findings.ts";

const DAY_S = 86_400;
const only13 = fact({ "TLSv1.3": 1_000 });
const only12 = fact({ "TLSv1.2": 1_000 });
const finding = (kind: FindingKind) =>
  fact([{ kind, severity: "high" as const, node: "edge-1", count: 3, lastMs: NOW }]);
const event = (
  keyName: string,
  action: "destroyed" | "revoked" | "promoted",
  hoursAgo: number,
  actor: string | null = "ann",
) => ({
  keyName,
  node: null,
  atMs: NOW - hoursAgo * HOUR_MS,
  action,
  actor,
});
const refused = (hoursAgo: number) => ({
  firstRefusedMs: NOW - hoursAgo * HOUR_MS,
  lastRefusedMs: NOW - hoursAgo * HOUR_MS,
});

const CASES: Cases = {
  H01: [
    ["exactly a week", "pass", { lifetimeTls13S: fact(604_800) }],
    ["a second more", "fail", { lifetimeTls13S: fact(604_801) }],
    ["declared too long", "fail", { intent: { ticketLifetimeS: 700_000 } }],
    ["only declared", "unknown", { intent: { ticketLifetimeS: 3_600 } }],
    ["a stricter threshold", "fail", { lifetimeTls13S: fact(7_200) }, { lifetimeS: 7_199 }],
    ["no TLS 1.3", "not_applicable", { protocols: only12, lifetimeTls13S: fact(604_801) }],
    [
      "the prober says no TLS 1.3",
      "not_applicable",
      { probedProtocols: fact({ "TLSv1.3": { yes: [], no: ["a"] } }) },
    ],
  ],
  H02: [
    ["daily rotations", "pass", { keys: keys(ROTATED) }],
    ["a stricter threshold", "fail", { keys: keys(ROTATED) }, { periodS: DAY_S - 1 }],
    ["no rotation seen yet", "unknown", { keys: keys([key("k", "edge-1", { fromH: 5, toH: 0 })]) }],
    ["old, whatever began it", "fail", { keys: keys([key("k", "edge-1", { fromH: 25, toH: 0 })]) }],
    ["declared too slow", "fail", { intent: { rotationPeriodS: 2 * DAY_S } }],
    ["only declared", "unknown", { intent: { rotationPeriodS: DAY_S } }],
    ["opened tickets only, soon after records begin", "unknown", { keys: keys(opened(5)) }],
    ["opened tickets only, a new key later", "pass", { keys: keys(opened(8)) }],
  ],
  H03: [
    ["expired keys are refused", "pass", { lifetimeTls13S: fact(3_600), keys: keys(withRefusals()) }],
    [
      "an expired key is accepted",
      "fail",
      {
        lifetimeTls13S: fact(3_600),
        keys: keys(
          [...ROTATED, key("k1", "edge-3", { fromH: 60, toH: 40 })].map((k) =>
            k.node === "edge-3"
              ? { ...k, lastIssuedMs: NOW - 48 * HOUR_MS, lastAcceptedMs: NOW - 30 * HOUR_MS }
              : k,
          ),
        ),
      },
    ],
    ["a revoked key is accepted", "fail", { keys: keys(ROTATED, [event("k2", "revoked", 40)]) }],
    ["within the slack", "unknown", { keys: keys(ROTATED, [event("k2", "revoked", 25)]) }],
    [
      "after a smaller slack",
      "fail",
      { keys: keys(ROTATED, [event("k2", "revoked", 25)]) },
      { slackS: 3_599 },
    ],
    ["told destroyed", "pass", { keys: keys(ROTATED, [event("k1", "destroyed", 40)]) }],
    ["a finding", "fail", { keys: keys(ROTATED), findings: finding("revoked_key_accepted") }],
    ["no key has ended", "unknown", { keys: keys([key("k", "edge-1", { fromH: 5, toH: 0 })]) }],
    ["nobody offered it again", "unknown", { lifetimeTls13S: fact(3_600), keys: keys(ROTATED) }],
  ],
  H04: [
    [
      "exactly half",
      "pass",
      { lifetimeTls13S: fact(DAY_S), intent: { rotationPeriodS: DAY_S, retainedKeys: 1 } },
    ],
    [
      "more than half",
      "fail",
      { lifetimeTls13S: fact(DAY_S + 1), intent: { rotationPeriodS: DAY_S, retainedKeys: 1 } },
    ],
    [
      "a wider threshold",
      "pass",
      { lifetimeTls13S: fact(DAY_S + 1), intent: { rotationPeriodS: DAY_S, retainedKeys: 1 } },
      { share: 0.6 },
    ],
    [
      "a measured period",
      "pass",
      { lifetimeTls13S: fact(DAY_S), keys: keys(ROTATED), intent: { retainedKeys: 1 } },
    ],
    ["no lifetime", "unknown", { keys: keys(ROTATED), intent: { retainedKeys: 1 } }],
    ["no validity", "unknown", { lifetimeTls13S: fact(DAY_S) }],
  ],
  H05: [
    ["exactly two periods", "pass", { oldestTls12S: fact(2 * DAY_S), intent: { rotationPeriodS: DAY_S } }],
    ["older", "fail", { oldestTls12S: fact(2 * DAY_S + 1), intent: { rotationPeriodS: DAY_S } }],
    [
      "one old session is enough",
      "fail",
      { oldestTls12S: fact(2 * DAY_S + 1, 1), intent: { rotationPeriodS: DAY_S } },
    ],
    ["too few ages", "unknown", { oldestTls12S: fact(60, 99), intent: { rotationPeriodS: DAY_S } }],
    ["a declared limit", "pass", { intent: { rotationPeriodS: DAY_S, sessionLimitS: 600 } }],
    ["a declared limit too far", "fail", { intent: { rotationPeriodS: DAY_S, sessionLimitS: 3 * DAY_S } }],
    [
      "a wider threshold",
      "pass",
      { intent: { rotationPeriodS: DAY_S, sessionLimitS: 3 * DAY_S } },
      { periods: 3 },
    ],
    ["no period", "unknown", { oldestTls12S: fact(60) }],
    ["only TLS 1.3", "not_applicable", { protocols: only13 }],
  ],
  H06: [
    ["AES-256", "pass", { intent: { ticketCipher: "aes256_authenticated" } }],
    [
      "AES-128 with 128-bit suites",
      "pass",
      { ciphers: fact(["TLS_AES_128_GCM_SHA256"]), intent: { ticketCipher: "aes128_authenticated" } },
    ],
    [
      "AES-128 with 256-bit suites",
      "fail",
      { ciphers: fact(["ECDHE-RSA-AES256-GCM-SHA384"]), intent: { ticketCipher: "aes128_authenticated" } },
    ],
    ["not authenticated", "fail", { intent: { ticketCipher: "unauthenticated" } }],
    ["suites not known", "unknown", { intent: { ticketCipher: "aes128_authenticated" } }],
  ],
  H07: [
    ["each with a key share", "pass", { withoutKeyShare: fact(0) }],
    ["one without", "fail", { withoutKeyShare: fact(1) }],
    ["a share that is allowed", "pass", { withoutKeyShare: fact(10) }, { share: 0.01 }],
    ["one more than allowed", "fail", { withoutKeyShare: fact(11) }, { share: 0.01 }],
    [
      "what is seen leads what was declared",
      "fail",
      { withoutKeyShare: fact(1), intent: { pskModes: "psk_dhe_ke" } },
    ],
    ["declared", "pass", { intent: { pskModes: "psk_dhe_ke" } }],
    ["declared otherwise", "fail", { intent: { pskModes: "psk_ke" } }],
    ["no TLS 1.3", "not_applicable", { protocols: only12 }],
  ],
  H08: [
    [
      "exactly covered",
      "pass",
      { lifetimeTls12S: fact(DAY_S), intent: { rotationPeriodS: DAY_S, retainedKeys: 1 } },
    ],
    [
      "not covered",
      "fail",
      { lifetimeTls12S: fact(DAY_S + 1), intent: { rotationPeriodS: DAY_S, retainedKeys: 1 } },
    ],
    [
      "no key kept",
      "fail",
      { lifetimeTls12S: fact(60), intent: { rotationPeriodS: DAY_S, retainedKeys: 0 } },
    ],
    [
      "half is enough",
      "pass",
      { lifetimeTls12S: fact(2 * DAY_S), intent: { rotationPeriodS: DAY_S, retainedKeys: 1 } },
      { coverage: 0.5 },
    ],
    ["lifetime only", "unknown", { lifetimeTls12S: fact(DAY_S) }],
    ["seen working", "pass", { coverage: fact({ verdict: "ok" as const, sentence: "It works." }) }],
    [
      "a refusal that shows the gap",
      "fail",
      {
        lifetimeTls12S: fact(60),
        intent: { rotationPeriodS: DAY_S, retainedKeys: 3 },
        coverage: fact({ verdict: "bad" as const, sentence: "Refused." }),
      },
    ],
    [
      "neither seen nor declared",
      "unknown",
      { coverage: fact({ verdict: "unknown" as const, sentence: "Not seen." }) },
    ],
  ],
};
/** Two keys of a node that are only known by opened tickets; the second came back so many hours after the first. */
function opened(hours: number) {
  const basis = { basis: "accepted" as const, issued: 0 };
  return [
    key("k1", "a", { fromH: 20, toH: 20 - hours, ...basis }),
    key("k2", "a", { fromH: 20 - hours, toH: 0, ...basis }),
  ];
}

function withRefusals() {
  return ROTATED.map((k) => (k.keyName === "k3" ? k : { ...k, ...refused(k.keyName === "k1" ? 40 : 20) }));
}

judgeCases(CASES);
