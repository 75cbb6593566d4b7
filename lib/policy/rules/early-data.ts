/** 0-RTT: H17 to H21. */
import { inWhole } from "../../domain/words.ts";
import type { PolicyFacts, StartFact } from "../facts.ts";
import { declared, inNodes, inSeconds, isWithoutTls13, nodeName, splitEvidence } from "../measures.ts";
import { defineRule, type Evidence, fail, type Judgement, notApplicable, pass, unknown } from "../rule.ts";

/** Figures about early data here. */
function traffic(facts: PolicyFacts): Evidence[] {
  const { earlyData, probedEarlyData } = facts;
  return [
    ...(earlyData
      ? [
          {
            label: "Early data accepted",
            value: `${inWhole(earlyData.value.accepted)} of ${inWhole(earlyData.count)} handshakes`,
          },
        ]
      : []),
    ...(probedEarlyData
      ? splitEvidence(probedEarlyData.value, "Tickets allow early data", "Tickets allow none")
      : []),
    ...declared(facts, "earlyData"),
  ];
}

const isAccepted = ({ earlyData }: PolicyFacts): boolean => (earlyData?.value.accepted ?? 0) > 0;
const isOffered = ({ probedEarlyData }: PolicyFacts): boolean => (probedEarlyData?.value.yes.length ?? 0) > 0;

/** Why rules about accepted early data do not apply; null where they do, or where that is not known. */
function withoutEarlyData(facts: PolicyFacts): Judgement | null {
  if (isWithoutTls13(facts)) return notApplicable("TLS 1.3 is not spoken here.");
  if (isAccepted(facts) || isOffered(facts)) return null;
  const evidence = traffic(facts);
  if (facts.intent.earlyData === false) return notApplicable("Early data is not allowed here.", { evidence });
  const probed = facts.probedEarlyData?.value;
  return probed && probed.no.length > 0 ? notApplicable("No node allows early data.", { evidence }) : null;
}

const SWITCH_OFF =
  "Switch it off where it is not profiled: nginx ssl_early_data off, HAProxy without allow-0rtt on the bind line.";

export const H17 = defineRule({
  id: "H17",
  title: "Early data only where it is profiled",
  severity: "high",
  limits: {},
  clauses: [
    {
      reference: "RFC 9325 3.10; RFC 8446 E.5, RFC 9846 F.5",
      says: "Applications must not use 0-RTT unless a specification says when that is safe for them.",
    },
    {
      reference: "RFC 8470 3 and 4",
      says: "Over HTTP only requests with safe methods belong in early data.",
    },
  ],
  why: "Early data can be replayed by anybody who recorded it: a request in it may take effect several times (FM-30).",
  fix: [
    SWITCH_OFF,
    "Where it is wanted: declare it here, and let only GET and HEAD pass before the handshake is complete.",
  ],
  judge: (facts) => {
    if (isWithoutTls13(facts)) return notApplicable("TLS 1.3 is not spoken here.");
    const evidence = [...traffic(facts), ...declared(facts, "earlyDataSafeOnly")];
    const { earlyData, earlyDataSafeOnly } = facts.intent;
    if (earlyData !== true) {
      if (isAccepted(facts))
        return fail("Early data is accepted, but not declared as allowed.", { evidence });
      if (isOffered(facts))
        return fail("Tickets allow early data, but it is not declared as allowed.", { evidence });
      const known = (facts.earlyData?.count ?? 0) > 0 || (facts.probedEarlyData?.value.no.length ?? 0) > 0;
      return known
        ? pass("No early data is accepted.", { evidence })
        : unknown("Whether early data is accepted is not known.", ["offers", "prober"], { evidence });
    }
    if (earlyDataSafeOnly === null)
      return unknown("Whether only safe methods are let through was not declared.", ["declare"], {
        evidence,
      });
    return earlyDataSafeOnly
      ? pass("Early data is declared, and for safe methods only.", { evidence })
      : fail("Early data is let through for every method.", { evidence });
  },
});

export const H18 = defineRule({
  id: "H18",
  title: "The same early data is taken once",
  severity: "critical",
  limits: {},
  clauses: [
    {
      reference: "RFC 8446 8, RFC 9846 8",
      says: "A server instance must not accept the same 0-RTT handshake more than once.",
    },
  ],
  why: "An instance that takes a recorded flight again lets an attacker repeat a request as often as he likes; across N instances the bound is N.",
  fix: [
    "Switch on the server's replay protection (single-use tickets or ClientHello recording), and share its store between the workers of a node.",
    SWITCH_OFF,
  ],
  judge: (facts) => {
    const found = facts.findings?.value.filter(({ kind }) => kind === "early_data_replay") ?? [];
    const probed = facts.replayed?.value;
    const evidence = [
      ...traffic(facts),
      ...(probed ? splitEvidence(probed, "Took the same flight twice", "Refused the second") : []),
      ...found.map(({ count, node }) => ({
        label: `Finding: replay at ${nodeName(node)}`,
        value: inWhole(count),
      })),
    ];
    if (probed && probed.yes.length > 0)
      return fail(`${inNodes(probed.yes.length)} took the same early data twice.`, { evidence });
    if (found.length > 0) return fail("The same early data was seen more than once.", { evidence });
    const without = withoutEarlyData(facts);
    if (without) return without;
    if (!probed || probed.no.length === 0)
      return unknown("No node was tried with the same early data twice.", ["prober"], { evidence });
    return pass(`${inNodes(probed.no.length)} refused the second of two equal flights.`, { evidence });
  },
});

