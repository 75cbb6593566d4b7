import Link from "next/link";
import { formatTime } from "../ui/format.ts";
import { useZone } from "../ui/zone.tsx";
import { incidentBars, type LaneBar, type LaneIncident } from "./prepare/incident-lane.ts";
import { PLOT } from "./time-chart.tsx";

const ROW = 24;

type IncidentLaneProps = {
  readonly incidents: readonly LaneIncident[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
  /** Why there is nothing to show, where reading them failed. */
  readonly problem?: string | null;
};

/** Incidents from onset to end, under the same time axis as the chart above; each opens its page. */
export function IncidentLane({ incidents, problem = null, ...window }: IncidentLaneProps) {
  const { bars, rows, left } = incidentBars(incidents, window);
  return (
    <div
      className="relative border-t border-rule"
      style={{ marginLeft: PLOT.left, marginRight: PLOT.right, height: Math.max(1, rows) * ROW }}
    >
      <span className="absolute top-1 right-full mr-2 text-[11px] text-ink-3">Incidents</span>
      {bars.map((bar) => (
        <Bar key={bar.incident.id} bar={bar} />
      ))}
      {bars.length === 0 ? (
        <span className={`absolute top-1 left-1 text-[11px] ${problem ? "text-bad" : "text-ink-3"}`}>
          {problem ?? "none in this window"}
        </span>
      ) : null}
      {left > 0 ? (
        <span className="absolute right-1 bottom-0 bg-surface px-1 text-[11px] text-ink-3">
          and {left} more
        </span>
      ) : null}
    </div>
  );
}

/** Open pages stand out; what is over or only told is quiet. */
function toneOf({ class: kind, state }: LaneIncident): string {
  if (kind === "info") return "bg-ink-3/50";
  return state === "open" ? "bg-bad" : state === "acknowledged" ? "bg-warn" : "bg-bad/45";
}

function Bar({ bar: { incident, left, width, row } }: { bar: LaneBar }) {
  const zone = useZone();
  const when = formatTime(incident.onsetMs, Number.POSITIVE_INFINITY, zone);
  const until = incident.endMs === null ? "still going on" : "until";
  const end = incident.endMs === null ? "" : formatTime(incident.endMs, Number.POSITIVE_INFINITY, zone);
  return (
    <Link
      href={`/incidents/${encodeURIComponent(incident.id)}`}
      aria-label={`Incident, ${incident.state}: ${incident.headline}, from ${when}, ${until} ${end}`.trimEnd()}
      className="group absolute flex h-[24px] min-w-[24px] items-center focus-visible:z-10"
      style={{ left: `${left * 100}%`, width: `${width * 100}%`, top: row * ROW }}
    >
      <i
        aria-hidden
        className={`h-2 w-full rounded-[2px] group-hover:outline group-hover:outline-ink ${toneOf(incident)}`}
      />
      <span
        aria-hidden
        className={`pointer-events-none absolute bottom-full z-10 hidden w-max max-w-80 rounded-sm border border-rule-strong bg-raised px-2.5 py-1.5 text-left text-ink shadow-sm group-hover:block group-focus-visible:block max-sm:max-w-64 ${left > 0.5 ? "right-0" : "left-0"}`}
      >
        <span className="block text-ink-3">
          {when} {until === "until" ? `– ${end}` : `, ${until}`} · {incident.state}
        </span>
        <span className="block">{incident.headline}</span>
      </span>
    </Link>
  );
}
