"use client";
import { ConnectSource } from "@/components/panels/sources/connect-source.tsx";
import type { Listeners } from "@/components/panels/sources/fill-in.ts";
import { SendersTable } from "@/components/panels/sources/senders-table.tsx";
import { TruthsPanel } from "@/components/panels/sources/truths-panel.tsx";
import { useRequest } from "@/components/panels/use-request.ts";
import { formatCount } from "@/components/ui/format.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { EmptyState, ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { useLiveUpdates } from "@/lib/client/live.ts";
import type { SourcesReply } from "@/lib/contract/read-sources.ts";

/** A sender that falls silent commits nothing, so its silence is asked for. */
const SILENCE_SHOWS_MS = 5_000;

export function SourcesPage({ listeners }: { listeners: Listeners }) {
  useLiveUpdates(true);
  const { data, error, refetch } = useRequest("sources", {}, { everyMs: SILENCE_SHOWS_MS });
  return (
    <div className="space-y-3 pt-3">
      <h1 className="px-4 text-xl font-semibold tracking-tight sm:px-0">Sources</h1>
      <Panel title="Who sends" note={data ? noteOf(data) : undefined}>
        {error ? (
          <ErrorState error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Placeholder height={120} />
        ) : data.sources.length === 0 ? (
          <EmptyState title="Nobody has sent anything yet.">Connect one below.</EmptyState>
        ) : (
          <SendersTable sources={data.sources} nowMs={data.nowMs} />
        )}
      </Panel>
      {data ? <TruthsPanel truths={data.truths} /> : null}
      <ConnectSource listeners={listeners} sources={data?.sources} nowMs={data?.nowMs ?? 0} />
    </div>
  );
}

function noteOf({ sources }: SourcesReply): string {
  const silent = sources.filter((s) => s.silentSinceMs !== null).length;
  const faulty = sources.filter((s) => s.breaches.length > 0).length;
  const parts = [`${formatCount(sources.length)} ${sources.length === 1 ? "sender" : "senders"}`];
  if (silent) parts.push(`${silent} silent`);
  if (faulty) parts.push(`${faulty} with data faults`);
  return parts.join(", ");
}
