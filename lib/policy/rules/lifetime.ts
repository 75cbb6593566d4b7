/** How long tickets and sessions live: H01, H04, H05, H24, H25. */
import { inPercent, inUtc, inWhole } from "../../domain/words.ts";
import {
  declared,
  inSeconds,
  isOnlyTls13,
  isWithoutTls13,
  lifetimeOf,
  retainedOf,
  rotationPeriodOf,
} from "../measures.ts";
import { defineRule, fail, notApplicable, pass, unknown } from "../rule.ts";

const WEEK_S = 604_800;
const YEAR_S = 31_536_000;
/** Resumptions whose age has to be known before "none was older" means something. */
const ENOUGH_AGES = 100;

export const H01 = defineRule({
  id: "H01",
  title: "TLS 1.3 tickets live a week at most",
  severity: "critical",
  limits: {
    lifetimeS: { label: "Longest lifetime", unit: "s", fallback: WEEK_S, min: 1, max: WEEK_S },
  },
  clauses: [
    {
      reference: "RFC 8446 4.6.1, RFC 9846 4.7.1",
      says: "Servers must not give a ticket_lifetime above 604,800 seconds (7 days), and clients must not keep a ticket longer.",
    },
  ],
  why: "A ticket is a copy of a session's secret. The longer it is good, the longer a stolen key or client store opens doors.",
  fix: [
    "Lower the session timeout from which the proxy takes the lifetime: nginx ssl_session_timeout, HAProxy tune.ssl.lifetime, Apache SSLSessionCacheTimeout.",
    "OpenSSL-based servers without a setting: SSL_CTX_set_timeout.",
  ],
  judge: (facts, { lifetimeS }) => {
    if (isWithoutTls13(facts)) return notApplicable("TLS 1.3 is not spoken here.");
    const lifetime = lifetimeOf(facts, "tls13");
    if (!lifetime) return unknown("No TLS 1.3 ticket was seen.", ["prober", "declare"]);
    const evidence = [lifetime.evidence];
    if (lifetime.value > lifetimeS)
      return fail(`Tickets live ${inSeconds(lifetime.value)}, more than ${inSeconds(lifetimeS)}.`, {
        evidence,
      });
    if (lifetime.declared)
      return unknown("The declared lifetime would fit, but no ticket was seen that tells it.", ["prober"], {
        evidence,
      });
    return pass(`Tickets live ${inSeconds(lifetime.value)} at most.`, { evidence });
  },
});

export const H04 = defineRule({
  id: "H04",
  title: "Tickets live half as long as their key at most",
  severity: "medium",
  limits: {
    share: {
      label: "Lifetime as a share of the key's validity",
      unit: "ratio",
      fallback: 0.5,
      min: 0.01,
      max: 1,
    },
  },
  clauses: [
    {
      reference: "RFC 9325 3.4",
      says: "The validity of tickets must be limited to a reasonable time, for example half as long as the key's validity.",
    },
  ],
  why: "A ticket that nearly outlives its key is refused soon after it was issued, and tempts people to keep old keys for longer.",
  fix: [
    "Shorten the ticket lifetime, or keep more old keys; the key's validity is the rotation period times (1 + old keys kept).",
  ],
  judge: (facts, { share }) => {
    const [lifetime, period, retained] = [
      lifetimeOf(facts, "any"),
      rotationPeriodOf(facts),
      retainedOf(facts),
    ];
    const evidence = [lifetime, period, retained].flatMap((part) => (part ? [part.evidence] : []));
    if (!lifetime) return unknown("No ticket lifetime is known.", ["prober", "tap", "declare"], { evidence });
    if (!period || !retained)
      return unknown("How long a key is valid is not known.", ["keys", "declare"], { evidence });
    const validityS = period.value * (1 + retained.value);
    const told = {
      evidence: [
        ...evidence,
        { label: "Lifetime as a share of the key's validity", value: inPercent(lifetime.value / validityS) },
      ],
    };
    const sentence = `Tickets live ${inSeconds(lifetime.value)}, keys are valid for ${inSeconds(validityS)}.`;
    return lifetime.value <= share * validityS ? pass(sentence, told) : fail(sentence, told);
  },
});

