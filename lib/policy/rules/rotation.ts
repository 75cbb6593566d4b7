/** Keys change, end and cover: H02, H03, H08. */
import { inUtc, inWhole } from "../../domain/words.ts";
import type { KeyFacts } from "../facts.ts";
import {
  currentKeys,
  declared,
  inNodes,
  inSeconds,
  issuingKeys,
  lifetimeOf,
  nodeName,
  retainedOf,
  rotationPeriodOf,
} from "../measures.ts";
import { defineRule, type Evidence, fail, pass, unknown } from "../rule.ts";

const DAY_S = 86_400;
const YEAR_S = 31_536_000;

const ROTATION_FIXES = [
  "nginx: a file per key in ssl_session_ticket_key, the new one first, and a reload; since 1.23.2 a shared ssl_session_cache rotates by itself, but each host its own key.",
  'HAProxy: three keys in the tls-ticket-keys file, the last but one encrypts; rotate at runtime with "set ssl tls-key".',
  "Apache: SSLSessionTicketKeyFile holds a single key, so a change has no overlap; Caddy and Go rotate by themselves.",
];

export const H02 = defineRule({
  id: "H02",
  title: "The ticket key is changed regularly",
  severity: "high",
  limits: {
    periodS: { label: "Longest time that a key encrypts", unit: "s", fallback: DAY_S, min: 60, max: YEAR_S },
    hardS: { label: "Critical from", unit: "s", fallback: 7 * DAY_S, min: 60, max: YEAR_S },
  },
  clauses: [
    {
      reference: "RFC 9325 3.4",
      says: "Ticket keys must be changed regularly, for example once a week, so that they don't undo forward secrecy.",
    },
    { reference: "RFC 5077 5.5", says: "Ticket keys should be changed regularly." },
  ],
  why: "Whoever gets the key can read every TLS 1.2 session whose ticket it encrypted, even those that never resumed, and impersonate the server to holders of TLS 1.3 tickets.",
  fix: [
    ...ROTATION_FIXES,
    "A rotator that stopped shows here first, since the resume rate does not move (FM-05).",
  ],
  judge: (facts, { periodS, hardS }) => {
    const promised = facts.intent.rotationPeriodS;
    const told = declared(facts, "rotationPeriodS");
    const current = facts.keys ? currentKeys(facts.keys.value) : [];
    const aged = current
      .map((key) => ({ ...key, ageS: (key.lastIssuedMs - key.firstIssuedMs) / 1_000 }))
      .sort((a, b) => b.ageS - a.ageS);
    const oldest = aged[0];
    const evidence: Evidence[] = [
      ...(oldest
        ? [
            {
              label: "Longest that a current key was seen encrypting",
              value: inSeconds(oldest.ageS),
              nodes: [nodeName(oldest.node)],
            },
            {
              label: "Current keys",
              value: `${new Set(aged.map((key) => key.keyName)).size} on ${inNodes(aged.length)}`,
            },
          ]
        : []),
      ...told,
    ];
    const worstS = Math.max(oldest?.ageS ?? 0, promised ?? 0);
    if (worstS > periodS)
      return fail(`A key encrypts for ${inSeconds(worstS)}; ${inSeconds(periodS)} is the most.`, {
        evidence,
        severity: worstS > hardS ? "critical" : "high",
      });
    if (!oldest) return unknown("No ticket key was seen.", ["keys"], { evidence });
    if (aged.every((key) => key.bornSeen))
      return pass(`No current key is older than ${inSeconds(oldest.ageS)}.`, { evidence });
    return unknown("Since when the current key encrypts is not known: no rotation was seen yet.", ["keys"], {
      evidence,
    });
  },
});

type Ended = { readonly keyName: string; readonly endedMs: number; readonly how: string };

/** Keys that are past their end: by what was told, or because every ticket under them has expired. */
function endedKeys(keys: KeyFacts, lifetimeS: number | null): Ended[] {
  const told = keys.events.flatMap(({ keyName, atMs, action }): Ended[] =>
    action === "destroyed" || action === "revoked" || action === "retired"
      ? [{ keyName, endedMs: atMs, how: action }]
      : [],
  );
  const names = new Set(told.map((key) => key.keyName));
  const newestMs = Math.max(0, ...issuingKeys(keys).map((key) => key.lastIssuedMs));
  const expired =
    lifetimeS === null
      ? []
      : issuingKeys(keys).flatMap(({ keyName, lastIssuedMs }): Ended[] => {
          const endedMs = lastIssuedMs + lifetimeS * 1_000;
          const over = lastIssuedMs < newestMs && !names.has(keyName) && endedMs < keys.observedToMs;
          return over ? [{ keyName, endedMs, how: "all its tickets expired" }] : [];
        });
  return [...told, ...expired];
}

