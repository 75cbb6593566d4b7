"use client";
import { useQueryStates } from "nuqs";
import { Choice } from "@/components/panels/choice.tsx";
import { DeclarationsPanel } from "@/components/panels/policy/declarations-panel.tsx";
import { ExceptionsPanel } from "@/components/panels/policy/exceptions-panel.tsx";
import { PolicySummary } from "@/components/panels/policy/policy-summary.tsx";
import { RuleDetail } from "@/components/panels/policy/rule-detail.tsx";
import { RuleMatrix } from "@/components/panels/policy/rule-matrix.tsx";
import { SEVERITY_NAMES, VERDICT_WORDS } from "@/components/panels/policy/words.ts";
import { useRequest } from "@/components/panels/use-request.ts";
import { useDownload } from "@/components/panels/visitor.tsx";
import { Panel } from "@/components/ui/panel.tsx";
import { EmptyState, ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { Time } from "@/components/ui/zone.tsx";
import { type PolicyView, policyFilters, policyParsers } from "./search-params.ts";

const ANY_VERDICT = { all: "All verdicts", ...VERDICT_WORDS };
const ANY_SEVERITY = { all: "All severities", ...SEVERITY_NAMES };

/** Verdicts are over a day and more: they need not follow each commit. */
const JUDGE_EVERY_MS = 30_000;

export function PolicyPage() {
  const [view, setView] = useQueryStates(policyParsers, { history: "push", shallow: true, scroll: false });
  // Everything, for the summary and the rule that is looked at; and what the filters let through, for the table.
  const { data, error, refetch } = useRequest("policy", {}, { everyMs: JUDGE_EVERY_MS });
  const filters = policyFilters(view);
  const listed = useRequest("policy", filters, { everyMs: JUDGE_EVERY_MS }).data ?? data;
  const rule = data?.rules.find(({ id }) => id === view.rule);
  const set = (next: Partial<PolicyView>) => void setView(next);
  return (
    <div className="space-y-3 pt-3">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1 px-4 sm:px-0">
        <h1 className="text-xl font-semibold tracking-tight">Policy</h1>
        {data ? (
          <p className="text-ink-3">
            Thirty hygiene rules over handshakes since <Time ms={data.fromMs} />, keys of 30 days and findings
            of 7 days
          </p>
        ) : null}
      </div>
      {error && !data ? (
        <Panel title="Rules">
          <ErrorState error={error} retry={() => void refetch()} />
        </Panel>
      ) : !data || !listed ? (
        <Panel title="Rules">
          <Placeholder height={480} />
        </Panel>
      ) : (
        <>
          <PolicySummary
            policy={data}
            show={(next) => set({ endpoint: null, severity: "all", verdict: "all", ...next })}
          />
          <div className={rule ? "grid gap-3 xl:grid-cols-[minmax(0,1fr)_minmax(0,36rem)]" : ""}>
            {rule ? (
              <div className="min-w-0 xl:order-2">
                <RuleDetail
                  key={rule.id}
                  rule={rule}
                  at={view.at ?? view.endpoint}
                  policy={data}
                  close={() => set({ rule: null, at: null })}
                />
              </div>
            ) : null}
            <Panel
              title="Rules"
              note={`${listed.rules.length} of ${data.rules.length}`}
              tools={
                <Tools
                  view={view}
                  set={set}
                  endpoints={data.endpoints.map(({ endpoint }) => endpoint)}
                  csv={filters}
                />
              }
            >
              {listed.rules.length === 0 ? (
                <EmptyState title="No verdict fits these filters.">
                  <button
                    type="button"
                    className="control mt-1"
                    onClick={() => set({ verdict: "all", severity: "all", endpoint: null })}
                  >
                    Show all
                  </button>
                </EmptyState>
              ) : (
                <RuleMatrix
                  rules={listed.rules}
                  endpoints={data.endpoints.filter(
                    ({ endpoint }) => !view.endpoint || endpoint === view.endpoint,
                  )}
                  total={data.endpointsTotal}
                  chosen={view.rule}
                  choose={(id, at) => set({ rule: id, at })}
                />
              )}
            </Panel>
          </div>
          <ExceptionsPanel policy={data} />
          <DeclarationsPanel policy={data} scope={view.declare} choose={(declare) => set({ declare })} />
        </>
      )}
    </div>
  );
}

type ToolsProps = {
  readonly view: PolicyView;
  readonly set: (next: Partial<PolicyView>) => void;
  readonly endpoints: readonly string[];
  readonly csv: Record<string, string>;
};

function Tools({ view, set, endpoints, csv }: ToolsProps) {
  const href = useDownload("/api/policy", { ...csv, format: "csv" });
  const names =
    view.endpoint && !endpoints.includes(view.endpoint) ? [view.endpoint, ...endpoints] : endpoints;
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <Choice
        label="Verdict"
        value={view.verdict}
        choices={ANY_VERDICT}
        choose={(verdict) => set({ verdict: verdict as PolicyView["verdict"] })}
      />
      <Choice
        label="Severity"
        value={view.severity}
        choices={ANY_SEVERITY}
        choose={(severity) => set({ severity: severity as PolicyView["severity"] })}
      />
      <Choice
        label="Endpoint"
        value={view.endpoint ?? ""}
        choices={{ "": "All endpoints", ...Object.fromEntries(names.map((name) => [name, name])) }}
        choose={(name) => set({ endpoint: name || null })}
      />
      <a className="control" href={href} download="policy.csv">
        CSV
      </a>
    </div>
  );
}
