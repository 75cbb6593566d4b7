import { counted } from "../metric-result.ts";
import type { Meaning } from "../metric-source.ts";

const COMPLETED = "total_success_handshake_count_in";
const VERIFIED = "total_tickets_verified";
const UNKNOWN_KEY = "total_tickets_not_found";
const KEYS_RENEWED = "total_ticket_keys_renewed";
const HIT = "ssl_session_cache_hit";
const MISS = "ssl_session_cache_miss";
/** Inbound handshakes that ended in a TLS error, by cause. */
const FAILED = [
  "user_agent_other_errors",
  "user_agent_expired_cert",
  "user_agent_revoked_cert",
  "user_agent_unknown_cert",
  "user_agent_cert_verify_failed",
  "user_agent_bad_cert",
  "user_agent_decryption_failed",
  "user_agent_wrong_version",
  "user_agent_unknown_ca",
] as const;

/** Hits, misses, inserts and evictions of the session cache. */
export const CACHE_NAMES = [
  HIT,
  MISS,
  "ssl_session_cache_new_session",
  "ssl_session_cache_eviction",
] as const;
/** Those of which each alone would be taken for something else. */
export const TOGETHER: readonly string[] = [COMPLETED, VERIFIED, HIT];
/** Every metric that is read, without "proxy.process.ssl.". */
export const NAMES: readonly string[] = [
  COMPLETED,
  VERIFIED,
  UNKNOWN_KEY,
  KEYS_RENEWED,
  ...CACHE_NAMES,
  ...FAILED,
];

/**
 * What increases mean. A ticket or session id is counted when the ClientHello is read and a completed handshake at its
 * end, so those of handshakes under way are held back until the handshake is counted too.
 */
export function interpret(increases: Readonly<Record<string, number>>): Meaning {
  const of = (name: string): number => increases[name] ?? 0;
  const completed = of(COMPLETED);
  const byTicket = Math.min(of(VERIFIED), completed);
  const byId = Math.min(of(HIT), completed - byTicket);
  const full = completed - byTicket - byId;
  const unknownKey = Math.min(of(UNKNOWN_KEY), full);
  const missed = Math.min(of(MISS), full - unknownKey);
  const failed = FAILED.reduce((sum, name) => sum + of(name), 0);
  const resumed = of(VERIFIED) + of(HIT);
  const isBroken = resumed > 2 * completed + UNDER_WAY;
  return {
    handshakes: [
      ...counted("resumed", byTicket),
      ...counted("resumed", byId, { mechanism: "session_id" }),
      ...counted("full", unknownKey, { reason: "unknown_key" }),
      ...counted("full", missed, { reason: "cache_miss" }),
      ...counted("full", full - unknownKey - missed),
      ...counted("failed", failed),
    ],
    breaches: isBroken
      ? [{ invariant: "resumed_within_completed", detail: `${resumed} resumed, but ${completed} completed` }]
      : [],
    changes:
      of(KEYS_RENEWED) > 0 ? [{ kind: "key_rotation", title: "Traffic Server renewed its ticket keys" }] : [],
    heldBack: isBroken ? {} : { [VERIFIED]: of(VERIFIED) - byTicket, [HIT]: of(HIT) - byId },
  };
}

/** Handshakes that may be under way at the moment of a reading, however few were completed before it. */
const UNDER_WAY = 1_000;
