"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Sent, send } from "@/lib/client/send.ts";
import type { ProbeTargetView } from "@/lib/contract/probe.ts";
import { troublesOf } from "@/lib/domain/probe-words.ts";
import { inLength } from "@/lib/domain/words.ts";
import { TableHead } from "../../ui/table-head.tsx";
import { type Tone, Verdict } from "../keys/verdict.tsx";
import { Gate } from "../visitor.tsx";
import { agreementInShort } from "./parts.ts";

const STATES: Readonly<Record<ProbeTargetView["state"], { readonly tone: Tone; readonly word: string }>> = {
  fine: { tone: "good", word: "answers" },
  partly: { tone: "bad", word: "some nodes fail" },
  failing: { tone: "bad", word: "no node answers" },
  late: { tone: "warn", word: "results are old" },
  waiting: { tone: "unknown", word: "not probed yet" },
  paused: { tone: "unknown", word: "paused" },
};

type TargetsTableProps = {
  readonly targets: readonly ProbeTargetView[];
  readonly nowMs: number;
  readonly chosen: string | null;
  readonly choose: (id: string) => void;
  readonly edit: (target: ProbeTargetView) => void;
};

/** The prober's targets: how they are, when they were and will be probed, and what went wrong last. */
export function TargetsTable(props: TargetsTableProps) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: ({ id, ...sent }: Sent & { readonly id: string }) => send(`/api/probes/${id}`, sent),
    onSuccess: () => client.invalidateQueries({ queryKey: ["probes"] }),
  });
  const { targets, ...rest } = props;
  return (
    <section className="relative overflow-x-auto" tabIndex={0} aria-label="Targets of the prober">
      <table className="w-full text-left">
        <TableHead
          names={["Endpoint", "State", "Nodes", "Agreement", "To look at", "Last", "Next", "Last error"]}
        />
        <tbody>
          {targets.map((target) => (
            <TargetRow
              key={target.id}
              {...rest}
              target={target}
              busy={act.isPending}
              pause={() => act.mutate({ id: target.id, method: "PATCH", body: { paused: !target.paused } })}
              remove={() => act.mutate({ id: target.id, method: "DELETE" })}
            />
          ))}
        </tbody>
      </table>
      {act.error ? (
        <p role="alert" className="text-bad">
          {act.error.message}
        </p>
      ) : null}
    </section>
  );
}

type TargetRowProps = Omit<TargetsTableProps, "targets"> & {
  readonly target: ProbeTargetView;
  readonly busy: boolean;
  readonly pause: () => void;
  readonly remove: () => void;
};

function TargetRow({ target, nowMs, chosen, choose, edit, busy, pause, remove }: TargetRowProps) {
  const { id, endpoint, origin, paused, nodes, lastMs, nextMs, lastError, spec } = target;
  const [sure, setSure] = useState(false);
  const { tone, word } = STATES[target.state];
  const agreement = agreementInShort(target);
  const troubles = nodes.reduce((sum, { probe }) => sum + (probe ? troublesOf(probe, nowMs).length : 0), 0);
  const own = origin === "console";
  return (
    <tr className={`border-t border-rule ${chosen === id ? "bg-accent-soft" : ""}`}>
      <th scope="row" className="py-1 pr-4 font-normal">
        <button
          type="button"
          aria-pressed={chosen === id}
          className="min-h-[24px] text-accent hover:underline"
          onClick={() => choose(id)}
        >
          {endpoint}
        </button>
        {spec.serverName !== null && spec.serverName !== endpoint ? (
          <span className="ml-2 text-ink-3">{spec.serverName}</span>
        ) : null}
      </th>
      <td className="pr-4">
        <Verdict tone={tone}>{word}</Verdict>
      </td>
      <td className="pr-4">{nodes.length}</td>
      <td className="pr-4 whitespace-nowrap">
        <Verdict tone={agreement.tone}>{agreement.word}</Verdict>
      </td>
      <td className={`pr-4 ${troubles > 0 ? "text-warn" : "text-ink-3"}`}>{troubles > 0 ? troubles : "–"}</td>
      <td className="pr-4 whitespace-nowrap">{lastMs === null ? "–" : `${inLength(nowMs - lastMs)} ago`}</td>
      <td className="pr-4 whitespace-nowrap">{nextOf(nextMs, nowMs)}</td>
      <td className="max-w-80 truncate pr-4 text-ink-2" title={lastError ?? undefined}>
        {lastError ?? "–"}
      </td>
      <td className="whitespace-nowrap text-right">
        <Gate need="admin">
          <button type="button" className="control" disabled={busy} onClick={pause}>
            {paused ? "Go on" : "Pause"}
            <span className="sr-only"> with {endpoint}</span>
          </button>
        </Gate>{" "}
        {own ? (
          <>
            <Gate need="admin">
              <button type="button" className="control" onClick={() => edit(target)}>
                Edit<span className="sr-only"> {endpoint}</span>
              </button>
            </Gate>{" "}
            <Gate need="admin">
              <button
                type="button"
                className="control"
                disabled={busy}
                onClick={sure ? remove : () => setSure(true)}
                onBlur={() => setSure(false)}
              >
                {sure ? "Really delete" : "Delete"}
                <span className="sr-only"> {endpoint}</span>
              </button>
            </Gate>
          </>
        ) : (
          <span className="text-ink-3">in the file</span>
        )}
      </td>
    </tr>
  );
}

function nextOf(nextMs: number | null, nowMs: number): string {
  if (nextMs === null) return "–";
  return nextMs <= nowMs ? "due" : `in about ${inLength(nextMs - nowMs)}`;
}
