import Link from "next/link";
import { formatCompact, formatProbability, formatValue } from "@/components/ui/format.ts";
import { Time } from "@/components/ui/zone.tsx";
import type { IncidentRow } from "@/lib/contract/read-incidents.ts";
import { inLength } from "@/lib/domain/words.ts";
import { StateMark } from "./state-mark.tsx";
import { scopeText } from "./words.ts";

/** Incidents, the most urgent first: what, where, of which kind, why, since when, and what it costs. */
export function IncidentTable({ incidents, nowMs }: { incidents: readonly IncidentRow[]; nowMs: number }) {
  return (
    <section className="overflow-x-auto" tabIndex={0} aria-label="List of incidents">
      <table className="w-full text-left">
        <thead className="text-ink-3 max-md:sr-only">
          <tr>
            <th className="py-1 pr-4 font-normal">State</th>
            <th className="pr-4 font-normal">Incident</th>
            <th className="pr-4 font-normal">Kind</th>
            <th className="pr-4 font-normal">Cause</th>
            <th className="pr-4 font-normal">Opened</th>
            <th className="pr-4 text-right font-normal">Lasted</th>
            <th className="pr-4 text-right font-normal">Lost</th>
            <th className="text-right font-normal">At risk</th>
          </tr>
        </thead>
        <tbody>
          {incidents.map((incident) => (
            <Row key={incident.id} incident={incident} nowMs={nowMs} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

const CELL = "py-1.5 pr-4 align-top max-md:block max-md:py-0";

function Row({ incident, nowMs }: { incident: IncidentRow; nowMs: number }) {
  const { mode, suspect, resolvedMs, onsetMs, lost, cpuAtRiskCores } = incident;
  return (
    <tr className="border-t border-rule hover:bg-sunken/60 max-md:block max-md:py-2">
      <td className={CELL}>
        <StateMark incident={incident} />
        {incident.assignee ? <span className="block text-ink-3">{incident.assignee}</span> : null}
      </td>
      <td className={`${CELL} min-w-72 md:max-w-120`}>
        <Link
          href={`/incidents/${encodeURIComponent(incident.id)}`}
          className="inline-block min-h-6 text-accent hover:underline"
        >
          {incident.headline}
        </Link>
        <span className="block text-ink-2">{scopeText(incident.scope)}</span>
      </td>
      <td className={`${CELL} md:min-w-36`}>
        {mode.title}{" "}
        <span className="whitespace-nowrap text-ink-3">{formatProbability(mode.probability)}</span>
      </td>
      <td className={`${CELL} md:min-w-40`}>
        <Cause suspect={suspect} />
      </td>
      <td className={`${CELL} whitespace-nowrap text-ink-2`}>
        <span className="md:hidden">Opened </span>
        <Time ms={incident.openedMs} />
      </td>
      <Figure label="Lasted">{inLength((resolvedMs ?? nowMs) - onsetMs)}</Figure>
      <Figure label="Lost">{formatCompact(lost === null ? null : Math.round(lost))}</Figure>
      <Figure label="At risk" last>
        {formatValue(cpuAtRiskCores, "cores")}
      </Figure>
    </tr>
  );
}

function Cause({ suspect }: { suspect: IncidentRow["suspect"] }) {
  if (suspect.changeId === null) return <span className="text-ink-2">No recorded change explains this</span>;
  return (
    <>
      <Link href={`/changes/${encodeURIComponent(suspect.changeId)}`} className="text-accent hover:underline">
        {suspect.title}
      </Link>{" "}
      <span className="whitespace-nowrap text-ink-3">{formatProbability(suspect.probability)}</span>
    </>
  );
}

function Figure({ label, last, children }: { label: string; last?: boolean; children: string }) {
  return (
    <td
      className={`py-1.5 align-top whitespace-nowrap md:text-right ${last ? "" : "pr-4"} max-md:inline-block max-md:py-0`}
    >
      <span className="text-ink-3 md:hidden">{label} </span>
      {children}
    </td>
  );
}
