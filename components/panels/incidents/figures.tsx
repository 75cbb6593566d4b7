import type { ReactNode } from "react";
import { formatCompact, formatPercent, formatValue } from "@/components/ui/format.ts";
import { Time } from "@/components/ui/zone.tsx";
import type { IncidentReply, IncidentRow } from "@/lib/contract/read-incidents.ts";
import { inLength } from "@/lib/domain/words.ts";
import { signalWords } from "./words.ts";

/** How bad it is, in the grammar of the Overview's tiles. */
export function Figures({ reply }: { reply: IncidentReply }) {
  const { incident, nowMs } = reply;
  const { departure } = incident;
  const { label } = signalWords(departure.signal);
  return (
    <ul className="grid grid-cols-2 gap-px overflow-hidden border-y border-rule bg-rule sm:rounded-sm sm:border lg:grid-cols-4">
      <Figure id="departure" label={label} value={observedText(departure)}>
        {expectedText(departure)}
      </Figure>
      <Figure id="lost" label="Handshakes lost" value={formatCompact(rounded(incident.lost))}>
        {incident.lost === null ? "not counted for this signal" : "would have resumed, since the onset"}
      </Figure>
      <Figure id="cores" label="CPU at risk" value={formatValue(incident.cpuAtRiskCores, "cores")}>
        {reply.cost.sentence}
      </Figure>
      <Figure id="lasted" label={lastedLabel(incident)} value={lasted(incident, nowMs)}>
        {incident.resolvedMs === null ? "since " : ""}
        <Time ms={incident.onsetMs} />
        {incident.resolvedMs === null ? null : (
          <>
            {" – "}
            <Time ms={incident.resolvedMs} />
          </>
        )}
      </Figure>
    </ul>
  );
}

type Departure = IncidentRow["departure"];

/** The figure that departed. */
function observedText({ signal, observed, expected }: Departure): string {
  const { measure } = signalWords(signal);
  if (measure === "share") return formatPercent(observed);
  if (measure === "length") return inLength(observed);
  return expected > 0 ? `× ${(observed / expected).toFixed(2)}` : "–";
}

/** What was expected instead, and the count behind it. */
function expectedText({ signal, expected, trials, windowMs }: Departure): string {
  const { measure } = signalWords(signal);
  if (measure === "length") return `a new one came every ${inLength(expected)}`;
  const behind = `of ${formatCompact(Math.round(trials))} in ${inLength(windowMs)}`;
  return measure === "share" ? `${formatPercent(expected)} expected · ${behind}` : `of the usual · ${behind}`;
}

const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value));
const lastedLabel = ({ resolvedMs }: IncidentRow): string =>
  resolvedMs === null ? "Going on for" : "Lasted";
const lasted = ({ resolvedMs, onsetMs }: IncidentRow, nowMs: number): string =>
  inLength((resolvedMs ?? nowMs) - onsetMs);

type FigureProps = {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly children: ReactNode;
};

function Figure({ id, label, value, children }: FigureProps) {
  return (
    <li className="min-w-0 bg-surface px-3 py-2" data-figure={id}>
      <p className="text-ink-2">{label}</p>
      <p>
        <b className="text-xl font-semibold tracking-tight" data-value>
          {value}
        </b>
      </p>
      <p className="text-ink-3">{children}</p>
    </li>
  );
}
