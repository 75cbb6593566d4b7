/** What a session is bound to: H22, H23. */
import { inUtc, inWhole } from "../../domain/words.ts";
import { declared, inNodes, inSeconds, lifetimeOf, nodeName, splitEvidence } from "../measures.ts";
import { defineRule, fail, notApplicable, pass, unknown } from "../rule.ts";

export const H22 = defineRule({
  id: "H22",
  title: "Sessions are bound to their server name",
  severity: "high",
  limits: {},
  clauses: [
    {
      reference: "RFC 8446 4.6.1 and 4.2.11, RFC 9846 4.7.1 and 4.3.11",
      says: "A ticket resumes only with a suite of the same hash, and for a name for which the original certificate is valid.",
    },
    {
      reference: "RFC 6066 3",
      says: "A server must not resume a session under another server name (TLS 1.2).",
    },
  ],
  why: "A server that resumes under another name answers for an origin that the client never authenticated (FM-32). Reprise tries a second name; it does not try another hash, which libraries refuse themselves.",
  fix: [
    "Give virtual hosts their own session id context or keys; update nginx to 1.27.4 or 1.26.3 where client certificates are demanded.",
  ],
  judge: (facts) => {
    const found = facts.findings?.value.filter(({ kind }) => kind === "cross_name") ?? [];
    const probed = facts.otherName?.value;
    const evidence = [
      ...(probed ? splitEvidence(probed, "Resumed under another name", "Refused another name") : []),
      ...found.slice(0, 5).map((finding) => ({
        label: `Finding: another name at ${nodeName(finding.node)}`,
        value: `${inWhole(finding.count)}, last ${inUtc(finding.lastMs)}`,
      })),
    ];
    if (probed && probed.yes.length > 0)
      return fail(`${inNodes(probed.yes.length)} resumed a session under another server name.`, { evidence });
    if (found.length > 0) return fail("Tickets were used under another server name.", { evidence });
    return probed && probed.no.length > 0
      ? pass(`${inNodes(probed.no.length)} refused a session under another server name.`, { evidence })
      : unknown("No session was tried under another server name.", ["probeName"], { evidence });
  },
});

export const H23 = defineRule({
  id: "H23",
  title: "Revoked clients don't resume",
  severity: "high",
  limits: {},
  clauses: [
    {
      reference: "RFC 8446 2.2, RFC 9846 2.2",
      says: "The security context of a resumed connection is tied to the original one; neither side sends a certificate again.",
    },
    {
      reference: "CVE-2025-68121",
      says: "Sessions went on after the certificates behind them were no longer trusted.",
    },
  ],
  why: "A client whose certificate expired or was revoked stays in for as long as its ticket lives.",
  fix: [
    "Check the client's certificate on each resumption, or limit the ticket lifetime to the time within which revocation must have effect.",
    "Caddy switches tickets off where client certificates are demanded.",
  ],
  judge: (facts) => {
    const { clientAuth, clientRevalidation, revocationSlaS } = facts.intent;
    const lifetime = lifetimeOf(facts, "any");
    const evidence = [
      ...declared(facts, "clientAuth", "clientRevalidation", "revocationSlaS"),
      ...(lifetime ? [lifetime.evidence] : []),
    ];
    if (clientAuth === false) return notApplicable("Clients have no certificates here.", { evidence });
    if (clientAuth === null)
      return unknown("Whether clients authenticate by certificate was not declared.", ["declare"], {
        evidence,
      });
    if (clientRevalidation)
      return pass("Clients are checked again on resumption, by declaration.", { evidence });
    if (revocationSlaS === null)
      return unknown("Within what time revocation must have effect was not declared.", ["declare"], {
        evidence,
      });
    if (!lifetime) return unknown("No ticket lifetime is known.", ["prober", "tap", "declare"], { evidence });
    const sentence = `Tickets live ${inSeconds(lifetime.value)}, revocation must have effect within ${inSeconds(revocationSlaS)}.`;
    return lifetime.value <= revocationSlaS ? pass(sentence, { evidence }) : fail(sentence, { evidence });
  },
});
