/** Facts that the prober found, from the newest probe of each node. */
import type { AgreementPair } from "../domain/agreement.ts";
import type { NodeProbe } from "../domain/probe.ts";
import { MECHANISMS, type Mechanism, PROTOCOLS } from "../domain/vocabulary.ts";
import type { Fact, NodeSplit, PolicyFacts } from "../policy/facts.ts";
import type { Agreement, StoredProbeResult } from "../store/port-probe.ts";

export type ProbeFacts = Pick<
  PolicyFacts,
  | "agreement"
  | "lifetimeTls12S"
  | "lifetimeTls13S"
  | "ticketsPerHandshake"
  | "probedResumption"
  | "probedProtocols"
  | "probedEarlyData"
  | "replayed"
  | "otherName"
  | "weakKeys"
  | "certificates"
>;

type Probe = { readonly node: string; readonly result: NodeProbe };

const fact = <T>(value: T, count: number): Fact<T> | null =>
  count > 0 ? { value, from: "prober", count } : null;

/** What the newest probes of an endpoint's nodes tell; nodes without a full handshake tell nothing. */
export function probeFactsOf(
  results: readonly StoredProbeResult<NodeProbe>[],
  agreements: readonly Agreement[],
): ProbeFacts {
  const probes: Probe[] = results.filter(({ ok }) => ok).map(({ node, result }) => ({ node, result }));
  const tickets = probes.flatMap(({ node, result }) =>
    result.mechanisms.psk.tickets === null ? [] : [{ node, tickets: result.mechanisms.psk.tickets }],
  );
  const certificates = probes.flatMap(({ node, result: { certificate } }) =>
    certificate
      ? [
          {
            node,
            validToMs: certificate.validToMs,
            keyType: certificate.keyType,
            keyBits: certificate.keyBits,
          },
        ]
      : [],
  );
  const tried = probes.reduce((sum, { result }) => sum + (result.weakKeys?.tickets ?? 0), 0);
  const weak = splitBy(probes, ({ weakKeys }) =>
    weakKeys && weakKeys.tickets > 0 ? weakKeys.found !== null : null,
  );
  return {
    agreement: agreementOf(agreements),
    lifetimeTls12S: longestOf(probes, "ticket"),
    lifetimeTls13S: longestOf(probes, "psk"),
    ticketsPerHandshake: fact(tickets, tickets.length),
    probedResumption: resumptionOf(probes),
    probedProtocols: protocolsOf(probes),
    probedEarlyData: splitFact(
      splitBy(probes, ({ earlyData: { maxBytes, accepted } }) =>
        accepted ? true : maxBytes === null ? null : maxBytes > 0,
      ),
    ),
    replayed: splitFact(splitBy(probes, ({ earlyData }) => earlyData.acceptedTwice)),
    otherName: splitFact(splitBy(probes, ({ otherName }) => otherName.accepted)),
    weakKeys: fact(weak, tried),
    certificates: fact(certificates, certificates.length),
  };
}

/** Nodes by a yes or no; null: could not be told there. */
function splitBy(probes: readonly Probe[], ask: (result: NodeProbe) => boolean | null): NodeSplit {
  const nodes = (wanted: boolean): string[] =>
    probes.filter(({ result }) => ask(result) === wanted).map(({ node }) => node);
  return { yes: nodes(true), no: nodes(false) };
}

const splitFact = (split: NodeSplit): Fact<NodeSplit> | null =>
  fact(split, split.yes.length + split.no.length);

function longestOf(probes: readonly Probe[], mechanism: Mechanism): Fact<number> | null {
  const hints = probes.flatMap(({ result }) => {
    const hint = result.mechanisms[mechanism].lifetimeHintS;
    return hint === null ? [] : [hint];
  });
  return fact(Math.max(0, ...hints), hints.length);
}

/** A node that issues nothing to resume cannot be resumed at: it counts as one that refuses. */
function resumptionOf(probes: readonly Probe[]): ProbeFacts["probedResumption"] {
  const by = Object.fromEntries(
    MECHANISMS.map((name) => [
      name,
      splitBy(probes, ({ mechanisms: { [name]: found } }) =>
        found.issued === false ? false : found.accepted,
      ),
    ]),
  ) as Record<Mechanism, NodeSplit>;
  return fact(by, probes.length);
}

function protocolsOf(probes: readonly Probe[]): ProbeFacts["probedProtocols"] {
  const tried = PROTOCOLS.flatMap((name) => {
    const split = splitBy(probes, ({ protocols }) => protocols[name] ?? null);
    return split.yes.length + split.no.length > 0 ? [[name, split] as const] : [];
  });
  return fact(Object.fromEntries(tried), tried.length);
}

/** The newest try of each pair by ticket or PSK: session ids say nothing about keys. */
function agreementOf(agreements: readonly Agreement[]): ProbeFacts["agreement"] {
  const newest = new Map<string, Agreement>();
  for (const each of agreements) {
    if (each.accepted === null || each.mechanism === "session_id") continue;
    const id = JSON.stringify([each.fromNode, each.toNode, each.mechanism]);
    if ((newest.get(id)?.atMs ?? Number.NEGATIVE_INFINITY) < each.atMs) newest.set(id, each);
  }
  const pairs = new Map<string, AgreementPair>();
  for (const { fromNode: from, toNode: to, accepted } of newest.values()) {
    const id = JSON.stringify([from, to]);
    // A pair agrees when each mechanism does.
    const agrees = accepted === true && (pairs.get(id)?.accepted ?? 1) === 1;
    pairs.set(id, { from, to, accepted: agrees ? 1 : 0, offered: 1 });
  }
  return fact([...pairs.values()], pairs.size);
}
