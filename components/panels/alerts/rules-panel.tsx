"use client";
import { useState } from "react";
import { Panel } from "@/components/ui/panel.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { AlertsReply, RuleView } from "@/lib/contract/read-alerts.ts";
import { conditionText, scopeText } from "@/lib/domain/alert-words.ts";
import { TableHead } from "../../ui/table-head.tsx";
import { Verdict } from "../keys/verdict.tsx";
import { useActor } from "../use-actor.ts";
import { Gate, useDownload, useMay } from "../visitor.tsx";
import { ImportSheet } from "./import-sheet.tsx";
import { RuleEditor } from "./rule-editor.tsx";
import { useAlertWrite } from "./use-alert-write.ts";
import { PHASES, SEVERITY_WORDS } from "./words.ts";

const ORIGINS: Readonly<Record<RuleView["origin"], string>> = {
  ...{ shipped: "", changed: "changed", own: "own", file: "rules file" },
};

type Props = {
  readonly data: AlertsReply;
  /** The rule that is looked at; "new" for one that is to be. */
  readonly chosen: string | null;
  readonly choose: (id: string | null) => void;
};

/** Every rule, shipped ones and people's own. */
export function RulesPanel({ data, chosen, choose }: Props) {
  const [importing, setImporting] = useState(false);
  const actor = useActor();
  const write = useAlertWrite();
  const exported = useDownload("/api/alerts/export");
  const view = data.rules.find(({ rule }) => rule.id === chosen) ?? null;
  return (
    <Panel
      title="Rules"
      note={`${data.rules.filter(({ rule }) => rule.enabled).length} of ${data.rules.length} are on`}
      tools={
        <>
          <Gate need="admin">
            <button type="button" className="control" onClick={() => choose("new")}>
              New rule
            </button>
          </Gate>
          <a className="control" href={exported} download="reprise-alerts.yaml">
            Export
          </a>
          <Gate need="admin">
            <button type="button" className="control" onClick={() => setImporting(true)}>
              Import
            </button>
          </Gate>
        </>
      }
    >
      <Problem error={write.error} />
      <section className="relative overflow-x-auto" tabIndex={0} aria-label="List of rules">
        <table className="w-full text-left">
          <TableHead names={["On", "Rule", "Severity", "Fires when", "Now", "Fired last"]} />
          <tbody>
            {data.rules.map((one) => (
              <RuleRow
                key={one.rule.id}
                view={one}
                busy={write.isPending}
                open={() => choose(one.rule.id)}
                enable={(enabled) =>
                  write.mutate({
                    ...{ path: `rules/${one.rule.id}`, method: "PATCH" },
                    body: { enabled, actor: actor.trim() || null },
                  })
                }
                remove={() => write.mutate({ path: `rules/${one.rule.id}`, method: "DELETE" })}
              />
            ))}
          </tbody>
        </table>
      </section>
      {chosen === "new" || view ? <RuleEditor key={chosen} view={view} close={() => choose(null)} /> : null}
      {importing ? <ImportSheet close={() => setImporting(false)} /> : null}
    </Panel>
  );
}

type RowProps = {
  readonly view: RuleView;
  readonly busy: boolean;
  readonly open: () => void;
  readonly enable: (on: boolean) => void;
  readonly remove: () => void;
};

function RuleRow({ view, busy, open, enable, remove }: RowProps) {
  const { rule, origin, actor, lastFiredMs } = view;
  const [sure, setSure] = useState(false);
  const where = scopeText(rule);
  const mayEdit = useMay("admin");
  const mine = origin === "own" || origin === "changed";
  const act = origin === "changed" ? "Reset" : "Delete";
  return (
    <tr className={`border-t border-rule align-top ${rule.enabled ? "" : "text-ink-3"}`} data-rule={rule.id}>
      <td className="py-1 pr-4">
        <label className="inline-flex size-[26px] items-center">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            aria-label={`${rule.title} is on`}
            checked={rule.enabled}
            disabled={busy || !mayEdit || origin === "file"}
            onChange={(event) => enable(event.target.checked)}
          />
        </label>
      </td>
      <th scope="row" className="min-w-48 py-1 pr-4 font-normal">
        <button type="button" className="min-h-[24px] text-left text-accent hover:underline" onClick={open}>
          {rule.title}
        </button>
        {ORIGINS[origin] ? (
          <div className="text-ink-3">
            {ORIGINS[origin]}
            {actor ? ` by ${actor}` : ""}
          </div>
        ) : null}
      </th>
      <td className="py-1.5 pr-4">{SEVERITY_WORDS[rule.severity]}</td>
      <td className="min-w-64 max-w-160 py-1.5 pr-4">
        {conditionText(rule.condition)}
        {where ? <span className="text-ink-3">, {where}</span> : null}
      </td>
      <td className="py-1.5 pr-4 whitespace-nowrap">
        <Now view={view} />
      </td>
      <td className="py-1.5 pr-4 whitespace-nowrap">
        {lastFiredMs === null ? "–" : <Time ms={lastFiredMs} />}
      </td>
      <td className="py-1 text-right whitespace-nowrap">
        {!mine ? null : sure ? (
          <>
            <button type="button" className="control border-bad text-bad" disabled={busy} onClick={remove}>
              Really {act.toLowerCase()}
              <span className="sr-only"> {rule.title}</span>
            </button>{" "}
            <button type="button" className="control" onClick={() => setSure(false)}>
              No
            </button>
          </>
        ) : (
          <Gate need="admin">
            <button type="button" className="control" onClick={() => setSure(true)}>
              {act}
              <span className="sr-only"> {rule.title}</span>
            </button>
          </Gate>
        )}
      </td>
    </tr>
  );
}

function Now({ view: { rule, phases } }: { view: RuleView }) {
  if (!rule.enabled) return <>off</>;
  const worst = (["firing", "resolving", "pending", "no_data", "ok"] as const).find((phase) => phases[phase]);
  if (!worst) return <span className="text-ink-3">no alert</span>;
  const count = phases[worst] ?? 0;
  return (
    <Verdict tone={PHASES[worst].tone}>
      {worst === "ok"
        ? "Ok"
        : `${count} ${{ firing: "fire", resolving: "end", pending: "pending", no_data: "no data" }[worst]}`}
    </Verdict>
  );
}
