"use client";
import Link from "next/link";
import { useQueryStates } from "nuqs";
import { shortKey } from "@/components/charts/prepare/gantt.ts";
import { RecoveryPanel } from "@/components/panels/incidents/course-panel.tsx";
import { Checklist } from "@/components/panels/keys/emergency/checklist.tsx";
import { candidates, revocationOf } from "@/components/panels/keys/emergency/proof.ts";
import { KeysEmpty } from "@/components/panels/keys/keys-empty.tsx";
import { KeysHead } from "@/components/panels/keys/keys-head.tsx";
import { NameField } from "@/components/panels/name-field.tsx";
import { useRequest } from "@/components/panels/use-request.ts";
import { formatAge, nameOf } from "@/components/ui/format.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { EmptyState, ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { emergencyParsers, emergencyRequests } from "@/lib/client/keys-view.ts";
import type { KeysReply } from "@/lib/contract/read-keys.ts";

/** Proof is watched while the page is open. */
const WATCH_MS = 10_000;

export function EmergencyPage() {
  const [view, setView] = useQueryStates(emergencyParsers, { history: "push", shallow: true, scroll: false });
  const requests = emergencyRequests(view);
  const keys = useRequest("keys", requests.keys, { everyMs: WATCH_MS });
  const lab = useRequest("lab", requests.lab);
  const changes = useRequest("changes", requests.changes);
  const revokedMs = keys.data && view.key ? (revocationOf(keys.data, view.key)?.revokedMs ?? null) : null;
  return (
    <div className="space-y-3 pt-3">
      <KeysHead
        current="/keys/emergency"
        endpoint={view.endpoint}
        setEndpoint={(endpoint) => void setView({ endpoint, key: null })}
      >
        <Link href="/runbooks/emergency-rotation" className="control">
          Runbook
        </Link>
      </KeysHead>
      {keys.error ? (
        <Panel title="The key that has to go">
          <ErrorState error={keys.error} retry={() => void keys.refetch()} />
        </Panel>
      ) : !keys.data ? (
        <Placeholder height={420} />
      ) : keys.data.keys.length === 0 ? (
        <Panel title="The key that has to go">
          <KeysEmpty />
        </Panel>
      ) : (
        <>
          <Choice keys={keys.data} selected={view.key} choose={(key) => void setView({ key })} />
          {view.key ? (
            <Checklist
              keys={keys.data}
              lab={lab.data}
              changes={changes.data?.changes ?? []}
              keyName={view.key}
              endpoint={view.endpoint}
              headroom={view.headroom}
              setHeadroom={(headroom) => void setView({ headroom }, { history: "replace" })}
            />
          ) : null}
          {view.key && revokedMs !== null ? <Recovery endpoint={view.endpoint} atMs={revokedMs} /> : null}
        </>
      )}
    </div>
  );
}

type ChoiceProps = {
  readonly keys: KeysReply;
  readonly selected: string | null;
  readonly choose: (keyName: string | null) => void;
};

function Choice({ keys, selected, choose }: ChoiceProps) {
  const all = candidates(keys);
  const known = all.some(({ keyName }) => keyName === selected);
  return (
    <Panel title="The key that has to go" note={selected ? `key ${shortKey(selected)}` : "choose one"}>
      <div className="flex flex-wrap gap-3">
        <label className="min-w-64 grow sm:grow-0">
          <span className="label">Key</span>
          <select
            className="field"
            value={selected ?? ""}
            onChange={(event) => choose(event.target.value || null)}
          >
            <option value="">Which key is compromised?</option>
            {selected && !known ? (
              <option value={selected}>{shortKey(selected)}, not seen lately</option>
            ) : null}
            {all.map((key) => (
              <option key={key.keyName} value={key.keyName}>
                {shortKey(key.keyName)} · {key.state ?? "state not known"} · {placesText(key)}
                {key.firstMs === null ? "" : ` · first seen ${formatAge(keys.nowMs - key.firstMs)}`}
              </option>
            ))}
          </select>
        </label>
        <NameField />
      </div>
      {selected ? null : (
        <p className="mt-2 text-ink-2">
          A key that leaked, is weak, or was seen where it must not be. Every ticket under it dies with it:
          this page tells what that costs, and proves that it is done.
        </p>
      )}
    </Panel>
  );
}

function placesText({ places }: KeysReply["keys"][number]): string {
  const endpoints = [...new Set(places.map(({ endpoint }) => nameOf(endpoint)))];
  return `${places.length} ${places.length === 1 ? "node" : "nodes"} of ${endpoints.slice(0, 2).join(", ")}`;
}

function Recovery({ endpoint, atMs }: { endpoint: string | null; atMs: number }) {
  const { data, error, refetch } = useRequest("recovery", {
    at: String(atMs),
    ...(endpoint ? { endpoint } : {}),
  });
  if (data?.recovery) return <RecoveryPanel recovery={data.recovery} label="Resume rate" />;
  return (
    <Panel title="When it will be over">
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data ? (
        <EmptyState title="Nothing was measured since the revocation yet.">
          The predicted recovery is drawn here over what happens, from the first whole minute on.
        </EmptyState>
      ) : (
        <Placeholder height={220} />
      )}
    </Panel>
  );
}
