import { describe, expect, it } from "vitest";
import { type Case, causesBy } from "../cause.ts";
import type { Facts } from "../facts.ts";
import type { DetectorChange } from "../types.ts";
import { MODES } from "./all.ts";
import type { Mode } from "./mode.ts";
import { evidenceFor } from "./signature.ts";

const NOTHING: Facts = {
  family: "resumption",
  loss: 0.2,
  reasons: null,
  mechanisms: { session_id: null, ticket: null, psk: null },
  shape: "step",
  notch: false,
  nodesHit: 4,
  nodesAll: 4,
  classesHit: 3,
  classesAll: 3,
  cache: null,
  keys: null,
  replays: 0,
  earlyRise: 0,
  fullTime: 0,
  resumedTime: 0,
};
const NO_REASONS = { unknown_key: 0, expired: 0, cache_miss: 0, context: 0, policy_off: 0, not_offered: 0 };
const KEYS_LOST = { session_id: 0.01, ticket: 0.2, psk: 0.22 };
const CACHE_LOST = { session_id: 0.3, ticket: 0, psk: 0.01 };
const some = { nodesHit: 1 };
const reasons = (parts: Partial<typeof NO_REASONS>) => ({ reasons: { ...NO_REASONS, ...parts } });

/** What each mode looks like in telemetry, after DOMAIN.md section 4; the change is what usually leads to it. */
const SEEN: Readonly<Record<string, { facts: Partial<Facts>; change?: Partial<DetectorChange> }>> = {
  stek_desync: {
    facts: {
      ...reasons({ unknown_key: 1 }),
      mechanisms: KEYS_LOST,
      ...some,
      keys: { hit: "kept", others: "turned" },
    },
    change: { kind: "key_rotation" },
  },
  rotation_no_retain: {
    facts: {
      ...reasons({ unknown_key: 1 }),
      mechanisms: KEYS_LOST,
      shape: "fading",
      keys: { hit: "turned", others: null },
    },
    change: { kind: "key_rotation" },
  },
  keys_not_shared: {
    facts: {
      ...reasons({ unknown_key: 1 }),
      mechanisms: { session_id: 0, ticket: 0.7, psk: 0.7 },
      loss: 0.7,
    },
    change: { kind: "scale" },
  },
  reload_drops_keys: {
    facts: {
      ...reasons({ unknown_key: 1 }),
      mechanisms: KEYS_LOST,
      ...some,
      shape: "fading",
      keys: { hit: "turned", others: "kept" },
    },
    change: { kind: "reload", nodes: ["n-1"] },
  },
  cache_flush: {
    facts: {
      ...reasons({ cache_miss: 1 }),
      mechanisms: CACHE_LOST,
      shape: "fading",
      cache: { emptied: true, crowded: false },
    },
    change: { kind: "cache" },
  },
  cache_undersized: {
    facts: {
      ...reasons({ cache_miss: 1 }),
      mechanisms: CACHE_LOST,
      cache: { emptied: false, crowded: true },
    },
    change: { kind: "config", component: "cache" },
  },
  cache_partition: {
    facts: {
      ...reasons({ cache_miss: 1 }),
      mechanisms: CACHE_LOST,
      ...some,
      cache: { emptied: false, crowded: false },
    },
    change: { kind: "config", component: "network", nodes: ["n-1"] },
  },
  stickiness_lost: {
    facts: {
      ...reasons({ cache_miss: 1 }),
      mechanisms: CACHE_LOST,
      cache: { emptied: false, crowded: false },
    },
    change: { kind: "load_balancer" },
  },
  tickets_disabled: {
    facts: {
      ...reasons({ policy_off: 0.3, not_offered: 0.7 }),
      mechanisms: { session_id: 0, ticket: 1, psk: 1 },
      loss: 0.6,
    },
    change: { kind: "config", component: "tls" },
  },
  lifetime_shortened: {
    facts: { ...reasons({ expired: 1 }), mechanisms: { session_id: null, ticket: 0.3, psk: 0.3 } },
    change: { kind: "config", component: "tls" },
  },
  cert_context: {
    facts: {
      ...reasons({ context: 1 }),
      mechanisms: { session_id: 0.2, ticket: 0.2, psk: 0.2 },
      shape: "fading",
    },
    change: { kind: "certificate" },
  },
  client_release: {
    facts: { ...reasons({ not_offered: 1 }), shape: "growing", classesHit: 1 },
    change: { kind: "client_release", families: ["ios"] },
  },
  slow_leak: {
    facts: { ...reasons({ unknown_key: 0.9, not_offered: 0.1 }), shape: "growing", loss: 0.04 },
    change: { kind: "deploy", component: "proxy" },
  },
  clock_skew: { facts: { ...reasons({ expired: 1 }), ...some } },
  region_failover: {
    facts: {
      ...reasons({ unknown_key: 1 }),
      mechanisms: { session_id: 0.2, ticket: 0.2, psk: 0.2 },
      shape: "fading",
      nodesHit: 2,
    },
    change: { kind: "dns" },
  },
  unique_keys: {
    facts: {
      ...reasons({ unknown_key: 1 }),
      mechanisms: { session_id: 0, ticket: 0.9, psk: 0.9 },
      ...some,
      loss: 0.9,
    },
    change: { kind: "deploy", component: "proxy", nodes: ["n-1"] },
  },
  propagation_race: {
    facts: { ...reasons({ unknown_key: 1 }), mechanisms: KEYS_LOST, ...some, shape: "fading", notch: true },
    change: { kind: "key_rotation" },
  },
  hash_mismatch: {
    facts: {
      ...reasons({ context: 1 }),
      mechanisms: { session_id: null, ticket: 0.5, psk: 0.5 },
      classesHit: 1,
    },
    change: { kind: "config", component: "tls" },
  },
  client_auth_on: {
    facts: {
      ...reasons({ context: 0.7, policy_off: 0.3 }),
      mechanisms: { session_id: 1, ticket: 1, psk: 1 },
      loss: 0.98,
    },
    change: { kind: "config", component: "tls" },
  },
  early_data_rejected: { facts: { family: "early_data" }, change: { kind: "config", component: "tls" } },
  anti_replay_store: {
    facts: { family: "early_data", shape: "fading", ...some, replays: 40 },
    change: { kind: "cache" },
  },
  latency_regression: {
    facts: { family: "latency", fullTime: 0.3, resumedTime: 0.1 },
    change: { kind: "deploy", component: "proxy" },
  },
  cache_slow: {
    facts: { family: "latency", fullTime: 0, resumedTime: 0.6 },
    change: { kind: "config", component: "cache" },
  },
  ticket_replay: { facts: { family: "failures", classesHit: 1, replays: 12, earlyRise: 0.4 } },
  handshakes_fail: { facts: { family: "failures" }, change: { kind: "config", component: "tls" } },
};

