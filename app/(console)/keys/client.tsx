"use client";
import { useQueryStates } from "nuqs";
import { AgreementSection } from "@/components/panels/keys/agreement-section.tsx";
import { GanttPanel } from "@/components/panels/keys/gantt-panel.tsx";
import { GroupsPanel } from "@/components/panels/keys/groups-panel.tsx";
import { KeyDetail } from "@/components/panels/keys/key-detail.tsx";
import { KeyFindings } from "@/components/panels/keys/key-findings.tsx";
import { KeysEmpty } from "@/components/panels/keys/keys-empty.tsx";
import { KeyRanges, KeysHead } from "@/components/panels/keys/keys-head.tsx";
import { RevocationsPanel } from "@/components/panels/keys/revocations-panel.tsx";
import { RotationsPanel } from "@/components/panels/keys/rotations-panel.tsx";
import { useRequest } from "@/components/panels/use-request.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { keysChanges, keysFindings, keysParsers, keysRequest } from "@/lib/client/keys-view.ts";

/** Keys live for hours: commits every second are no reason to ask. */
const LOOK_EVERY_MS = 30_000;

export function KeysPage() {
  const [view, setView] = useQueryStates(keysParsers, { history: "push", shallow: true, scroll: false });
  const { data, error, refetch } = useRequest("keys", keysRequest(view), { everyMs: LOOK_EVERY_MS });
  const changes = useRequest("changes", keysChanges(view), { everyMs: LOOK_EVERY_MS });
  return (
    <div className="space-y-3 pt-3">
      <KeysHead
        current="/keys"
        endpoint={view.endpoint}
        setEndpoint={(endpoint) => void setView({ endpoint, node: null })}
      >
        <KeyRanges view={view} setView={(next) => void setView(next)} />
        {view.node ? (
          <button
            type="button"
            className="control"
            aria-pressed="true"
            onClick={() => void setView({ node: null })}
          >
            node: {view.node} <span aria-hidden>×</span>
            <span className="sr-only">remove this filter</span>
          </button>
        ) : null}
      </KeysHead>
      {error ? (
        <Panel title="Who shares keys">
          <ErrorState error={error} retry={() => void refetch()} />
        </Panel>
      ) : !data ? (
        <>
          <Placeholder height={180} />
          <Placeholder height={320} />
        </>
      ) : data.keysTotal === 0 && data.missing.length === 0 ? (
        <Panel title="Who shares keys">
          <KeysEmpty />
        </Panel>
      ) : (
        <>
          <GroupsPanel keys={data} />
          <GanttPanel
            keys={data}
            changes={changes.data?.changes ?? []}
            selected={view.key}
            apart={view.nodes}
            onSelect={(key) => void setView({ key })}
            onApart={(nodes) => void setView({ nodes })}
          />
          {view.key ? (
            <KeyDetail keys={data} keyName={view.key} close={() => void setView({ key: null })} />
          ) : null}
          <AgreementSection
            keys={data}
            endpoint={view.endpoint}
            node={view.node}
            whole={view.whole}
            setWhole={(whole) => void setView({ whole })}
          />
          <RotationsPanel keys={data} />
          <RevocationsPanel keys={data} />
          <KeyFindings params={keysFindings(view)} />
        </>
      )}
    </div>
  );
}
