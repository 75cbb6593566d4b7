import { formatTime } from "../ui/format.ts";
import { useZone } from "../ui/zone.tsx";
import { incidentBars, type LaneBar, type LaneIncident } from "./prepare/incident-lane.ts";
import { PLOT } from "./time-chart.tsx";

const ROW = 24;

export type LaneFinding = {
  readonly id: string;
  readonly severity: "critical" | "high" | "medium" | "low";
  readonly state: "open" | "acknowledged" | "closed";
  readonly title: string;
  readonly firstMs: number;
  readonly lastMs: number;
};
type FindingLaneProps = {
  readonly findings: readonly LaneFinding[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
};

/** Findings from when they were first seen to when last, under the same time axis as the chart above; each leads to its entry. */
export function FindingLane({ findings, ...window }: FindingLaneProps) {
  const { bars, rows, left } = incidentBars(findings.map(asIncident), window);
  const severities = new Map(findings.map(({ id, severity }) => [id, severity]));
  return (
    <div
      className="relative border-t border-rule"
      style={{ marginLeft: PLOT.left, marginRight: PLOT.right, height: Math.max(1, rows) * ROW }}
    >
      <span className="absolute top-1 right-full mr-2 text-[11px] text-ink-3">Findings</span>
      {bars.map((bar) => (
        <Bar key={bar.incident.id} bar={bar} severity={severities.get(bar.incident.id) ?? "low"} />
      ))}
      {bars.length === 0 ? (
        <span className="absolute top-1 left-1 text-[11px] text-ink-3">none in this window</span>
      ) : null}
      {left > 0 ? (
        <span className="absolute right-1 bottom-0 bg-surface px-1 text-[11px] text-ink-3">
          and {left} more
        </span>
      ) : null}
    </div>
  );
}

/** For the order and the rows of the lane: what is severe lies uppermost, what is closed lowest. */
function asIncident({ id, severity, state, title, firstMs, lastMs }: LaneFinding): LaneIncident {
  return {
    id,
    class: severity === "critical" || severity === "high" ? "page" : "info",
    state: state === "closed" ? "resolved" : state,
    headline: title,
    onsetMs: firstMs,
    endMs: lastMs,
  };
}

const TONES = { critical: "bg-bad", high: "bg-bad", medium: "bg-warn", low: "bg-ink-3" } as const;

function Bar({ bar, severity }: { bar: LaneBar; severity: LaneFinding["severity"] }) {
  const { incident, left, width, row } = bar;
  const zone = useZone();
  const when = formatTime(incident.onsetMs, Number.POSITIVE_INFINITY, zone);
  const closed = incident.state === "resolved";
  return (
    <a
      href={`#${incident.id}`}
      className="group absolute flex h-[24px] min-w-[24px] items-center focus-visible:z-10"
      style={{ left: `${left * 100}%`, width: `${width * 100}%`, top: row * ROW }}
    >
      <span className="sr-only">
        Finding, {severity}: {incident.headline}, first seen {when}
      </span>
      <i
        aria-hidden
        className={`h-2 w-full rounded-[2px] group-hover:outline group-hover:outline-ink ${TONES[severity]} ${closed ? "opacity-45" : ""}`}
      />
      <span
        aria-hidden
        className={`pointer-events-none absolute bottom-full z-10 hidden w-max max-w-80 rounded-sm border border-rule-strong bg-raised px-2.5 py-1.5 text-left text-ink shadow-sm group-hover:block group-focus-visible:block max-sm:max-w-64 ${left > 0.5 ? "right-0" : "left-0"}`}
      >
        <span className="block text-ink-3">
          {when} · {severity}
        </span>
        <span className="block">{incident.headline}</span>
      </span>
    </a>
  );
}