export const H19 = defineRule({
  id: "H19",
  title: "Early data is rejected right after a start",
  severity: "medium",
  limits: {
    windowS: { label: "Time after a start", unit: "s", fallback: 10, min: 1, max: 60 },
  },
  clauses: [
    {
      reference: "RFC 8446 8.2, RFC 9846 8.2",
      says: "A server that records ClientHellos should reject 0-RTT after its start for as long as its record does not reach back a whole window.",
    },
  ],
  why: "Right after a start the record of what was seen is empty: flights from before are taken again.",
  fix: [
    "Keep the replay record across restarts, or reject early data until one window has passed (BoringSSL and fizz can).",
  ],
  judge: (facts, { windowS }) => {
    const starts = facts.starts?.value ?? [];
    const stepsOf = (start: StartFact) => start.accepted.filter(({ count }) => count > 0);
    const early = starts.filter((start) => stepsOf(start).some(({ toS }) => toS <= windowS));
    const later = starts.filter(
      (start) => stepsOf(start).length > 0 && stepsOf(start).every(({ fromS }) => fromS >= windowS),
    );
    const evidence = [
      ...(starts.length ? [{ label: "Starts looked at", value: inWhole(starts.length) }] : []),
      ...declared(facts, "startupRejection"),
    ];
    if (early.length > 0)
      return fail(`Early data was accepted within ${inSeconds(windowS)} of a start.`, {
        evidence: [
          ...evidence,
          {
            label: "Too early",
            value: inWhole(early.length),
            nodes: early.map(({ node }) => nodeName(node)),
          },
        ],
      });
    const without = withoutEarlyData(facts);
    if (without) return without;
    if (facts.intent.startupRejection === false)
      return fail("Early data is accepted right after a start, by declaration.", { evidence });
    if (later.length > 0)
      return pass(`After ${inWhole(later.length)} starts early data was accepted only later.`, { evidence });
    return facts.intent.startupRejection
      ? pass("Early data is rejected after a start, by declaration.", { evidence })
      : unknown("No start with early data was seen.", ["audit", "declare"], { evidence });
  },
});

export const H20 = defineRule({
  id: "H20",
  title: "The Early-Data header and 425 are handled",
  severity: "medium",
  limits: {},
  clauses: [
    {
      reference: "RFC 8470 5",
      says: 'A proxy marks requests that came in early data with "Early-Data: 1", and passes 425 (Too Early) on; the mark of a client is not to be trusted.',
    },
  ],
  why: "Without the mark an application cannot tell a request that may be a replay, and cannot ask for it again.",
  fix: [
    "nginx: proxy_set_header Early-Data $ssl_early_data, which also overwrites a client's own.",
    "HAProxy: http-request wait-for-handshake for the methods that are not safe.",
  ],
  judge: (facts) => {
    const without = withoutEarlyData(facts);
    if (without) return without;
    const evidence = [...traffic(facts), ...declared(facts, "earlyDataHeader")];
    const handled = facts.intent.earlyDataHeader;
    if (handled === null)
      return unknown("Whether the header is set and stripped cannot be seen in handshakes.", ["declare"], {
        evidence,
      });
    return handled
      ? pass("The header and 425 are handled, by declaration.", { evidence })
      : fail("The header or 425 is not handled.", { evidence });
  },
});

export const H21 = defineRule({
  id: "H21",
  title: "The age of tickets with early data is checked",
  severity: "low",
  limits: {
    windowS: { label: "Widest freshness window", unit: "s", fallback: 60, min: 1, max: 3_600 },
  },
  clauses: [
    {
      reference: "RFC 8446 8.3, RFC 9846 8.3",
      says: "A server should compare the ticket's age as the client tells it with its own, within a window on the order of ten seconds on the Internet.",
    },
  ],
  why: "The window bounds how long a recorded flight is worth replaying, and how much the replay record has to hold. BoringSSL allows 60 seconds.",
  fix: [
    "Narrow the server's tolerance for ticket age skew; keep clocks in step (NTP), since skew rejects honest clients (FM-27).",
  ],
  judge: (facts, { windowS }) => {
    const without = withoutEarlyData(facts);
    if (without) return without;
    const evidence = [...traffic(facts), ...declared(facts, "earlyDataWindowS")];
    const declaredS = facts.intent.earlyDataWindowS;
    if (declaredS === null)
      return unknown("How far a ticket's age may be off was not declared.", ["declare"], { evidence });
    const sentence = `Ages may be off by ${inSeconds(declaredS)}.`;
    return declaredS <= windowS ? pass(sentence, { evidence }) : fail(sentence, { evidence });
  },
});