export const H03 = defineRule({
  id: "H03",
  title: "Old ticket keys are destroyed",
  severity: "high",
  limits: {
    slackS: { label: "Time that nodes may take", unit: "s", fallback: 3_600, min: 0, max: 30 * DAY_S },
  },
  clauses: [
    {
      reference: "RFC 9325 3.4",
      says: "Old ticket keys must be destroyed at the end of their validity.",
    },
  ],
  why: "An old key that is still on some node, in a backup or a secret, opens all that was encrypted while it was current. The exposure window ends with the last copy.",
  fix: [
    "Take the key out of every node's file or key service, and reload those that read it only at start.",
    "Look for copies: secrets, values files, images, backups, nodes that are out of rotation.",
    'Tell it with a "destroyed" event on /v1/keys; Reprise proves it by offers that are refused on every node.',
  ],
  judge: (facts, { slackS }) => {
    if (!facts.keys) return unknown("No ticket key was seen.", ["keys"]);
    const keys = facts.keys.value;
    const lifetime = lifetimeOf(facts, "any");
    const ended = endedKeys(keys, lifetime?.value ?? null);
    const held = ended.flatMap(({ keyName, endedMs, how }) =>
      keys.keys
        .filter((key) => key.keyName === keyName)
        .map((key) => ({ node: nodeName(key.node), how, lastMs: lastHeld(key) }))
        .filter(({ lastMs }) => lastMs > endedMs + slackS * 1_000)
        .map((at) => ({ ...at, endedMs })),
    );
    const revoked = facts.findings?.value.filter(({ kind }) => kind === "revoked_key_accepted") ?? [];
    const base: Evidence[] = [
      ...revoked.map(({ node, count }) => ({
        label: `Finding: revoked key accepted at ${nodeName(node)}`,
        value: inWhole(count),
      })),
      ...(lifetime ? [lifetime.evidence] : []),
      { label: "Keys past their end", value: inWhole(ended.length) },
    ];
    if (held.length > 0) {
      const lines = held.slice(0, 5).map((at) => ({
        label: `Still held (${at.how})`,
        value: `ended ${inUtc(at.endedMs, at.lastMs)}, last ${inUtc(at.lastMs)}`,
        nodes: [at.node],
      }));
      return fail(`${inNodes(new Set(held.map((at) => at.node)).size)} held a key past its end.`, {
        evidence: [...base, ...lines],
        ...(held.some((at) => at.how === "revoked") ? { severity: "critical" as const } : {}),
      });
    }
    if (revoked.length > 0)
      return fail("A revoked key is still accepted.", { evidence: base, severity: "critical" });
    if (ended.length === 0)
      return unknown("No key has reached its end yet.", lifetime ? ["keys"] : ["keys", "declare"], {
        evidence: base,
      });
    const proved = ended.filter(
      ({ keyName, endedMs, how }) => how === "destroyed" || isRefused(keys, keyName, endedMs),
    );
    const evidence = [
      ...base,
      { label: "Of these destroyed or refused since", value: inWhole(proved.length) },
    ];
    return proved.length === ended.length
      ? pass("Every key that ended was told destroyed, or is refused.", { evidence })
      : unknown(
          "No node was seen to refuse some of the ended keys, and nobody told their destruction.",
          ["keys", "audit"],
          {
            evidence,
          },
        );
  },
});

type Held = Pick<KeyFacts["keys"][number], "lastIssuedMs" | "lastAcceptedMs" | "lastLoadedMs">;
const lastHeld = (key: Held): number =>
  Math.max(key.lastIssuedMs ?? 0, key.lastAcceptedMs ?? 0, key.lastLoadedMs ?? 0);

const isRefused = (keys: KeyFacts, keyName: string, sinceMs: number): boolean =>
  keys.keys.some((key) => key.keyName === keyName && (key.lastRefusedMs ?? 0) >= sinceMs);

export const H08 = defineRule({
  id: "H08",
  title: "Old keys cover the ticket lifetime",
  severity: "medium",
  limits: {
    coverage: {
      label: "Coverage as a multiple of the lifetime",
      unit: "ratio",
      fallback: 1,
      min: 0.05,
      max: 10,
    },
  },
  clauses: [
    {
      reference: "Operational",
      says: "Keys kept for opening × rotation period should reach the ticket lifetime; no standard demands it.",
    },
  ],
  why: "Tickets older than the kept keys are refused: clients pay bytes for tickets that cannot work, and the resume rate has a ceiling (FM-04).",
  fix: ["Keep more old keys, rotate less often, or shorten the lifetime to what the keys cover."],
  judge: (facts, { coverage }) => {
    const [lifetime, period, retained] = [
      lifetimeOf(facts, "any"),
      rotationPeriodOf(facts),
      retainedOf(facts),
    ];
    const evidence = [lifetime, period, retained].flatMap((part) => (part ? [part.evidence] : []));
    const seen = facts.coverage?.value;
    if (seen?.verdict === "bad") return fail(seen.sentence, { evidence });
    if (seen?.verdict === "ok") return pass(seen.sentence, { evidence });
    if (!lifetime) return unknown("No ticket lifetime is known.", ["prober", "tap", "declare"], { evidence });
    if (!period || !retained)
      return unknown("How many old keys are kept, and for how long, is not known.", ["keys", "declare"], {
        evidence,
      });
    const coveredS = period.value * retained.value;
    const sentence = `Old keys cover ${inSeconds(coveredS)} of a lifetime of ${inSeconds(lifetime.value)}.`;
    return coveredS >= coverage * lifetime.value
      ? pass(sentence, { evidence })
      : fail(sentence, { evidence });
  },
});
