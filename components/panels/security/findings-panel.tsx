import type { ReactNode } from "react";
import { Panel } from "@/components/ui/panel.tsx";
import { EmptyState, ErrorState, Placeholder } from "@/components/ui/states.tsx";
import type { FindingsReply, FindingView } from "@/lib/contract/read-security.ts";
import { SEVERITIES } from "@/lib/domain/findings.ts";
import { inList } from "@/lib/domain/words.ts";
import { FindingEntry } from "./finding-entry.tsx";

/** An answer of the read API as a panel takes it. */
export type Answer<T> = {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
};

type FindingsPanelProps = {
  readonly answer: Answer<FindingsReply>;
  readonly narrowed: boolean;
  readonly showAll: () => void;
  readonly since: string;
  readonly tools: ReactNode;
};

/** Findings, the most severe first, each with its evidence and what to do. */
export function FindingsPanel({ answer, narrowed, showAll, since, tools }: FindingsPanelProps) {
  const { data, error, refetch } = answer;
  const findings = [...(data?.findings ?? [])].sort(bySeverity);
  return (
    <Panel title="Findings" note={data ? noteOf(findings) : undefined} tools={tools}>
      {error && !data ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Placeholder height={160} />
      ) : findings.length === 0 ? (
        <Nothing data={data} narrowed={narrowed} showAll={showAll} since={since} />
      ) : (
        <ul aria-label="List of findings">
          {findings.map((finding) => (
            <FindingEntry key={finding.id} finding={finding} nowMs={data.nowMs} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

const rank = ({ severity, state }: FindingView): number =>
  SEVERITIES.indexOf(severity) + (state === "closed" ? SEVERITIES.length : 0);

function bySeverity(a: FindingView, b: FindingView): number {
  return rank(a) - rank(b) || b.lastMs - a.lastMs;
}

function noteOf(findings: readonly FindingView[]): string {
  const parts = SEVERITIES.flatMap((severity) => {
    const count = findings.filter((one) => one.severity === severity).length;
    return count > 0 ? [`${count} ${severity}`] : [];
  });
  return parts.length > 0 ? parts.join(", ") : "none";
}

type NothingProps = Pick<FindingsPanelProps, "narrowed" | "showAll" | "since"> & {
  readonly data: FindingsReply;
};

function Nothing({ data, narrowed, showAll, since }: NothingProps) {
  if (narrowed)
    return (
      <EmptyState title="No finding fits these filters.">
        <button type="button" className="control mt-1" onClick={showAll}>
          Show all
        </button>
      </EmptyState>
    );
  return (
    <EmptyState title={`No open finding within the last ${since}.`}>
      <p className="max-w-3xl">{sightOf(data.sources)}</p>
    </EmptyState>
  );
}

/** Who can tell misuse: without tickets, nobody can. */
function sightOf(sources: FindingsReply["sources"]): string {
  const names = (part: FindingsReply["sources"]): string =>
    inList([...new Set(part.map(({ source, sender }) => (sender ? `${source} (${sender})` : source)))]);
  const tickets = sources.filter((one) => one.tickets);
  const clients = sources.filter((one) => one.clients);
  const how =
    "Spread, reuse, other names and replays are looked for in handshakes that carry a ticket id and a client: native events with ticketId and client tell both. Both are hashed on arrival.";
  if (sources.length === 0) return `No single handshake has arrived yet. ${how}`;
  if (tickets.length === 0)
    return `No source told a ticket in its newest handshake${clients.length > 0 ? `; clients are told by ${names(clients)}` : ""}. So only alerts and bursts of unreadable tickets can be found. ${how}`;
  return `Tickets are told by ${names(tickets)}${clients.length > 0 ? `, clients by ${names(clients)}` : ", clients by none"}. ${how}`;
}
