/** Nodes of one endpoint as a fleet: H14, H15, H16, H29. */
import { judgeAgreement } from "../../domain/agreement.ts";
import { inUtc, inWhole } from "../../domain/words.ts";
import type { PolicyFacts } from "../facts.ts";
import { currentKeys, inNodes, inSeconds, isWithoutTls13, nodeName } from "../measures.ts";
import { defineRule, type Evidence, fail, type Judgement, notApplicable, pass, unknown } from "../rule.ts";

/** A node whose newest ticket is older than this against its peers' says nothing about now. */
const STALE_MS = 3_600_000;

export const H14 = defineRule({
  id: "H14",
  title: "Nodes of an endpoint share their keys",
  severity: "medium",
  limits: {
    toleranceS: { label: "Time that a rotation may take", unit: "s", fallback: 3_600, min: 0, max: 86_400 },
  },
  clauses: [
    {
      reference: "Operational",
      says: "With N nodes that don't share keys, a returning client finds its own with a chance of 1 in N; no standard demands sharing.",
    },
  ],
  why: "Each ticket that another node refuses costs a full handshake, though nothing is broken on any node by itself (FM-01, FM-02).",
  fix: [
    "Bring the same key files to all nodes, and compare the key names that they hold.",
    "nginx's own rotation and Go's automatic keys are per process: give a shared key instead.",
  ],
  judge: (facts, { toleranceS }) => {
    if (facts.agreement && facts.agreement.value.length > 0) {
      const agreement = judgeAgreement(facts.agreement.value);
      if (agreement.kind !== "unknown") {
        const told = {
          evidence: [
            { label: "Pairs of nodes that resume", value: `${agreement.agreeing} of ${agreement.measured}` },
            ...agreement.misfits.map(({ node }) => ({ label: "Does not fit", value: node, nodes: [node] })),
          ],
        };
        return agreement.kind === "agree" ? pass(agreement.sentence, told) : fail(agreement.sentence, told);
      }
    }
    return byNames(facts, toleranceS * 1_000);
  },
});

function byNames(facts: PolicyFacts, toleranceMs: number): Judgement {
  if (!facts.keys) return unknown("Neither keys nor pairs of nodes were seen.", ["prober", "keys"]);
  const current = currentKeys(facts.keys.value);
  const newestMs = Math.max(0, ...current.map((key) => key.lastIssuedMs));
  const fresh = current.filter((key) => newestMs - key.lastIssuedMs <= STALE_MS);
  const names = [...new Set(fresh.map((key) => key.keyName))];
  const evidence: Evidence[] = names.slice(0, 5).map((name) => ({
    label: `Current key ${name.slice(0, 8)}`,
    value: inNodes(fresh.filter((key) => key.keyName === name).length),
    nodes: fresh.filter((key) => key.keyName === name).map((key) => nodeName(key.node)),
  }));
  if (fresh.length === 0) return unknown("No node was seen issuing.", ["prober", "keys"]);
  if (fresh.length === 1) return notApplicable("Only one node issues here.", { evidence });
  if (names.length === 1) return pass(`${inNodes(fresh.length)} issue under one key.`, { evidence });
  const newestBeganMs = Math.max(...fresh.map((key) => key.firstIssuedMs));
  if (newestMs - newestBeganMs <= toleranceMs)
    return unknown("Nodes differ, but a rotation has only begun.", ["keys"], { evidence });
  return fail(`${inNodes(fresh.length)} issue under ${names.length} keys.`, { evidence });
}

export const H15 = defineRule({
  id: "H15",
  title: "Enough new tickets on TLS 1.3 connections",
  severity: "low",
  limits: {
    fewest: { label: "Fewest tickets a handshake", unit: "count", fallback: 1, min: 1, max: 100 },
    most: { label: "Most tickets a handshake", unit: "count", fallback: 6, min: 1, max: 100 },
  },
  clauses: [
    {
      reference: "RFC 8446 C.4, RFC 9846 C.4",
      says: "Clients should use a ticket once, so servers should give a new one with each connection, and more where clients connect in parallel.",
    },
  ],
  why: "Without fresh tickets clients reuse old ones, which links their connections, or come back in full. Too many cost bytes in each handshake (HAProxy, OpenSSL: 2 by default).",
  fix: ["OpenSSL: SSL_CTX_set_num_tickets; 2 are usual, since browsers open connections in pairs."],
  judge: (facts, { fewest, most }) => {
    if (isWithoutTls13(facts)) return notApplicable("TLS 1.3 is not spoken here.");
    const nodes = facts.ticketsPerHandshake?.value ?? [];
    if (nodes.length === 0) return unknown("No TLS 1.3 handshake was looked into.", ["prober"]);
    const counts = nodes.map(({ tickets }) => tickets);
    const [low, high] = [Math.min(...counts), Math.max(...counts)];
    const wrong = nodes.filter(({ tickets }) => tickets < fewest || tickets > most).map(({ node }) => node);
    const range = low === high ? inWhole(low) : `${inWhole(low)} to ${inWhole(high)}`;
    const evidence = [
      {
        label: "Tickets with one full handshake",
        value: range,
        nodes: wrong.length ? wrong : nodes.map(({ node }) => node),
      },
    ];
    const sentence = `${range} tickets come with one full handshake.`;
    return wrong.length === 0 ? pass(sentence, { evidence }) : fail(sentence, { evidence });
  },
});

