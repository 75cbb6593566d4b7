"use client";
import { ConnectSource } from "@/components/panels/connect-source.tsx";
import { SourcesTable } from "@/components/panels/sources-table.tsx";
import { useRequest } from "@/components/panels/use-request.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { EmptyState, ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { useLiveUpdates } from "@/lib/client/live.ts";

export function SourcesPage({ collector, syslog }: { collector: string; syslog: string }) {
  useLiveUpdates(true);
  const { data, error, refetch } = useRequest("sources", {});
  return (
    <div className="space-y-3 pt-3">
      <h1 className="px-4 text-xl font-semibold tracking-tight sm:px-0">Sources</h1>
      <Panel title="Who sends" note={data ? `${data.sources.length} senders` : undefined}>
        {error ? (
          <ErrorState error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Placeholder height={120} />
        ) : data.sources.length === 0 ? (
          <EmptyState title="Nobody has sent anything yet.">Connect one below.</EmptyState>
        ) : (
          <SourcesTable sources={data.sources} nowMs={data.nowMs} />
        )}
      </Panel>
      <ConnectSource collector={collector} syslog={syslog} />
    </div>
  );
}
