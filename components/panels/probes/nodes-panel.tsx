"use client";
import type { ProbeTargetView } from "@/lib/contract/probe.ts";
import { mechanismWord, STEP_WORDS, troublesOf } from "@/lib/domain/probe-words.ts";
import { inLength } from "@/lib/domain/words.ts";
import { TableFrame } from "../../charts/table-frame.tsx";
import { formatCount, formatUs } from "../../ui/format.ts";
import { KeyName } from "../keys/key-name.tsx";
import { type Tone, Verdict } from "../keys/verdict.tsx";
import { nodesTable } from "./nodes-table.ts";
import { connectUsOf, handshakeUsOf } from "./parts.ts";

type NodeView = ProbeTargetView["nodes"][number];
type Probe = NonNullable<NodeView["probe"]>;
const STEPS = [
  ["psk", "full_tls13"],
  ["ticket", "full_tls12"],
  ["session_id", null],
] as const;
const HEADS = [
  ...["Node", "Last", "TCP", STEP_WORDS.full_tls13, "PSK", STEP_WORDS.full_tls12, "Ticket", "Session id"],
  ...["Tickets", "Lifetime", "Key", "Certificate", "0-RTT", "Suite"],
];
const TONES: Readonly<Record<ReturnType<typeof mechanismWord>, Tone>> = {
  resumed: "good",
  refused: "bad",
  "not issued": "unknown",
  "not tried": "unknown",
};

