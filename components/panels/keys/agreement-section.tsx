"use client";
import type { KeysReply } from "@/lib/contract/read-keys.ts";
import { Panel } from "../../ui/panel.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { Time } from "../../ui/zone.tsx";
import { useRequest } from "../use-request.ts";
import { AgreementPanel, activeParts, passiveParts } from "./agreement-panel.tsx";

/** Offers of less time than this are too few to agree on anything. */
const LEAST_MS = 3_600_000;

type AgreementSectionProps = {
  readonly keys: KeysReply;
  readonly endpoint: string | null;
  readonly node: string | null;
  /** Of the whole window, not only since the last rotation. */
  readonly whole: boolean;
  readonly setWhole: (whole: boolean) => void;
};

/** Who opens whose tickets: as the prober measured it, beside what telemetry tells since the last rotation. */
export function AgreementSection({ keys, endpoint, node, whole, setWhole }: AgreementSectionProps) {
  const probes = useRequest("probes", {});
  const lastMs = Math.max(0, ...keys.groups.map(({ lastRotationMs }) => lastRotationMs ?? 0));
  const sinceMs = whole || lastMs <= keys.fromMs ? keys.fromMs : Math.min(lastMs, keys.toMs - LEAST_MS);
  const recent = useRequest(
    "keys",
    {
      from: String(sinceMs),
      to: String(keys.toMs),
      ...(endpoint ? { endpoint } : {}),
      ...(node ? { node } : {}),
    },
    { enabled: sinceMs !== keys.fromMs },
  );
  const data = sinceMs === keys.fromMs ? keys : recent.data;
  const parts = [
    ...activeParts(probes.data?.targets ?? [], endpoint),
    ...passiveParts(data?.agreement ?? []),
  ];
  const error = recent.error ?? probes.error;
  return (
    <section className="space-y-3" aria-label="Agreement between nodes">
      <div className="flex flex-wrap items-center gap-2 px-4 sm:px-0">
        <h2 className="font-semibold">Who opens whose tickets</h2>
        <p className="text-ink-3">
          offers since <Time ms={sinceMs} />
          {sinceMs === keys.fromMs ? "" : ", the last rotation"}; the prober's newest tries
        </p>
        <button
          type="button"
          className="control ml-auto"
          aria-pressed={whole}
          onClick={() => setWhole(!whole)}
        >
          Whole window
        </button>
      </div>
      {error ? (
        <Panel title="Agreement">
          <ErrorState error={error} retry={() => void Promise.all([recent.refetch(), probes.refetch()])} />
        </Panel>
      ) : null}
      {parts.length === 0 && data && !error ? (
        <Panel title="Agreement">
          <p className="text-ink-2">
            No two nodes were compared. The prober compares them by itself once it has a target with several
            nodes; telemetry does where it tells key names of offers.
          </p>
        </Panel>
      ) : (
        <div className="grid gap-3 lg:grid-cols-2">
          {parts.map((part) => (
            <AgreementPanel key={part.id} part={part} />
          ))}
        </div>
      )}
    </section>
  );
}
