"use client";
import { useState } from "react";
import { Panel } from "@/components/ui/panel.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import { EmptyState } from "@/components/ui/states.tsx";
import type { AlertsReply, ReceiverView } from "@/lib/contract/read-alerts.ts";
import { notifierKind } from "@/lib/domain/notifier-kinds.ts";
import { TableHead } from "../../ui/table-head.tsx";
import { Verdict } from "../keys/verdict.tsx";
import { useRequest } from "../use-request.ts";
import { Gate, useMay } from "../visitor.tsx";
import { ReceiverSheet } from "./receiver-sheet.tsx";
import { useAlertWrite } from "./use-alert-write.ts";

const POLL_EVERY_MS = 1_000;

type Props = {
  readonly data: AlertsReply;
  readonly adding: boolean;
  readonly setAdding: (on: boolean) => void;
};

/** Who can be told. */
export function ReceiversPanel({ data, adding, setAdding }: Props) {
  const [editing, setEditing] = useState<ReceiverView | null>(null);
  const { receivers } = data;
  return (
    <Panel
      title="Receivers"
      note={
        receivers.length
          ? `${receivers.filter(({ routed }) => routed).length} of ${receivers.length} are in routes`
          : undefined
      }
      tools={
        <Gate need="admin">
          <button type="button" className="control" onClick={() => setAdding(true)}>
            Add a receiver
          </button>
        </Gate>
      }
    >
      {receivers.length === 0 ? (
        <EmptyState title="There is no receiver yet: alerts are only shown here.">
          Add a webhook, Slack, PagerDuty, Opsgenie, e-mail or Alertmanager; test it; then name it in the
          routes below.
        </EmptyState>
      ) : (
        <section className="relative overflow-x-auto" tabIndex={0} aria-label="List of receivers">
          <table className="w-full text-left">
            <TableHead names={["Name", "Kind", "Settings", "In routes", "Test"]} />
            <tbody>
              {receivers.map((receiver) => (
                <Row key={receiver.name} receiver={receiver} edit={() => setEditing(receiver)} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {adding ? <ReceiverSheet receiver={null} close={() => setAdding(false)} /> : null}
      {editing ? <ReceiverSheet receiver={editing} close={() => setEditing(null)} /> : null}
    </Panel>
  );
}

function Row({ receiver, edit }: { receiver: ReceiverView; edit: () => void }) {
  const { name, kind, origin, settings, secretsSet, routed } = receiver;
  const about = notifierKind(kind);
  const [sure, setSure] = useState(false);
  const write = useAlertWrite();
  const may = useMay("admin");
  return (
    <tr className="border-t border-rule align-top" data-receiver={name}>
      <th scope="row" className="py-1.5 pr-4 font-medium">
        {name}
        {origin === "file" ? <div className="font-normal text-ink-3">rules file</div> : null}
      </th>
      <td className="py-1.5 pr-4 whitespace-nowrap">{about?.title ?? kind}</td>
      <td className="max-w-120 min-w-48 py-1.5 pr-4 break-words">
        {settings === null ? (
          <span className="text-bad">cannot be read any more: save them again</span>
        ) : (
          <>
            {(about?.fields ?? [])
              .filter(({ kind: field, name: key }) => field !== "long" && isShown(settings[key]))
              .map(({ name: key }) => textOf(settings[key]))
              .join(" · ")}
            {secretsSet.length ? (
              <span className="text-ink-3">
                {" "}
                {secretsSet
                  .map((key) => about?.fields.find((field) => field.name === key)?.label ?? key)
                  .join(", ")}{" "}
                set
              </span>
            ) : null}
          </>
        )}
        <Problem error={write.error} />
      </td>
      <td className="py-1.5 pr-4">{routed ? "yes" : <span className="text-warn">no</span>}</td>
      <td className="min-w-40 py-1 pr-4">
        <TestButton name={name} />
      </td>
      <td className="py-1 text-right whitespace-nowrap">
        {origin === "file" || !may ? null : (
          <>
            <button type="button" className="control" onClick={edit}>
              Edit<span className="sr-only"> {name}</span>
            </button>{" "}
            {sure ? (
              <button
                type="button"
                className="control border-bad text-bad"
                disabled={write.isPending}
                onClick={() =>
                  write.mutate(
                    { path: `receivers/${encodeURIComponent(name)}`, method: "DELETE" },
                    { onError: () => setSure(false) },
                  )
                }
              >
                Really delete<span className="sr-only"> {name}</span>
              </button>
            ) : (
              <button type="button" className="control" onClick={() => setSure(true)}>
                Delete<span className="sr-only"> {name}</span>
              </button>
            )}
          </>
        )}
      </td>
    </tr>
  );
}

const isShown = (value: unknown): boolean =>
  value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0);
const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(", ") : String(value));

/** Sends a test the way that alerts go, and says what became of it. */
function TestButton({ name }: { name: string }) {
  const write = useAlertWrite();
  const id = write.data?.id;
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <Gate need="admin">
        <button
          type="button"
          className="control"
          disabled={write.isPending}
          onClick={() => write.mutate({ path: `receivers/${encodeURIComponent(name)}/test`, method: "POST" })}
        >
          Send a test<span className="sr-only"> to {name}</span>
        </button>
      </Gate>
      <span role="status">{id === undefined ? null : <TestResult key={id} id={id} />}</span>
      <Problem error={write.error} />
    </span>
  );
}

function TestResult({ id }: { id: string }) {
  const { data } = useRequest("messages", { id }, { everyMs: POLL_EVERY_MS });
  const message = data?.messages.find((one) => one.id === id);
  if (message?.state === "sent")
    return (
      <Verdict tone="good">{`taken${message.tries[0] ? ` in ${message.tries[0].durationMs} ms` : ""}`}</Verdict>
    );
  if (message?.state === "dead")
    return (
      <span className="text-bad break-words">
        <b aria-hidden>✕ </b>
        {message.lastError ?? "refused"}
      </span>
    );
  return (
    <span className="text-ink-3">
      {message?.lastError
        ? `tried ${message.attempts} times: ${message.lastError}`
        : "waits for the collector …"}
    </span>
  );
}
