"use client";
import Link from "next/link";
import { labelsText } from "@/components/charts/prepare/preview.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import { EmptyState } from "@/components/ui/states.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { AlertsReply, AlertView } from "@/lib/contract/read-alerts.ts";
import { inUnit } from "@/lib/domain/alert-words.ts";
import { inLength, inUtc } from "@/lib/domain/words.ts";
import { TableHead } from "../../ui/table-head.tsx";
import { Verdict } from "../keys/verdict.tsx";
import { useActor } from "../use-actor.ts";
import { Gate } from "../visitor.tsx";
import { useAlertWrite } from "./use-alert-write.ts";
import { matchersFor, matchersInUrl, PHASES, SEVERITY_WORDS, TRANSITION_WORDS } from "./words.ts";

/** Alerts that are not ok now, and what changed lately. */
export function FiringPanel({ data }: { data: AlertsReply }) {
  const { alerts, nowMs } = data;
  const on = data.rules.filter(({ rule }) => rule.enabled).length;
  const firing = alerts.filter(({ firedMs }) => firedMs !== null).length;
  return (
    <>
      {data.receivers.length === 0 ? (
        <NoReceiver />
      ) : data.receivers.some(({ routed }) => routed) ? null : (
        <NoRoute />
      )}
      <Panel title="Alerts now" note={`${firing} of ${alerts.length} fire, by ${on} rules`}>
        {alerts.length === 0 ? (
          <EmptyState title="Nothing fires.">
            {on} of {data.rules.length} rules are on; they are evaluated every minute, those on incidents and
            findings every 5 s.
          </EmptyState>
        ) : (
          <AlertTable alerts={alerts} nowMs={nowMs} />
        )}
      </Panel>
      <Panel title="What changed" note="the last 30 days, the newest 100">
        {data.events.length === 0 ? (
          <p className="text-ink-2">No alert has changed yet.</p>
        ) : (
          <section className="relative max-h-80 overflow-auto" tabIndex={0} aria-label="Changes of alerts">
            <ul>
              {data.events.map(({ ruleId, title, atMs, transition, text }, index) => (
                <li
                  // biome-ignore lint/suspicious/noArrayIndexKey: events have no id, and equal ones may stand together
                  key={`${ruleId} ${atMs} ${index}`}
                  className="flex flex-wrap gap-x-3 border-t border-rule py-1 first:border-0"
                >
                  <span className="text-ink-3 whitespace-nowrap">
                    <Time ms={atMs} />
                  </span>
                  <span>
                    {title} <b className="font-medium">{TRANSITION_WORDS[transition]}</b>
                  </span>
                  <span className="text-ink-2">{text}</span>
                </li>
              ))}
            </ul>
          </section>
        )}
      </Panel>
    </>
  );
}

const NOTE = "rounded-sm border border-rule bg-surface px-4 py-2";

function NoReceiver() {
  return (
    <p className={NOTE}>
      There is no receiver yet: alerts are only shown here.{" "}
      <Link href="/alerts?tab=receivers&add=true" className="text-accent underline">
        Add a receiver
      </Link>
    </p>
  );
}

function NoRoute() {
  return (
    <p className={NOTE}>
      No route sends to a receiver yet: alerts are only shown here.{" "}
      <Link href="/alerts?tab=receivers" className="text-accent underline">
        Set up routes
      </Link>
    </p>
  );
}