/** What the newest probe of each node of a target found. */
export function NodesPanel({ target, nowMs }: { target: ProbeTargetView; nowMs: number }) {
  const { endpoint, nodes } = target;
  const seen = nodes.some(({ probe }) => probe !== null);
  return (
    <TableFrame
      title={`Nodes of ${endpoint}`}
      note="one handshake of each kind, as the collector's host sees it"
      table={seen ? nodesTable(target, nowMs) : null}
      description={`What the prober found at ${nodes.length} nodes of ${endpoint}.`}
    >
      <Troubles nodes={nodes} nowMs={nowMs} />
      <section
        className="relative max-h-[40rem] overflow-auto"
        tabIndex={0}
        aria-label={`What was found at ${endpoint}`}
      >
        <table className="w-full text-left">
          <thead className="text-ink-3">
            <tr>
              {HEADS.map((head) => (
                <th key={head} className="py-1 pr-4 font-normal whitespace-nowrap">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {nodes.map((node) => (
              <NodeRow key={node.node} view={node} nowMs={nowMs} />
            ))}
          </tbody>
        </table>
      </section>
    </TableFrame>
  );
}

function Troubles({ nodes, nowMs }: { nodes: readonly NodeView[]; nowMs: number }) {
  const found = nodes.flatMap(({ node, probe }) =>
    probe ? troublesOf(probe, nowMs).map((trouble) => ({ node, ...trouble })) : [],
  );
  // The same at many nodes is one line.
  const lines = new Map<string, { readonly tone: "bad" | "warn"; readonly nodes: string[] }>();
  for (const { node, tone, text } of found) {
    const line = lines.get(text) ?? { tone, nodes: [] };
    lines.set(text, line);
    line.nodes.push(node);
  }
  if (lines.size === 0) return null;
  const sorted = [...lines].sort(([, a], [, b]) => Number(a.tone === "warn") - Number(b.tone === "warn"));
  return (
    <ul className="mb-2 space-y-0.5" aria-label="To look at">
      {sorted.slice(0, 12).map(([text, { tone, nodes: which }]) => (
        <li key={text} className="flex flex-wrap gap-x-2">
          <Verdict tone={tone}>{namesOf(which)}</Verdict>
          <span>{text}</span>
        </li>
      ))}
      {sorted.length > 12 ? (
        <li className="text-ink-3">and {sorted.length - 12} more, in the table</li>
      ) : null}
    </ul>
  );
}

function namesOf(nodes: readonly string[]): string {
  return nodes.length > 3 ? `${nodes.length} nodes` : nodes.join(", ");
}

function NodeRow({ view, nowMs }: { view: NodeView; nowMs: number }) {
  const { node, address, atMs, probe } = view;
  return (
    <tr className="border-t border-rule align-baseline">
      <th scope="row" className="py-1 pr-4 font-normal whitespace-nowrap">
        {node} <span className="text-ink-3">{address}</span>
      </th>
      <td className="pr-4 whitespace-nowrap">{atMs === null ? "–" : `${inLength(nowMs - atMs)} ago`}</td>
      {probe === null ? (
        <td colSpan={HEADS.length - 2} className="text-ink-3">
          not probed yet
        </td>
      ) : probe.failure ? (
        <td colSpan={HEADS.length - 2}>
          <Verdict tone="bad">{probe.failure.detail}</Verdict>
        </td>
      ) : (
        <Found probe={probe} nowMs={nowMs} />
      )}
    </tr>
  );
}

function Found({ probe, nowMs }: { probe: Probe; nowMs: number }) {
  const { psk, ticket } = probe.mechanisms;
  const lifetimeS = psk.lifetimeHintS ?? ticket.lifetimeHintS;
  const keys = [...new Set([...psk.keyNames, ...ticket.keyNames])];
  return (
    <>
      <td className="pr-4 whitespace-nowrap">{formatUs(connectUsOf(probe))}</td>
      {STEPS.map(([mechanism, full]) => (
        <Mechanism key={mechanism} probe={probe} mechanism={mechanism} full={full} />
      ))}
      <td className="pr-4">{formatCount(psk.tickets ?? ticket.tickets)}</td>
      <td className="pr-4 whitespace-nowrap">{lifetimeS === null ? "–" : inLength(lifetimeS * 1_000)}</td>
      <td className="pr-4 whitespace-nowrap">
        {keys.length > 0 ? (
          <span className="flex gap-1.5">
            {keys.slice(0, 2).map((keyName) => (
              <KeyName key={keyName} keyName={keyName} />
            ))}
          </span>
        ) : (
          <span className="text-ink-3">{psk.stateful ? "state at the server" : "–"}</span>
        )}
      </td>
      <Certificate probe={probe} nowMs={nowMs} />
      <td className="pr-4 whitespace-nowrap">{earlyWord(probe)}</td>
      <td className="pr-4 whitespace-nowrap text-ink-2">
        {probe.cipher}
        {probe.group ? `, ${probe.group}` : ""}
      </td>
    </>
  );
}

type MechanismProps = {
  readonly probe: Probe;
  readonly mechanism: "psk" | "ticket" | "session_id";
  readonly full: "full_tls13" | "full_tls12" | null;
};

function Mechanism({ probe, mechanism, full }: MechanismProps) {
  const word = mechanismWord(probe.mechanisms[mechanism]);
  const resumedUs = handshakeUsOf(probe, mechanism);
  return (
    <>
      {full ? <td className="pr-4 whitespace-nowrap">{formatUs(handshakeUsOf(probe, full))}</td> : null}
      <td className="pr-4 whitespace-nowrap" title={probe.mechanisms[mechanism].reason ?? undefined}>
        <Verdict tone={word === "refused" && mechanism === "session_id" ? "warn" : TONES[word]}>
          {resumedUs === null ? word : formatUs(resumedUs)}
        </Verdict>
        {resumedUs === null ? null : <span className="sr-only"> {word}</span>}
      </td>
    </>
  );
}

function Certificate({ probe: { certificate }, nowMs }: { probe: Probe; nowMs: number }) {
  if (certificate?.validToMs == null) return <td className="pr-4">–</td>;
  const leftMs = certificate.validToMs - nowMs;
  const { keyType, keyBits, subject, issuer, trusted } = certificate;
  return (
    <td
      className="pr-4 whitespace-nowrap"
      title={`${subject}, by ${issuer}, chain of ${certificate.chainLength}`}
    >
      <span className={leftMs < 0 ? "text-bad" : ""}>{leftMs < 0 ? "expired" : inLength(leftMs)}</span>
      <span className="text-ink-3">
        {" "}
        {keyType} {keyBits}
        {trusted ? "" : ", not trusted"}
      </span>
    </td>
  );
}

function earlyWord({ earlyData }: Probe): string {
  const { maxBytes, accepted, acceptedTwice } = earlyData;
  if (maxBytes === null) return "–";
  if (maxBytes === 0) return "off";
  if (accepted === null) return "offered";
  if (!accepted) return "offered, rejected";
  return acceptedTwice ? "accepted, twice" : "accepted";
}