const ONSET_MS = 1_764_000_000_000;
const CHANGE: DetectorChange = {
  id: "c1",
  atMs: ONSET_MS - 60_000,
  kind: "other",
  component: null,
  endpoints: ["shop"],
  nodes: null,
  regions: null,
  families: null,
  keyGroup: null,
};

/** Weight of a mode for facts and a change at the usual lag, as the explanation sums it. */
function weightOf(mode: Mode, facts: Facts, change: DetectorChange | null): number {
  const of: Case = {
    endpoint: "shop",
    nodes: facts.nodesHit < facts.nodesAll ? ["n-1"] : null,
    nodesAll: facts.nodesAll,
    families: facts.classesHit < facts.classesAll ? ["ios"] : null,
    onsetMs: ONSET_MS,
    onsetErrorMs: 60_000,
    changes: change ? [change] : [],
    observedMs: 7 * 86_400_000,
  };
  const signature = evidenceFor(mode, facts).reduce((sum, { weight }) => sum + weight, 0);
  const causes = causesBy(mode, of).reduce((sum, { factor }) => sum + factor, 0);
  return Math.log(mode.prior) + signature + Math.log(mode.unrecorded + (1 - mode.unrecorded) * causes);
}

describe.each(MODES)("$id", (mode) => {
  const seen = SEEN[mode.id];
  const facts: Facts = { ...NOTHING, ...seen?.facts };
  const change = seen?.change ? { ...CHANGE, ...seen.change } : null;

  it("is what its signature is told as, before every other mode of its family", () => {
    expect(seen).toBeDefined();
    const ranking = MODES.filter(({ families }) => families.includes(facts.family))
      .map((other) => ({ id: other.id, weight: weightOf(other, facts, change) }))
      .sort((a, b) => b.weight - a.weight);
    expect(ranking[0]?.id).toBe(mode.id);
  });

  it("names look-alikes that exist, and causes whose parts add up", () => {
    const ids = MODES.map(({ id }) => id);
    expect(mode.lookAlikes.filter((id) => !ids.includes(id))).toEqual([]);
    expect(mode.causes.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(1, 9);
    expect(mode.unrecorded).toBeGreaterThan(0);
    expect(mode.unrecorded).toBeLessThan(1);
  });

  it("says why, in words, and nothing of what is not known", () => {
    for (const { text, weight } of evidenceFor(mode, facts)) {
      expect(text).not.toMatch(/NaN|null|undefined/);
      expect(Number.isFinite(weight)).toBe(true);
    }
    const blind = evidenceFor(mode, {
      ...NOTHING,
      family: facts.family,
      shape: null,
      nodesAll: 1,
      classesAll: 1,
    });
    expect(blind.map(({ text }) => text).filter((text) => /rejected|lost|key/.test(text))).toEqual([]);
  });
});