export const H16 = defineRule({
  id: "H16",
  title: "TLS 1.3 tickets are used once",
  severity: "low",
  limits: {
    reused: { label: "Tickets that may be seen again", unit: "count", fallback: 0, min: 0, max: 1_000_000 },
  },
  clauses: [
    {
      reference: "RFC 8446 C.4, RFC 9846 C.4",
      says: "Clients should not use a ticket for several connections; a server may refuse one that it has seen.",
    },
  ],
  why: "A ticket seen twice links two connections to whoever watches. From many networks it was stolen, or stands in an image that many clients share (FM-31).",
  fix: [
    "Look at the finding: parallel connections of one client are harmless, many networks are not.",
    "Issue more tickets per handshake; make tickets single-use where early data is allowed.",
  ],
  judge: (facts, { reused }) => {
    if (isWithoutTls13(facts)) return notApplicable("TLS 1.3 is not spoken here.");
    if (!facts.findings) return unknown("Nothing here watches single tickets.", ["tap"]);
    const seen = facts.findings.value.filter(
      ({ kind }) => kind === "ticket_reuse" || kind === "ticket_spread",
    );
    const spread = seen.filter(({ kind }) => kind === "ticket_spread");
    const count = seen.length;
    const evidence = seen.slice(0, 5).map((finding) => ({
      label: finding.kind === "ticket_spread" ? "From many networks" : "Used again",
      value: `${inWhole(finding.count)}, last ${inUtc(finding.lastMs)}`,
      ...(finding.node ? { nodes: [finding.node] } : {}),
    }));
    if (spread.length > 0) return fail("A ticket came from many networks.", { evidence, severity: "high" });
    if (count > reused) return fail(`${inWhole(count)} findings of tickets used again.`, { evidence });
    return pass("No ticket was seen used again beyond what is allowed.", { evidence });
  },
});

export const H29 = defineRule({
  id: "H29",
  title: "Issuing does not stop",
  severity: "high",
  limits: {
    quietS: {
      label: "Longest time without a new ticket",
      unit: "s",
      fallback: 21_600,
      min: 60,
      max: 604_800,
    },
  },
  clauses: [
    {
      reference: "s2n-tls usage guide, session resumption",
      says: "A server whose encrypting key has run out and got no successor goes on without issuing tickets.",
    },
  ],
  why: "Nothing fails: clients use up what they have, and the resume rate sinks over a lifetime.",
  fix: [
    "Look at the rotation job and at the server's clock; bring the next key before the current one's encrypting time ends.",
  ],
  judge: (facts, { quietS }, nowMs) => {
    const probed = facts.ticketsPerHandshake?.value ?? [];
    const without = probed.filter(({ tickets }) => tickets === 0).map(({ node }) => node);
    const issued = (facts.keys?.value.keys ?? []).flatMap(({ lastIssuedMs, basis }) =>
      lastIssuedMs === null || basis !== "issued" ? [] : [lastIssuedMs],
    );
    const lastMs = issued.length ? Math.max(...issued) : null;
    const evidence: Evidence[] = [
      ...(lastMs === null ? [] : [{ label: "Newest ticket seen", value: inUtc(lastMs, nowMs) }]),
      ...(probed.length
        ? [
            {
              label: "Nodes that issued to the prober",
              value: `${probed.length - without.length} of ${probed.length}`,
            },
          ]
        : []),
    ];
    if (without.length > 0 && (without.length < probed.length || lastMs !== null))
      return fail(`${inNodes(without.length)} stopped issuing.`, {
        evidence: [
          ...evidence,
          { label: "Without a ticket", value: inNodes(without.length), nodes: without },
        ],
      });
    const silentS = lastMs === null || !facts.keys ? null : (facts.keys.value.observedToMs - lastMs) / 1_000;
    if (silentS !== null && silentS > quietS && hasFull(facts))
      return fail(`Keys are in use, but no ticket was issued for ${inSeconds(silentS)}.`, { evidence });
    if (probed.length > 0 && without.length === 0)
      return pass("Every probed node issues tickets.", { evidence });
    if (silentS !== null && silentS <= quietS && lastMs !== null && (nowMs - lastMs) / 1_000 <= quietS)
      return pass(`A ticket was issued ${inSeconds((nowMs - lastMs) / 1_000)} ago.`, { evidence });
    return unknown("Whether tickets are issued cannot be told.", ["prober", "keys"], { evidence });
  },
});

/** Whether full handshakes are known, at which a ticket should have been issued. */
function hasFull({ resumed }: PolicyFacts): boolean {
  return (
    resumed !== null && resumed.count > Object.values(resumed.value).reduce((sum, count) => sum + count, 0)
  );
}
