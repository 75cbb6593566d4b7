"use client";
import type { ReactNode } from "react";
import { Panel } from "@/components/ui/panel.tsx";
import { EmptyState, ErrorState, Placeholder } from "@/components/ui/states.tsx";
import type { AuditReply } from "@/lib/contract/read-audit.ts";
import { AuditRow } from "./audit-row.tsx";

export type Narrowing = {
  readonly actor?: string | null;
  readonly targetKind?: string | null;
  readonly targetId?: string | null;
};

type AuditPanelProps = {
  readonly answer: {
    readonly data: AuditReply | undefined;
    readonly error: Error | null;
    readonly refetch: () => unknown;
  };
  readonly since: string;
  readonly filters: Narrowing;
  readonly narrowed: boolean;
  readonly narrow: (next: Narrowing) => void;
  readonly clear: () => void;
  readonly older: (before: number) => void;
  readonly tools: ReactNode;
};

/** What people changed, the newest first; each line unfolds to what it was and what it is then. */
export function AuditPanel(props: AuditPanelProps) {
  const { answer, filters, narrowed, clear, older, tools, since } = props;
  const { data, error, refetch } = answer;
  return (
    <Panel
      title="What people changed"
      note="Only added to, never rewritten: reprise audit verify checks it."
      tools={tools}
    >
      {narrowed ? <Filters filters={filters} clear={clear} /> : null}
      {error && !data ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Placeholder height={240} />
      ) : data.entries.length === 0 ? (
        <EmptyState
          title={
            narrowed ? "No entry fits these filters." : `Nobody changed anything within the last ${since}.`
          }
        >
          <p className="max-w-3xl">
            Whatever is changed in this console or by its commands is kept here: changes recorded, incidents
            and findings handled, policy, probes, alert rules and tokens.
          </p>
        </EmptyState>
      ) : (
        <Entries {...props} data={data} />
      )}
      {data?.next ? (
        <button type="button" className="control mt-2" onClick={() => older(data.next ?? 0)}>
          Older
        </button>
      ) : null}
    </Panel>
  );
}

function Filters({ filters, clear }: { filters: Narrowing; clear: () => void }) {
  const { actor, targetKind, targetId } = filters;
  const who = actor === "-" ? "nobody signed in" : actor;
  return (
    <p className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-2">
      {who ? <span>by {who}</span> : null}
      {targetKind ? (
        <span className="break-all">
          on {targetKind} {targetId}
        </span>
      ) : null}
      <button type="button" className="control" onClick={clear}>
        Show all
      </button>
    </p>
  );
}

function Entries({ data, narrow }: AuditPanelProps & { readonly data: AuditReply }) {
  return (
    <section className="overflow-x-auto" tabIndex={0} aria-label="Entries">
      <table className="w-full text-left">
        <thead className="text-ink-3">
          <tr>
            <th className="py-1 pr-4 font-normal max-sm:hidden">No.</th>
            <th className="py-1 pr-4 font-normal">When</th>
            <th className="pr-4 font-normal max-sm:hidden">Who</th>
            <th className="pr-4 font-normal max-sm:hidden">From</th>
            <th className="pr-4 font-normal">What</th>
            <th className="pr-4 font-normal max-sm:hidden">On</th>
            <th className="font-normal">Fields</th>
          </tr>
        </thead>
        <tbody>
          {data.entries.map((entry) => (
            <AuditRow key={entry.id} entry={entry} narrow={narrow} />
          ))}
        </tbody>
      </table>
    </section>
  );
}
