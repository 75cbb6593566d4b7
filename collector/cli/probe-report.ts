import { judgeAgreement } from "../../lib/domain/agreement.ts";
import type { NodeProbe } from "../../lib/domain/probe.ts";
import { MECHANISM_WORDS, mechanismWord, STEP_WORDS, troublesOf } from "../../lib/domain/probe-words.ts";
import { MECHANISMS, type Mechanism } from "../../lib/domain/vocabulary.ts";
import { inLength } from "../../lib/domain/words.ts";
import type { Round } from "../probe/round.ts";
import type { Probed } from "./probe.ts";

/** How nodes agree by one mechanism; null where no pair of two nodes was told. */
function verdictOf({ agreements }: Round, mechanism: Mechanism) {
  const pairs = agreements
    .filter((one) => one.mechanism === mechanism && one.accepted !== null)
    .map(({ fromNode: from, toNode: to, accepted }) => ({
      from,
      to,
      accepted: accepted ? 1 : 0,
      offered: 1,
    }));
  const verdict = judgeAgreement(pairs);
  return verdict.measured > 0 ? verdict : null;
}

/**
 * Whether nothing is wrong: every node answered without bad trouble, and nodes agree by tickets and PSKs. Session ids are not
 * held against nodes: few fleets share a cache.
 */
export function isClean({ target, round }: Probed, nowMs: number): boolean {
  const visited = round.nodes.length === target.spec.nodes.length;
  const fine = round.nodes.every(({ probe }) => troublesOf(probe, nowMs).every(({ tone }) => tone !== "bad"));
  const agree = (["psk", "ticket"] as const).every((mechanism) => {
    const verdict = verdictOf(round, mechanism);
    return verdict === null || verdict.kind === "agree";
  });
  return visited && fine && agree;
}

/** The report for programs: what was found, and the verdicts. Key names are hashes. */
export function jsonOf({ target, round }: Probed): object {
  return {
    endpoint: target.endpoint,
    serverName: target.spec.serverName,
    nodes: round.nodes,
    agreements: round.agreements,
    verdicts: MECHANISMS.flatMap((mechanism) => {
      const verdict = verdictOf(round, mechanism);
      return verdict
        ? [{ mechanism, kind: verdict.kind, misfits: verdict.misfits, sentence: verdict.sentence }]
        : [];
    }),
  };
}

/** The report for people. */
export function textOf({ target, round }: Probed, nowMs: number): string {
  const { endpoint, spec } = target;
  const name = spec.serverName === null ? "without a server name" : `as ${spec.serverName}`;
  const verdicts = MECHANISMS.flatMap((mechanism) => {
    const verdict = verdictOf(round, mechanism);
    return verdict ? [`  ${MECHANISM_WORDS[mechanism].padEnd(16)} ${verdict.sentence}`] : [];
  });
  return [
    `${endpoint}, ${name}: ${round.nodes.length} of ${spec.nodes.length} nodes probed`,
    ...round.nodes.flatMap(({ node, probe }) => nodeLines(node, probe, nowMs)),
    ...(verdicts.length > 0 ? ["agreement between nodes", ...verdicts] : []),
    "",
  ].join("\n");
}

function nodeLines(node: string, probe: NodeProbe, nowMs: number): string[] {
  const troubles = troublesOf(probe, nowMs).map(
    ({ tone, text }) => `  ${tone === "bad" ? "✗" : "!"} ${text}`,
  );
  const head = `${node} (${probe.address})`;
  if (probe.failure) return [head, ...troubles];
  const spoken = Object.entries(probe.protocols).flatMap(([protocol, spoken]) => (spoken ? protocol : []));
  const facts = [spoken.sort().join(", "), probe.cipher, probe.group, probe.alpn].filter(Boolean).join(", ");
  return [
    `${head}: ${facts}`,
    ...timingLines(probe),
    ...ticketLines(probe),
    certificateLine(probe, nowMs),
    `  0-RTT            ${earlyWords(probe)}`,
    ...troubles,
  ];
}

function timingLines(probe: NodeProbe): string[] {
  const words = { psk: "psk", ticket: "ticket", session_id: "session_id" } as const;
  return probe.timings.map(({ step, connectUs, handshakeUs }) => {
    const outcome = step in words ? mechanismWord(probe.mechanisms[step as Mechanism]) : "full";
    const time = `${handshakeUs} µs`.padStart(11);
    return `  ${STEP_WORDS[step].padEnd(19)} ${outcome.padEnd(9)} ${time}, after ${connectUs} µs for TCP`;
  });
}

function ticketLines({ mechanisms }: NodeProbe): string[] {
  return (["psk", "ticket"] as const).flatMap((mechanism) => {
    const { issued, tickets, ticketBytes, lifetimeHintS, stateful, keyNames } = mechanisms[mechanism];
    if (!issued) return [];
    const life = lifetimeHintS === null ? "no lifetime told" : `for ${inLength(lifetimeHintS * 1_000)}`;
    const key = stateful
      ? "state at the server"
      : keyNames.length > 0
        ? `key ${keyNames.join(", ")}`
        : "no key name seen";
    return [
      `  ${(mechanism === "psk" ? "1.3" : "1.2").padEnd(16)} ${tickets} x ${ticketBytes} bytes, ${life}, ${key}`,
    ];
  });
}

function certificateLine({ certificate }: NodeProbe, nowMs: number): string {
  if (!certificate) return "  certificate      not seen";
  const { subject, keyType, keyBits, chainLength, validToMs, trusted, distrust } = certificate;
  const left =
    validToMs === null
      ? "end not known"
      : validToMs < nowMs
        ? "expired"
        : `ends in ${inLength(validToMs - nowMs)}`;
  return `  certificate      ${subject}, ${keyType} ${keyBits ?? "?"}, chain of ${chainLength}, ${left}, ${trusted ? "trusted" : distrust}`;
}

function earlyWords({ earlyData }: NodeProbe): string {
  const { maxBytes, accepted, acceptedTwice, reason } = earlyData;
  if (maxBytes === null) return "not known";
  if (maxBytes === 0) return "not offered";
  if (accepted === null) return `offered (${maxBytes} bytes), not tried: ${reason}`;
  if (!accepted) return `offered (${maxBytes} bytes), rejected`;
  return `accepted (${maxBytes} bytes)${acceptedTwice === null ? "" : acceptedTwice ? ", also twice" : ", once only"}`;
}
