"use client";
import { parseAsBoolean, parseAsString, useQueryState } from "nuqs";
import { ChangesTable } from "@/components/panels/changes-table.tsx";
import { RecordChange } from "@/components/panels/record-change.tsx";
import { Toolbar } from "@/components/panels/toolbar.tsx";
import { useRequest } from "@/components/panels/use-request.ts";
import { useView } from "@/components/panels/use-view.ts";
import { Gate } from "@/components/panels/visitor.tsx";
import { Panel } from "@/components/ui/panel.tsx";
import { EmptyState, ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { pageRequests } from "@/lib/client/view.ts";
import { CHANGE_KINDS } from "@/lib/domain/vocabulary.ts";

export function ChangesPage() {
  const [view] = useView();
  const [recording, setRecording] = useQueryState("record", parseAsBoolean.withDefault(false));
  const [kind, setKind] = useQueryState("kind", parseAsString.withDefault(""));
  const { data, error, refetch } = useRequest("changes", pageRequests(view).changes);
  const changes = (data?.changes ?? []).filter((change) => kind === "" || change.kind === kind);
  return (
    <div className="space-y-3 pt-3">
      <div className="space-y-3 px-4 sm:px-0">
        <h1 className="text-xl font-semibold tracking-tight">Changes</h1>
        <Toolbar />
      </div>
      <Panel
        title="What was done to the fleet"
        note={data ? `${changes.length} in this window` : undefined}
        tools={
          <>
            <label className="control">
              <span className="sr-only">Kind</span>
              <select
                className="bg-transparent"
                value={kind}
                onChange={(event) => void setKind(event.target.value || null)}
              >
                <option value="">All kinds</option>
                {CHANGE_KINDS.map((name) => (
                  <option key={name} value={name}>
                    {name.replaceAll("_", " ")}
                  </option>
                ))}
              </select>
            </label>
            <Gate need="operator">
              <button type="button" className="control" onClick={() => void setRecording(true)}>
                Record a change
              </button>
            </Gate>
          </>
        }
      >
        {error ? (
          <ErrorState error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Placeholder height={160} />
        ) : changes.length === 0 ? (
          <EmptyState title="No change in this window.">
            Pipelines push them to the collector (<code>POST /v1/changes</code> or{" "}
            <code>npx reprise change</code>), proxies show their reloads, and you can record one by hand.
          </EmptyState>
        ) : (
          <ChangesTable changes={changes} />
        )}
      </Panel>
      {recording ? <RecordChange onClose={() => void setRecording(null)} /> : null}
    </div>
  );
}
