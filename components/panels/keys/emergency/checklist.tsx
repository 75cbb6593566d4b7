"use client";
import type { ChangeView } from "@/lib/contract/read.ts";
import type { KeysReply } from "@/lib/contract/read-keys.ts";
import type { LabReply } from "@/lib/contract/read-lab.ts";
import { shortKey } from "../../../charts/prepare/gantt.ts";
import { nameOf } from "../../../ui/format.ts";
import { Time } from "../../../ui/zone.tsx";
import { useActor } from "../../use-actor.ts";
import { Gate } from "../../visitor.tsx";
import { KeyName } from "../key-name.tsx";
import { PROOFS } from "../revocations-panel.tsx";
import { Verdict } from "../verdict.tsx";
import { Capacity, fits, freeCores } from "./capacity.tsx";
import { eventMs, flushedMs, flushRef, type NodeIssue, nodesNow, revocationOf } from "./proof.ts";
import { Step, type StepState } from "./step.tsx";
import { type Taken, useRecord } from "./use-record.ts";

type ChecklistProps = {
  readonly keys: KeysReply;
  readonly lab: LabReply | undefined;
  readonly changes: readonly ChangeView[];
  readonly keyName: string;
  readonly endpoint: string | null;
  readonly headroom: number | null;
  readonly setHeadroom: (cores: number | null) => void;
};

/** An emergency rotation step by step; what can be seen proves itself, the rest is ticked and recorded. */
export function Checklist(props: ChecklistProps) {
  const { keys, lab, changes, keyName, endpoint, headroom, setHeadroom } = props;
  const record = useRecord();
  const actor = useActor();
  const nodes = nodesNow(keys, keyName, endpoint);
  const revocation = revocationOf(keys, keyName);
  const room = fits(lab, freeCores(lab, headroom));
  const flushed = flushedMs(changes, keyName);
  const by = actor.trim() || null;
  const event = (action: "revoked" | "destroyed" | "generated"): Taken => ({
    as: "event",
    body: { keyName, action, actor: by, ...(endpoint ? { endpoint } : {}), reason: "emergency rotation" },
  });
  const tick = (taken: Taken, text: string) => (
    <Gate need="operator">
      <button
        type="button"
        className="control"
        disabled={record.isPending}
        onClick={() => record.mutate(taken)}
      >
        {text}
      </button>
    </Gate>
  );
  const revokedMs = revocation?.revokedMs ?? eventMs(keys, keyName, "revoked");
  const destroyedMs = eventMs(keys, keyName, "destroyed");
  return (
    <>
      {record.error ? (
        <p role="alert" className="px-4 text-bad sm:px-0">
          {record.error.message}
        </p>
      ) : null}
      <ol className="overflow-hidden border-y border-rule sm:rounded-sm sm:border" aria-label="Checklist">
        <Step
          number={1}
          title="Know what it costs before"
          state={room === null ? "unknown" : room ? "done" : "bad"}
        >
          {lab ? <Capacity lab={lab} headroom={headroom} setHeadroom={setHeadroom} /> : null}
        </Step>
        <Step number={2} title="Give every node a new key, and let it issue" state={issueState(nodes)}>
          <p>{issueWords(nodes, keyName)}</p>
          <Nodes nodes={nodes} />
        </Step>
        <Step
          number={3}
          title="Revoke the old key: no node may keep it, not even for decrypting"
          state={revokedMs === null ? "open" : "done"}
          atMs={revokedMs}
          action={revokedMs === null ? tick(event("revoked"), "Record: revoked") : null}
        >
          <p className="text-ink-2">
            Remove it from every node's key list and reload. Record it at the moment when it is done:
            acceptance is counted from then on.
          </p>
        </Step>
        <Step number={4} title="Prove it: nobody opens its tickets any more" state={proofState(revocation)}>
          <Proof revocation={revocation} />
        </Step>
        <Step
          number={5}
          title="Flush session caches"
          state={flushed === null ? "open" : "done"}
          atMs={flushed}
          action={
            flushed === null
              ? tick(
                  {
                    as: "change",
                    body: {
                      ts: keys.nowMs,
                      kind: "cache",
                      title: `Flushed session caches after key ${shortKey(keyName)} was revoked`,
                      ref: flushRef(keyName),
                      ...(by ? { actor: by } : {}),
                      ...(endpoint ? { endpoint } : {}),
                    },
                  },
                  "Record: flushed",
                )
              : null
          }
        >
          <p className="text-ink-2">
            Sessions that were made under the key live there too: with both mechanisms gone, session ids and
            tickets fall to zero together.
          </p>
        </Step>
        <Step
          number={6}
          title="Destroy every copy"
          state={destroyedMs === null ? "open" : "done"}
          atMs={destroyedMs}
          action={destroyedMs === null ? tick(event("destroyed"), "Record: destroyed") : null}
        >
          <p className="text-ink-2">
            Files, secrets, configuration stores, backups, images, dead nodes. Reprise cannot see them: who
            records this answers for it (RFC 9325 3.4).
          </p>
        </Step>
      </ol>
    </>
  );
}