export const H05 = defineRule({
  id: "H05",
  title: "Old TLS 1.2 sessions are not resumed",
  severity: "high",
  limits: {
    periods: { label: "Oldest session, in rotation periods", unit: "count", fallback: 2, min: 1, max: 100 },
  },
  clauses: [
    {
      reference: "RFC 9325 3.4",
      says: "TLS 1.2 does not renew a session's secret, so servers should not resume sessions older than, for example, two rotation periods.",
    },
  ],
  why: "In TLS 1.2 every resumption reuses the first handshake's secret: a session that is renewed for weeks is one key for weeks. Ages are of tickets; a ticket that was renewed may carry a session that is older still.",
  fix: [
    "Lower the session timeout, and check that renewed tickets keep the time of the first handshake (OpenSSL does).",
    "Prefer TLS 1.3, where each resumption derives new keys.",
  ],
  judge: (facts, { periods }) => {
    if (isOnlyTls13(facts)) return notApplicable("Only TLS 1.3 is spoken here.");
    const [period, oldest] = [rotationPeriodOf(facts), facts.oldestTls12S];
    const evidence = [
      ...(period ? [period.evidence] : []),
      ...(oldest
        ? [
            {
              label: "Oldest ticket at a resumption",
              value: `${inSeconds(oldest.value)}, of ${inWhole(oldest.count)}`,
            },
          ]
        : []),
      ...declared(facts, "sessionLimitS"),
    ];
    if (!period) return unknown("The rotation period is not known.", ["keys", "declare"], { evidence });
    const limitS = periods * period.value;
    const worstS = Math.max(oldest?.value ?? 0, facts.intent.sessionLimitS ?? 0);
    if (worstS > limitS)
      return fail(`Sessions of ${inSeconds(worstS)} are resumed; ${inSeconds(limitS)} is the most.`, {
        evidence,
      });
    if (facts.intent.sessionLimitS !== null || (oldest && oldest.count >= ENOUGH_AGES))
      return pass(`No session older than ${inSeconds(limitS)} is resumed.`, { evidence });
    return unknown("Too few ages at resumption are known.", ["ages", "declare"], { evidence });
  },
});

export const H24 = defineRule({
  id: "H24",
  title: "Browsers' tickets live a day at most",
  severity: "low",
  limits: {
    lifetimeS: { label: "Longest lifetime for browsers", unit: "s", fallback: 86_400, min: 60, max: WEEK_S },
  },
  clauses: [
    {
      reference: "RFC 9325 3.4",
      says: "Resumption lets a server recognise a client, in some cases for good.",
    },
    {
      reference: "RFC 8446 C.4, RFC 9846 C.4",
      says: "Tickets that are used once and soon make it harder to link a client's connections.",
    },
  ],
  why: "With a lifetime of a week most users can be followed for good, since each visit renews the ticket (Sy et al., ACSAC 2018).",
  fix: ["Lower the ticket lifetime of endpoints for browsers; a day keeps nearly all returning visits."],
  judge: (facts, { lifetimeS }) => {
    if (facts.intent.browserFacing === false)
      return notApplicable("No browsers connect here.", { evidence: declared(facts, "browserFacing") });
    const lifetime = lifetimeOf(facts, "any");
    const evidence = [...(lifetime ? [lifetime.evidence] : []), ...declared(facts, "browserFacing")];
    if (!lifetime) return unknown("No ticket lifetime is known.", ["prober", "tap"], { evidence });
    const sentence = `Tickets live ${inSeconds(lifetime.value)}.`;
    if (lifetime.value <= lifetimeS)
      return lifetime.declared
        ? unknown(
            "The declared lifetime would fit, but no ticket was seen that tells it.",
            ["prober", "tap"],
            {
              evidence,
            },
          )
        : pass(sentence, { evidence });
    if (facts.intent.browserFacing === null)
      return unknown(`${sentence} Whether browsers connect here was not declared.`, ["declare"], {
        evidence,
      });
    return fail(sentence, { evidence });
  },
});

export const H25 = defineRule({
  id: "H25",
  title: "Certificates outlive tickets",
  severity: "medium",
  limits: {
    marginS: { label: "Time to spare", unit: "s", fallback: 0, min: 0, max: YEAR_S },
  },
  clauses: [
    {
      reference: "RFC 8446 4.6.1, RFC 9846 4.7.1",
      says: "A resumed connection stands on the certificate of the original one; clients resume only for names for which that is valid.",
    },
  ],
  why: "A session that is resumed after the certificate's end goes on trusting it. Clients that check (Go does) fail instead, all at once.",
  fix: [
    "Renew certificates well before their end: the rest of their validity should exceed the ticket lifetime.",
  ],
  judge: (facts, { marginS }, nowMs) => {
    const lifetime = lifetimeOf(facts, "any");
    const ends = (facts.certificates?.value ?? []).flatMap(({ node, validToMs }) =>
      validToMs === null ? [] : [{ node, validToMs }],
    );
    const soonest = ends.sort((a, b) => a.validToMs - b.validToMs)[0];
    const evidence = [
      ...(lifetime ? [lifetime.evidence] : []),
      ...(soonest
        ? [
            {
              label: "Certificate valid until",
              value: inUtc(soonest.validToMs, nowMs),
              nodes: [soonest.node],
            },
          ]
        : []),
    ];
    if (!soonest) return unknown("No certificate was seen.", ["prober"], { evidence });
    const leftS = (soonest.validToMs - nowMs) / 1_000;
    if (leftS <= 0) return fail("A certificate has expired.", { evidence });
    if (!lifetime) return unknown("No ticket lifetime is known.", ["prober", "tap", "declare"], { evidence });
    const sentence = `The certificate is valid for ${inSeconds(leftS)}, tickets for ${inSeconds(lifetime.value)}.`;
    return leftS > lifetime.value + marginS ? pass(sentence, { evidence }) : fail(sentence, { evidence });
  },
});
