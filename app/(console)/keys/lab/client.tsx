"use client";
import { useQueryStates } from "nuqs";
import { KeyRanges, KeysHead } from "@/components/panels/keys/keys-head.tsx";
import { LabPanel } from "@/components/panels/keys/lab-panel.tsx";
import { useRequest } from "@/components/panels/use-request.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { keysWindow, labParsers } from "@/lib/client/keys-view.ts";

export function LabPage() {
  const [view, setView] = useQueryStates(labParsers, { history: "push", shallow: true, scroll: false });
  const { data, error, refetch } = useRequest("lab", keysWindow(view));
  return (
    <div className="space-y-3 pt-3">
      <KeysHead
        current="/keys/lab"
        endpoint={view.endpoint}
        setEndpoint={(endpoint) => void setView({ endpoint })}
      >
        <KeyRanges view={view} setView={(next) => void setView(next)} />
      </KeysHead>
      {error ? (
        <Panel title="Resume rate against exposure">
          <ErrorState error={error} retry={() => void refetch()} />
        </Panel>
      ) : data ? (
        <LabPanel lab={data} />
      ) : (
        <Placeholder height={460} />
      )}
      <Panel title="How it is computed">
        <ul className="max-w-4xl list-disc space-y-1 pl-4 text-ink-2">
          <li>
            A ticket of an age is accepted when its lifetime is not over and its key is still kept. Each age
            at which tickets resumed in this window is weighed by how much more rarely, or more often, it
            would be accepted; session ids stay as they are.
          </li>
          <li>
            Intervals are 95 %, of as many handshakes as the rate's own movement from hour to hour says that
            they are worth. Clients are taken to return as they do today.
          </li>
          <li>
            Where servers renew tickets rarely (TLS 1.2), shorter lifetimes also make tickets younger: the
            prediction is then a little too low.
          </li>
        </ul>
      </Panel>
    </div>
  );
}