function issueState(nodes: readonly NodeIssue[]): StepState {
  if (nodes.some(({ verdict }) => verdict === "old")) return "open";
  return nodes.length === 0 || nodes.some(({ verdict }) => verdict === "unknown") ? "unknown" : "done";
}

function issueWords(nodes: readonly NodeIssue[], keyName: string): string {
  const count = (verdict: NodeIssue["verdict"]): number =>
    nodes.filter((of) => of.verdict === verdict).length;
  if (nodes.length === 0) return "No node is known to hold this key.";
  const unknown = count("unknown");
  return `${count("new")} of ${nodes.length} nodes work under another key than ${shortKey(keyName)}, ${count("old")} still under it${unknown ? `; of ${unknown} nothing tells` : ""}.`;
}

const ISSUES = {
  new: ["good", "new key"],
  old: ["bad", "old key"],
  unknown: ["unknown", "not known"],
} as const;

function Nodes({ nodes }: { nodes: readonly NodeIssue[] }) {
  return (
    <ul className="mt-1 flex flex-wrap gap-x-5 gap-y-1">
      {nodes.map(({ endpoint, node, keyName, verdict }) => (
        <li
          key={`${endpoint}-${node}`}
          className="flex gap-1.5"
          data-node={node ?? ""}
          data-verdict={verdict}
        >
          {nameOf(node ?? endpoint)} <Verdict tone={ISSUES[verdict][0]}>{ISSUES[verdict][1]}</Verdict>
          {keyName ? <KeyName keyName={keyName} /> : null}
        </li>
      ))}
    </ul>
  );
}

function proofState(revocation: ReturnType<typeof revocationOf>): StepState {
  if (!revocation) return "open";
  return { proved: "done", accepting: "bad", unknown: "unknown" }[revocation.verdict] as StepState;
}

function Proof({ revocation }: { revocation: ReturnType<typeof revocationOf> }) {
  if (!revocation) return <p className="text-ink-2">It shows here once the revocation is recorded.</p>;
  return (
    <>
      <p className={revocation.verdict === "accepting" ? "text-bad" : ""}>{revocation.sentence}</p>
      <section
        className="mt-1 overflow-x-auto"
        tabIndex={0}
        aria-label="Acceptance since the revocation, by node"
      >
        <table className="text-left">
          <thead className="text-ink-3">
            <tr>
              <th className="py-1 pr-5 font-normal">Node</th>
              <th className="pr-5 font-normal">Proof</th>
              <th className="pr-5 font-normal">Accepted since (0 needed)</th>
              <th className="pr-5 font-normal">Refused</th>
              <th className="pr-5 font-normal">Last accepted</th>
              <th className="font-normal">Heard</th>
            </tr>
          </thead>
          <tbody>
            {revocation.nodes.map((of) => (
              <tr
                key={`${of.endpoint}-${of.node}`}
                className="border-t border-rule"
                data-proof={of.node ?? ""}
              >
                <td className="py-0.5 pr-5">{nameOf(of.node ?? of.endpoint)}</td>
                <td className="pr-5">
                  <Verdict tone={PROOFS[of.verdict][0]}>{PROOFS[of.verdict][1]}</Verdict>
                </td>
                <td className="pr-5">{of.accepted ?? "unknown"}</td>
                <td className="pr-5">{of.refused}</td>
                <td className="pr-5">{of.lastAcceptedMs === null ? "–" : <Time ms={of.lastAcceptedMs} />}</td>
                <td>{of.heardMs === null ? "never" : <Time ms={of.heardMs} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
