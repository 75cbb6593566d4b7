"use client";
import Link from "next/link";
import { useMemo } from "react";
import { ChangeLane } from "@/components/charts/change-lane.tsx";
import { ChartFrame } from "@/components/charts/chart-frame.tsx";
import { prepareCourse, prepareRecovery } from "@/components/charts/prepare/incident.ts";
import { TimeChart } from "@/components/charts/time-chart.tsx";
import { EmptyState, ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { IncidentReply, Recovery } from "@/lib/contract/read-incidents.ts";
import { useRequest } from "../use-request.ts";
import { courseWords } from "./words.ts";

const HEIGHT = 240;

/** Since when, and how it moves: the departed signal over what was expected, the onset, and the changes under the same axis. */
export function CoursePanel({ reply }: { reply: IncidentReply }) {
  const { incident, course } = reply;
  const { label, unit } = courseWords(incident.departure.signal);
  const model = useMemo(() => prepareCourse(course, { label, unit }), [course, label, unit]);
  const endpoint = incident.scope.endpoints.length === 1 ? incident.scope.endpoints[0] : undefined;
  const changes = useRequest(
    "changes",
    {
      from: String(model?.fromMs ?? incident.onsetMs),
      to: String(model?.toMs ?? incident.updatedMs),
      limit: "300",
      ...(endpoint === undefined ? {} : { endpoint }),
    },
    { enabled: model !== null },
  );
  const shown = changes.data?.changes ?? [];
  const named = [
    { t: incident.onsetMs, name: "onset" },
    ...(incident.resolvedMs === null ? [] : [{ t: incident.resolvedMs, name: "resolved" }]),
  ];
  return (
    <ChartFrame
      title="Since when, and how it moves"
      note={
        <>
          onset <Time ms={incident.onsetMs} />, opened <Time ms={incident.openedMs} />
        </>
      }
      model={model}
      tools={
        model && endpoint !== undefined ? (
          <Link
            href={`/endpoints/${encodeURIComponent(endpoint)}?from=${model.fromMs}&to=${model.toMs}`}
            className="control"
          >
            The endpoint at this time
          </Link>
        ) : null
      }
      description={`${label} around the onset. ${incident.headline}. ${shown.length} changes.`}
    >
      {model ? (
        <>
          <TimeChart
            model={model}
            height={HEIGHT}
            {...(unit === "ratio" ? { top: 1 } : {})}
            marks={shown.map((change) => change.atMs)}
            named={named}
          />
          {changes.error ? (
            <ErrorState error={changes.error} retry={() => void changes.refetch()} />
          ) : changes.data ? (
            <ChangeLane changes={shown} fromMs={model.fromMs} toMs={model.toMs} />
          ) : (
            <Placeholder height={28} />
          )}
        </>
      ) : (
        <EmptyState title="No course to draw.">
          Nothing of this signal is stored around the onset any more, or it was never measured here.
        </EmptyState>
      )}
    </ChartFrame>
  );
}

const VERDICTS: Readonly<Record<Recovery["verdict"], string>> = {
  too_early: "Too early to tell",
  as_predicted: "As predicted",
  faster: "Faster than predicted",
  not_recovering: "Not recovering as predicted",
  recovered: "Recovered",
};

/** When it will be over: the predicted recovery under what really happens. */
export function RecoveryPanel({ recovery, label }: { recovery: Recovery; label: string }) {
  const model = useMemo(() => prepareRecovery(recovery, label), [recovery, label]);
  const { eta, verdict, sentence } = recovery;
  const bad = verdict === "not_recovering";
  return (
    <ChartFrame
      title="When it will be over"
      note={
        recovery.basis === "measured"
          ? "recovery along measured ticket ages"
          : "recovery along estimated ticket ages: none are measured here"
      }
      model={model}
      description={sentence}
    >
      <p className="mb-2">
        <b className={`font-semibold ${bad ? "text-bad" : ""}`}>{VERDICTS[verdict]}.</b> {sentence}
      </p>
      {model ? (
        <TimeChart
          model={model}
          height={200}
          top={1}
          named={eta ? [{ t: eta.atMs, name: "90 % back" }] : []}
          span={eta ? { fromMs: eta.lowMs, toMs: eta.highMs } : null}
        />
      ) : (
        <EmptyState title="Nothing is measured since the onset yet." />
      )}
    </ChartFrame>
  );
}
