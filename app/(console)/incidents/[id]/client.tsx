"use client";
import Link from "next/link";
import { IncidentTold } from "@/components/panels/alerts/incident-told.tsx";
import { AdvicePanel } from "@/components/panels/incidents/advice-panel.tsx";
import { CoursePanel, RecoveryPanel } from "@/components/panels/incidents/course-panel.tsx";
import { DiagnosisPanel } from "@/components/panels/incidents/diagnosis-panel.tsx";
import { Figures } from "@/components/panels/incidents/figures.tsx";
import { IncidentTools } from "@/components/panels/incidents/incident-tools.tsx";
import { LifePanel } from "@/components/panels/incidents/life-panel.tsx";
import { SplitPanel } from "@/components/panels/incidents/split-panel.tsx";
import { StateMark } from "@/components/panels/incidents/state-mark.tsx";
import { SuspectsPanel } from "@/components/panels/incidents/suspects-panel.tsx";
import { WherePanel } from "@/components/panels/incidents/where-panel.tsx";
import { partsLabel } from "@/components/panels/incidents/words.ts";
import { useRequest } from "@/components/panels/use-request.ts";
import { ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { Time } from "@/components/ui/zone.tsx";
import { useLiveUpdates } from "@/lib/client/live.ts";
import type { IncidentReply } from "@/lib/contract/read-incidents.ts";

/** Open incidents are read anew this often, since lost handshakes and recovery move by themselves. */
const EVERY_MS = 60_000;

export function IncidentPage({ id }: { id: string }) {
  useLiveUpdates(true);
  const { data, error, refetch } = useRequest("incident", { id }, { everyMs: EVERY_MS });
  return (
    <div className="space-y-3 pt-3">
      <p className="px-4 text-ink-3 sm:px-0">
        <Link href="/incidents" className="hover:underline">
          Incidents
        </Link>{" "}
        / Incident
      </p>
      {data ? <Incident reply={data} /> : null}
      {error && !data ? (
        <div className="px-4 sm:px-0">
          <ErrorState error={error} retry={() => void refetch()} />
        </div>
      ) : null}
      {!data && !error ? <Loading /> : null}
    </div>
  );
}

/** The page's layout while its figures are coming. */
function Loading() {
  return (
    <>
      <Placeholder height={64} />
      <Placeholder height={84} />
      <div className="grid gap-3 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="space-y-3">
          {[280, 340, 220, 240].map((height) => (
            <Placeholder key={height} height={height} />
          ))}
        </div>
        <Placeholder height={420} />
      </div>
    </>
  );
}

/** An on-call engineer's questions in their order; what to do stands beside them where there is room. */
function Incident({ reply }: { reply: IncidentReply }) {
  return (
    <>
      <Head reply={reply} />
      <Figures reply={reply} />
      <div className="grid items-start gap-3 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="min-w-0 space-y-3">
          <WherePanel reply={reply} />
          <CoursePanel reply={reply} />
          {reply.recovery ? (
            <RecoveryPanel recovery={reply.recovery} label={partsLabel(reply.incident)} />
          ) : null}
          <SplitPanel decomposition={reply.decomposition} />
          <DiagnosisPanel diagnoses={reply.diagnoses} />
          <SuspectsPanel suspects={reply.suspects} />
        </div>
        <div id="what-to-do" className="min-w-0 scroll-mt-14 space-y-3">
          <AdvicePanel advice={reply.advice} />
          <LifePanel reply={reply} />
        </div>
      </div>
    </>
  );
}

function Head({ reply: { incident } }: { reply: IncidentReply }) {
  const { state, acknowledgedBy, acknowledgedMs, resolvedMs, reopened, updatedMs } = incident;
  return (
    <div className="space-y-2 px-4 sm:px-0">
      <h1 className="text-xl font-semibold tracking-tight text-pretty">
        {incident.headline.replaceAll(" %", "\u00a0%")}
      </h1>
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <p className="flex flex-wrap items-baseline gap-x-3 text-ink-2">
          <StateMark incident={incident} />
          {state === "acknowledged" && acknowledgedMs !== null ? (
            <span>
              {acknowledgedBy ? `by ${acknowledgedBy} ` : ""}at <Time ms={acknowledgedMs} />
            </span>
          ) : null}
          {resolvedMs !== null ? (
            <span>
              at <Time ms={resolvedMs} />
            </span>
          ) : null}
          {incident.assignee ? <span>with {incident.assignee}</span> : null}
          {reopened > 0 ? <span>opened again {reopened === 1 ? "once" : `${reopened} times`}</span> : null}
          <span className="text-ink-3">
            last judged <Time ms={updatedMs} />
          </span>
        </p>
        <IncidentTools incident={incident} />
      </div>
      <IncidentTold id={incident.id} />
    </div>
  );
}
