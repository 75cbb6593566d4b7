"use client";
import { parseAsBoolean, useQueryState } from "nuqs";
import { useMemo } from "react";
import { canExpect, pageRequests, SHIFT_MINUTES } from "@/lib/client/view.ts";
import { ChangeLane } from "../charts/change-lane.tsx";
import { ChartFrame } from "../charts/chart-frame.tsx";
import { IncidentLane } from "../charts/incident-lane.tsx";
import { prepareResume } from "../charts/prepare/resume.ts";
import { TimeChart } from "../charts/time-chart.tsx";
import { formatCount, formatPercent } from "../ui/format.ts";
import { EmptyState, ErrorState, Placeholder } from "../ui/states.tsx";
import { toLane } from "./incidents/words.ts";
import { useRequest } from "./use-request.ts";
import { useView } from "./use-view.ts";

const HEIGHT = 260;

/** Resume rate by mechanism over time, its earlier self, and changes and incidents under the same axis. */
export function ResumePanel({ scope }: { scope?: Record<string, string> }) {
  const [view, setView] = useView();
  const [parts, setParts] = useQueryState("parts", parseAsBoolean.withDefault(false));
  const requests = pageRequests(view, scope);
  const compared = view.compare !== "none";
  const rate = useRequest("series", requests.rate);
  const mechanisms = useRequest("series", requests.byMechanism);
  const previous = useRequest("series", requests.previous, { enabled: compared });
  const offer = useRequest("series", requests.offer, { enabled: parts });
  const accept = useRequest("series", requests.accept, { enabled: parts });
  const expected = useRequest("series", requests.expected, { enabled: canExpect(view) });
  const changes = useRequest("changes", requests.changes);
  const incidents = useRequest("incidents", requests.incidents);
  const model = useMemo(
    () =>
      rate.data && mechanisms.data
        ? prepareResume(rate.data, mechanisms.data, {
            previous: compared ? previous.data : undefined,
            offer: parts ? offer.data : undefined,
            accept: parts ? accept.data : undefined,
            expected: canExpect(view) ? expected.data : undefined,
            shiftMs: SHIFT_MINUTES[view.compare] * 60_000,
          })
        : null,
    [
      rate.data,
      mechanisms.data,
      previous.data,
      offer.data,
      accept.data,
      expected.data,
      compared,
      parts,
      view,
    ],
  );
  const total = rate.data?.series[0]?.total ?? { value: null, count: 0 };
  const error = rate.error ?? mechanisms.error;
  return (
    <ChartFrame
      title="Resume rate by mechanism"
      model={model}
      description={`Resume rate over the window: ${formatPercent(total.value)} of ${formatCount(total.count)} completed handshakes, ${changes.data?.changes.length ?? 0} changes, ${incidents.data?.incidents.length ?? 0} incidents.`}
      tools={
        <button
          type="button"
          className="control"
          aria-pressed={parts}
          onClick={() => void setParts(parts ? null : true)}
        >
          O and A
        </button>
      }
    >
      {error ? (
        <ErrorState error={error} retry={() => void Promise.all([rate.refetch(), mechanisms.refetch()])} />
      ) : !model ? (
        <Placeholder height={HEIGHT + 52} />
      ) : total.count === 0 ? (
        <EmptyState title="No completed handshake in this window." />
      ) : (
        <>
          <TimeChart
            model={model}
            height={HEIGHT}
            top={1}
            marks={(changes.data?.changes ?? []).map((change) => change.atMs)}
            onZoom={({ fromMs, toMs }) => setView({ from: fromMs, to: toMs })}
          />
          <ChangeLane changes={changes.data?.changes ?? []} fromMs={model.fromMs} toMs={model.toMs} />
          <IncidentLane
            incidents={(incidents.data?.incidents ?? []).map(toLane)}
            fromMs={model.fromMs}
            toMs={model.toMs}
            nowMs={incidents.data?.nowMs ?? model.toMs}
            problem={incidents.error?.message ?? null}
          />
        </>
      )}
    </ChartFrame>
  );
}
