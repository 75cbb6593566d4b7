"use client";
import { type FormEvent, useRef } from "react";
import { Fold } from "@/components/ui/fold.tsx";
import { Panel } from "@/components/ui/panel.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { IncidentAction, IncidentReply, IncidentUpdate } from "@/lib/contract/read-incidents.ts";
import { NameField } from "../name-field.tsx";
import { useActor } from "../use-actor.ts";
import { Gate } from "../visitor.tsx";
import { useIncidentAct } from "./use-incident-act.ts";

/** Life: who has it, what people did and said, and what the detector believed at each step. */
export function LifePanel({ reply }: { reply: IncidentReply }) {
  const { incident, updates } = reply;
  const act = useIncidentAct(incident.id);
  const actor = useActor();
  const form = useRef<HTMLFormElement>(null);
  const does = (action: IncidentAction["action"], text: string | null): void =>
    act.mutate(
      { action, actor: actor.trim() || null, text },
      { onSuccess: () => action === "comment" && form.current?.reset() },
    );
  const textOf = (event: FormEvent<HTMLFormElement>, name: string): string => {
    event.preventDefault();
    return String(new FormData(event.currentTarget).get(name) ?? "").trim();
  };
  return (
    <Panel title="Life" note={incident.assignee ? `with ${incident.assignee}` : "with nobody yet"}>
      <Gate need="operator">
        <NameField />
        <form
          className="mt-2 flex items-end gap-1.5"
          onSubmit={(event) => does("assign", textOf(event, "assignee") || null)}
        >
          <label className="min-w-0 grow">
            <span className="label">Assign to</span>
            <input
              name="assignee"
              key={incident.assignee}
              className="field"
              defaultValue={incident.assignee ?? ""}
              maxLength={253}
            />
          </label>
          <button type="submit" className="control h-8 shrink-0" disabled={act.isPending}>
            Assign
          </button>
        </form>
        <form
          ref={form}
          className="mt-2"
          onSubmit={(event) => {
            const text = textOf(event, "comment");
            if (text) does("comment", text);
          }}
        >
          <label className="block">
            <span className="label">Comment</span>
            <textarea name="comment" rows={2} required maxLength={10_000} className="field h-auto py-1" />
          </label>
          <div className="mt-1 flex justify-between gap-1.5">
            <button type="submit" className="control" disabled={act.isPending}>
              Comment
            </button>
            {incident.state === "resolved" ? null : (
              <button
                type="button"
                className="control"
                disabled={act.isPending}
                onClick={() => does("resolve", null)}
              >
                Resolve by hand
              </button>
            )}
          </div>
        </form>
      </Gate>
      {act.error ? (
        <p role="alert" className="mt-2 text-bad">
          {act.error.message}
        </p>
      ) : null}
      <Timeline updates={updates} />
    </Panel>
  );
}

const WORDS: Readonly<Record<IncidentUpdate["kind"], string>> = {
  opened: "Opened",
  refined: "Judged anew",
  resolved: "Resolved",
  reopened: "Opened again",
  acknowledged: "Acknowledged",
  unacknowledged: "Acknowledgement withdrawn",
  assigned: "Assigned",
  comment: "Comment",
};
/** Steps shown at once; older ones unfold. */
const SHOWN = 12;

function Timeline({ updates }: { updates: readonly IncidentUpdate[] }) {
  const newest = [...updates].sort((a, b) => b.atMs - a.atMs);
  const older = newest.slice(SHOWN);
  return (
    <>
      <h3 className="mt-3 mb-1 text-ink-3">Timeline</h3>
      {newest.length === 0 ? <p className="text-ink-2">No step is recorded.</p> : null}
      <Steps updates={newest.slice(0, SHOWN)} />
      {older.length ? (
        <Fold head={`${older.length} earlier steps`}>
          <Steps updates={older} />
        </Fold>
      ) : null}
    </>
  );
}

function Steps({ updates }: { updates: readonly IncidentUpdate[] }) {
  return (
    <ol aria-label="Timeline">
      {updates.map(({ atMs, kind, actor, text }) => (
        <li key={`${atMs} ${kind} ${text}`} className="border-t border-rule py-1" data-update={kind}>
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span className={kind === "refined" ? "text-ink-2" : "font-medium"}>{WORDS[kind]}</span>
            {actor ? <span>by {actor}</span> : null}
            <span className="ml-auto text-ink-3">
              <Time ms={atMs} />
            </span>
          </p>
          {text ? <p className="break-words whitespace-pre-wrap text-ink-2">{text}</p> : null}
        </li>
      ))}
    </ol>
  );
}
