"use client";
import { useQueryStates } from "nuqs";
import { Choice, SpanChoice } from "@/components/panels/choice.tsx";
import { IncidentTable } from "@/components/panels/incidents/incident-table.tsx";
import { byUrgency } from "@/components/panels/incidents/words.ts";
import { useRequest } from "@/components/panels/use-request.ts";
import { nameOf } from "@/components/ui/format.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { EmptyState, ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { useLiveUpdates } from "@/lib/client/live.ts";
import type { SegmentsReply } from "@/lib/contract/read.ts";
import { inList } from "@/lib/domain/words.ts";
import { type ListView, listParsers, listRequest, SPAN_NAMES } from "./search-params.ts";

/** Endpoints that sent anything lately. */
const SEEN = { from: "now-7d", to: "now", limit: "1" };
const LEARNING =
  "Reprise learns what is usual for each endpoint, node, region, client family and protocol, and judges once it has a day of history.";
const STATES = {
  all: "All states",
  open: "Open",
  acknowledged: "Acknowledged",
  resolved: "Resolved",
} as const;
const CLASSES = { all: "Pages and infos", page: "Pages only", info: "Infos only" } as const;

export function IncidentsPage() {
  const [view, setView] = useQueryStates(listParsers, { history: "push", shallow: true, scroll: false });
  useLiveUpdates(true);
  const { data, error, refetch } = useRequest("incidents", listRequest(view));
  const incidents = data ? [...data.incidents].sort(byUrgency) : [];
  const going = incidents.filter(({ state }) => state !== "resolved").length;
  return (
    <div className="space-y-3 pt-3">
      <div className="space-y-3 px-4 sm:px-0">
        <h1 className="text-xl font-semibold tracking-tight">Incidents</h1>
        <Filters view={view} setView={(next) => void setView(next)} />
      </div>
      <Panel
        title="What departed from the usual"
        note={data ? `${going} going on, ${incidents.length - going} resolved` : undefined}
      >
        {error && !data ? (
          <ErrorState error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Placeholder height={160} />
        ) : incidents.length === 0 ? (
          <Nothing view={view} clear={() => void setView(null)} />
        ) : (
          <IncidentTable incidents={incidents} nowMs={data.nowMs} />
        )}
      </Panel>
    </div>
  );
}

type FiltersProps = { readonly view: ListView; readonly setView: (next: Partial<ListView>) => void };

function Filters({ view, setView }: FiltersProps) {
  const segments = useRequest("segments", SEEN);
  const seen = valuesOf(segments.data).filter((name) => name !== null);
  const endpoints = view.endpoint && !seen.includes(view.endpoint) ? [view.endpoint, ...seen] : seen;
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <Choice
        label="State"
        value={view.state}
        choices={STATES}
        choose={(state) => setView({ state: state as ListView["state"] })}
      />
      <Choice
        label="Class"
        value={view.class}
        choices={CLASSES}
        choose={(kind) => setView({ class: kind as ListView["class"] })}
      />
      <Choice
        label="Endpoint"
        value={view.endpoint ?? ""}
        choices={{ "": "All endpoints", ...Object.fromEntries(endpoints.map((name) => [name, name])) }}
        choose={(name) => setView({ endpoint: name || null })}
      />
      <SpanChoice
        label="Going on within the last"
        names={SPAN_NAMES}
        value={view.since}
        choose={(since) => setView({ since })}
      />
    </div>
  );
}

function Nothing({ view, clear }: { view: ListView; clear: () => void }) {
  const narrowed = view.state !== "all" || view.class !== "all" || view.endpoint !== null;
  if (narrowed)
    return (
      <EmptyState title="No incident fits these filters.">
        <button type="button" className="control mt-1" onClick={clear}>
          Show all
        </button>
      </EmptyState>
    );
  return <AllIsWell since={view.since} />;
}

const valuesOf = (data: SegmentsReply | undefined): readonly (string | null)[] =>
  (data?.values.endpoint ?? []).map(({ value }) => value);

/** No incident: because all is well, or because nothing can be judged yet. */
function AllIsWell({ since }: { since: string }) {
  const seen = useRequest("segments", SEEN);
  const earlier = useRequest("segments", { from: "now-8d", to: "now-1d", limit: "1" });
  const error = seen.error ?? earlier.error;
  if (error)
    return <ErrorState error={error} retry={() => void Promise.all([seen.refetch(), earlier.refetch()])} />;
  if (!seen.data || !earlier.data) return <Placeholder height={80} />;
  const judged = valuesOf(earlier.data).map(nameOf);
  const learning = valuesOf(seen.data)
    .map(nameOf)
    .filter((name) => !judged.includes(name));
  if (judged.length === 0)
    return (
      <EmptyState
        title={`Nothing is judged yet: ${learning.length ? "the history is shorter than a day." : "no handshake has arrived."}`}
      >
        {LEARNING}
      </EmptyState>
    );
  return (
    <EmptyState title={`All is well: no incident within the last ${since}.`}>
      {judged.length === 1 ? "One endpoint is" : `${judged.length} endpoints are`} judged
      {learning.length ? `; of ${inList(learning)} there is less than a day of history` : ""}. {LEARNING}
    </EmptyState>
  );
}