function AlertTable({ alerts, nowMs }: { alerts: readonly AlertView[]; nowMs: number }) {
  const actor = useActor();
  const write = useAlertWrite();
  const acknowledge = (thread: string): void =>
    write.mutate({ path: "threads", method: "POST", body: { thread, actor: actor.trim() || null } });
  return (
    <section className="relative overflow-x-auto" tabIndex={0} aria-label="List of alerts">
      <Problem error={write.error} />
      <table className="w-full text-left">
        <TableHead names={["State", "Severity", "Alert", "Value", "Told to"]} />
        <tbody>
          {alerts.map((alert) => (
            <AlertRow
              key={`${alert.ruleId} ${alert.alertId}`}
              alert={alert}
              nowMs={nowMs}
              busy={write.isPending}
              acknowledge={acknowledge}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

type RowProps = {
  readonly alert: AlertView;
  readonly nowMs: number;
  readonly busy: boolean;
  readonly acknowledge: (thread: string) => void;
};

function AlertRow({ alert, nowMs, busy, acknowledge }: RowProps) {
  const { title, severity, labels, phase, sinceMs, value, unit, text, incidentId, silence, threads } = alert;
  const { word, tone } = PHASES[phase];
  const waiting = threads.find(({ acknowledgedMs }) => acknowledgedMs === null);
  const silenceHref = `/alerts?${new URLSearchParams({ tab: "silences", match: matchersInUrl(matchersFor(alert)) })}`;
  return (
    <tr className="border-t border-rule align-top" data-alert={alert.ruleId}>
      <td className="py-1.5 pr-4">
        <Verdict tone={tone}>{word}</Verdict>
        <div className="text-ink-3 whitespace-nowrap">for {inLength(nowMs - sinceMs)}</div>
      </td>
      <td className="py-1.5 pr-4">{SEVERITY_WORDS[severity]}</td>
      <td className="min-w-56 py-1.5 pr-4">
        <b className="font-medium">{title}</b>
        <span className="ml-2 text-ink-2">{labelsText(labels)}</span>
        <div className="max-w-160 text-ink-2">{text}</div>
        {alert.silentSinceMs !== null && phase !== "no_data" ? (
          <div className="text-warn">
            nothing measured for {inLength(nowMs - alert.silentSinceMs)}; it stays as it was
          </div>
        ) : null}
      </td>
      <td className="py-1.5 pr-4 whitespace-nowrap">
        {value === null || unit === "open" ? "–" : inUnit(unit, value)}
      </td>
      <td className="min-w-40 py-1.5 pr-4">
        <Told alert={alert} nowMs={nowMs} />
        {silence ? (
          <div className="text-ink-2">
            silenced until {inUtc(silence.endsMs, nowMs)}: {silence.reason}
          </div>
        ) : null}
      </td>
      <td className="py-1.5 text-right whitespace-nowrap">
        {waiting ? (
          <Gate need="operator">
            <button
              type="button"
              className="control"
              disabled={busy}
              onClick={() => acknowledge(waiting.thread)}
            >
              Acknowledge<span className="sr-only"> {title}</span>
            </button>
          </Gate>
        ) : null}{" "}
        {silence ? null : (
          <Gate need="operator">
            <Link href={silenceHref} className="control">
              Silence<span className="sr-only"> {title}</span>
            </Link>
          </Gate>
        )}{" "}
        {incidentId ? (
          <Link href={`/incidents/${encodeURIComponent(incidentId)}`} className="control">
            Incident
          </Link>
        ) : null}
      </td>
    </tr>
  );
}

function Told({ alert: { threads, receivers, firedMs }, nowMs }: { alert: AlertView; nowMs: number }) {
  if (threads.length === 0)
    return (
      <span className="text-ink-3">
        {receivers.length === 0
          ? "nobody: no route"
          : firedMs === null
            ? `nobody yet; would go to ${receivers.join(", ")}`
            : `nobody yet; goes to ${receivers.join(", ")}`}
      </span>
    );
  return (
    <ul>
      {threads.map(({ receiver, thread, toldMs, messages, acknowledgedMs, acknowledgedBy }) => (
        <li key={`${receiver} ${thread}`}>
          {receiver}
          <span className="text-ink-3">
            {toldMs === null ? "" : ` ${inLength(nowMs - toldMs)} ago`}
            {messages > 1 ? `, ${messages} messages` : ""}
          </span>
          {acknowledgedMs !== null ? (
            <span className="text-good"> acknowledged{acknowledgedBy ? ` by ${acknowledgedBy}` : ""}</span>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
