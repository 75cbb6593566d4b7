"use client";
import { useQueryStates } from "nuqs";
import { DeliveriesPanel } from "@/components/panels/alerts/deliveries-panel.tsx";
import { FiringPanel } from "@/components/panels/alerts/firing-panel.tsx";
import { ReceiversPanel } from "@/components/panels/alerts/receivers-panel.tsx";
import { RoutesPanel } from "@/components/panels/alerts/routes-panel.tsx";
import { RulesPanel } from "@/components/panels/alerts/rules-panel.tsx";
import { SilencesPanel } from "@/components/panels/alerts/silences-panel.tsx";
import { useRequest } from "@/components/panels/use-request.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { ErrorState, Placeholder } from "@/components/ui/states.tsx";
import type { AlertsReply } from "@/lib/contract/read-alerts.ts";
import { ALERT_TABS, alertsParsers } from "./search-params.ts";

/** Alerts change by evaluation, not by commits. */
const ASK_EVERY_MS = 5_000;
const TAB_WORDS = {
  firing: "Firing",
  rules: "Rules",
  silences: "Silences",
  receivers: "Receivers & routes",
  deliveries: "Deliveries",
} as const;

export function AlertsPage() {
  const [view, setView] = useQueryStates(alertsParsers, { history: "push", shallow: true, scroll: false });
  const { data, error, refetch } = useRequest("alerts", {}, { everyMs: ASK_EVERY_MS });
  const { tab } = view;
  return (
    <div className="space-y-3 pt-3">
      <h1 className="px-4 text-xl font-semibold tracking-tight sm:px-0">Alerts</h1>
      <nav aria-label="Parts of alerting" className="flex overflow-x-auto border-b border-rule px-2 sm:px-0">
        {ALERT_TABS.map((name) => (
          <button
            key={name}
            type="button"
            aria-current={tab === name ? "true" : undefined}
            className={`-mb-px min-h-8 border-b-2 px-3 whitespace-nowrap ${tab === name ? "border-accent text-ink" : "border-transparent text-ink-2 hover:text-ink"}`}
            onClick={() => void setView({ ...NOTHING_OPEN, tab: name })}
          >
            {TAB_WORDS[name]}
            <span className="ml-1.5 text-ink-3">{data ? countOf(name, data) : null}</span>
          </button>
        ))}
      </nav>
      {error && !data ? (
        <Panel title={TAB_WORDS[tab]}>
          <ErrorState error={error} retry={() => void refetch()} />
        </Panel>
      ) : !data ? (
        <Panel title={TAB_WORDS[tab]}>
          <Placeholder height={320} />
        </Panel>
      ) : tab === "firing" ? (
        <FiringPanel data={data} />
      ) : tab === "rules" ? (
        <RulesPanel data={data} chosen={view.rule} choose={(rule) => void setView({ rule })} />
      ) : tab === "silences" ? (
        <SilencesPanel data={data} match={view.match} setMatch={(match) => void setView({ match })} />
      ) : tab === "receivers" ? (
        <>
          <ReceiversPanel data={data} adding={view.add} setAdding={(add) => void setView({ add })} />
          <RoutesPanel data={data} />
        </>
      ) : (
        <DeliveriesPanel state={view.state} setState={(state) => void setView({ state })} />
      )}
    </div>
  );
}

const NOTHING_OPEN = { rule: null, match: null, add: null, state: null } as const;

function countOf(tab: (typeof ALERT_TABS)[number], data: AlertsReply): number | null {
  if (tab === "firing") return data.alerts.filter(({ firedMs }) => firedMs !== null).length;
  if (tab === "rules") return data.rules.length;
  if (tab === "silences") return data.silences.filter(({ state }) => state === "active").length || null;
  return tab === "receivers" ? data.receivers.length || null : null;
}
