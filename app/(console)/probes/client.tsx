"use client";
import { parseAsString, useQueryStates } from "nuqs";
import { useState } from "react";
import { AgreementPanel } from "@/components/panels/keys/agreement-panel.tsx";
import { NodesPanel } from "@/components/panels/probes/nodes-panel.tsx";
import { agreementParts } from "@/components/panels/probes/parts.ts";
import { ProbesEmpty } from "@/components/panels/probes/probes-empty.tsx";
import { TargetForm } from "@/components/panels/probes/target-form.tsx";
import { TargetsTable } from "@/components/panels/probes/targets-table.tsx";
import { useRequest } from "@/components/panels/use-request.ts";
import { Gate } from "@/components/panels/visitor.tsx";
import { Panel } from "@/components/ui/panel.tsx";
import { ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { useLiveUpdates } from "@/lib/client/live.ts";
import type { ProbesReply, ProbeTargetView } from "@/lib/contract/probe.ts";

/** Results come with commits; that a target is late shows by asking. */
const ASK_EVERY_MS = 10_000;

export function ProbesPage() {
  useLiveUpdates(true);
  const { data, error, refetch } = useRequest("probes", {}, { everyMs: ASK_EVERY_MS });
  const [view, setView] = useQueryStates({ target: parseAsString }, { history: "push", scroll: false });
  const [form, setForm] = useState<"add" | ProbeTargetView | null>(null);
  const chosen = data?.targets.find(({ id }) => id === view.target) ?? data?.targets[0];
  return (
    <div className="space-y-3 pt-3">
      <h1 className="px-4 text-xl font-semibold tracking-tight sm:px-0">Probes</h1>
      <Panel
        title="Targets"
        note={data ? noteOf(data) : undefined}
        tools={
          <Gate need="admin">
            <button type="button" className="control" onClick={() => setForm("add")}>
              Add a target
            </button>
          </Gate>
        }
      >
        {error ? (
          <ErrorState error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Placeholder height={120} />
        ) : data.targets.length === 0 ? (
          <ProbesEmpty add={() => setForm("add")} />
        ) : (
          <TargetsTable
            targets={data.targets}
            nowMs={data.nowMs}
            chosen={chosen?.id ?? null}
            choose={(target) => void setView({ target })}
            edit={setForm}
          />
        )}
      </Panel>
      {chosen && data ? (
        <>
          <NodesPanel target={chosen} nowMs={data.nowMs} />
          {chosen.spec.nodes.length > 1 ? (
            // Small matrices stand side by side.
            <div className={`grid gap-3 ${chosen.spec.nodes.length <= 10 ? "lg:grid-cols-3" : ""}`}>
              {agreementParts(chosen).map((part) => (
                <AgreementPanel key={part.id} part={part} />
              ))}
            </div>
          ) : null}
        </>
      ) : null}
      {form ? (
        <TargetForm
          key={form === "add" ? "add" : form.id}
          target={form === "add" ? null : form}
          onClose={() => setForm(null)}
          onSaved={(target) => void setView({ target })}
        />
      ) : null}
    </div>
  );
}

function noteOf({ targets }: ProbesReply): string | undefined {
  if (targets.length === 0) return undefined;
  const nodes = targets.reduce((sum, { spec }) => sum + spec.nodes.length, 0);
  const parts = [
    `${targets.length} ${targets.length === 1 ? "target" : "targets"}`,
    `${nodes} ${nodes === 1 ? "node" : "nodes"}`,
  ];
  const failing = targets.filter(({ state }) => state === "failing" || state === "partly").length;
  if (failing > 0) parts.push(`${failing} with nodes that fail`);
  return parts.join(", ");
}
