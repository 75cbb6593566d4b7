"use client";
import { useQueryStates } from "nuqs";
import { Choice, SpanChoice } from "@/components/panels/choice.tsx";
import { FindingsPanel } from "@/components/panels/security/findings-panel.tsx";
import { SecurityCharts } from "@/components/panels/security/security-charts.tsx";
import { Toolbar } from "@/components/panels/toolbar.tsx";
import { useRequest } from "@/components/panels/use-request.ts";
import { useDownload } from "@/components/panels/visitor.tsx";
import { securityRequest } from "@/lib/client/view.ts";
import { FINDING_WORDS } from "@/lib/domain/finding-words.ts";
import { FINDING_KINDS } from "@/lib/domain/findings.ts";
import { findingsRequest, type SecurityView, SPAN_NAMES, securityParsers } from "./search-params.ts";

const STATES = {
  unsettled: "Open and acknowledged",
  open: "Open",
  acknowledged: "Acknowledged",
  closed: "Closed",
  all: "All states",
} as const;
const KINDS = {
  all: "All kinds",
  ...Object.fromEntries(FINDING_KINDS.map((kind) => [kind, FINDING_WORDS[kind].label])),
};

export function SecurityPage() {
  const [view, setView] = useQueryStates(securityParsers, { history: "push", shallow: true, scroll: false });
  const request = findingsRequest(view);
  const findings = useRequest("findings", request);
  const security = useRequest("security", securityRequest(view));
  const csv = useDownload("/api/findings", { ...request, format: "csv" });
  return (
    <div className="space-y-3 pt-3">
      <h1 className="px-4 text-xl font-semibold tracking-tight sm:px-0">Security</h1>
      <FindingsPanel
        answer={findings}
        narrowed={view.state !== "unsettled" || view.kind !== "all" || view.endpoint !== null}
        showAll={() => void setView({ state: "all", kind: "all", endpoint: null, since: "90d" })}
        since={view.since}
        tools={<Tools view={view} set={(next) => void setView(next)} csv={csv} />}
      />
      <div className="px-4 pt-2 sm:px-0">
        <Toolbar />
      </div>
      <SecurityCharts answer={security} findings={findings.data?.findings ?? []} />
    </div>
  );
}

type ToolsProps = {
  readonly view: SecurityView;
  readonly set: (next: Partial<SecurityView>) => void;
  readonly csv: string;
};

function Tools({ view, set, csv }: ToolsProps) {
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <Choice
        label="State"
        value={view.state}
        choices={STATES}
        choose={(state) => set({ state: state as SecurityView["state"] })}
      />
      <Choice
        label="Kind"
        value={view.kind}
        choices={KINDS}
        choose={(kind) => set({ kind: kind as SecurityView["kind"] })}
      />
      <SpanChoice
        label="Seen within the last"
        names={SPAN_NAMES}
        value={view.since}
        choose={(since) => set({ since })}
      />
      <a href={csv} download className="control">
        CSV
      </a>
    </div>
  );
}
