"use client";
import { Panel } from "@/components/ui/panel.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { AlertsReply, SilenceView } from "@/lib/contract/read-alerts.ts";
import { inLength } from "@/lib/domain/words.ts";
import { Gate } from "../visitor.tsx";
import { SilenceSheet } from "./silence-sheet.tsx";
import { useAlertWrite } from "./use-alert-write.ts";
import { matcherText } from "./words.ts";

const STATES: Readonly<Record<SilenceView["state"], string>> = {
  ...{ active: "Active", coming: "Begins later", past: "Over" },
};
const ORDER: readonly SilenceView["state"][] = ["active", "coming", "past"];

type Props = {
  readonly data: AlertsReply;
  /** Matchers that a new silence begins with; null: none is being made. */
  readonly match: string | null;
  readonly setMatch: (match: string | null) => void;
};

/** Who is kept quiet, until when and why. */
export function SilencesPanel({ data, match, setMatch }: Props) {
  const write = useAlertWrite();
  const list = [...data.silences].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const active = list.filter(({ state }) => state === "active").length;
  return (
    <Panel
      title="Silences"
      note={list.length ? `${active} active, ${list.length - active} others` : "None were made"}
      tools={
        <Gate need="operator">
          <button type="button" className="control" onClick={() => setMatch("")}>
            New silence
          </button>
        </Gate>
      }
    >
      <Problem error={write.error} />
      {list.length === 0 ? (
        <p className="text-ink-2">
          A silence keeps alerts quiet for a while and for a reason: nobody is told of what begins to fire.
          What was told before stays told, and so does its end. Announced work (a change of the kind drill
          with an end) keeps its own place quiet without one.
        </p>
      ) : (
        <section className="relative overflow-x-auto" tabIndex={0} aria-label="List of silences">
          <table className="w-full text-left">
            <thead className="text-ink-3">
              <tr>
                {["State", "Keeps quiet", "Reason", "By", "From", "Until", "Now"].map((head) => (
                  <th key={head} className="py-1 pr-4 font-normal">
                    {head}
                  </th>
                ))}
                <th>
                  <span className="sr-only">End it</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.map((silence) => (
                <Row
                  key={silence.id}
                  silence={silence}
                  nowMs={data.nowMs}
                  end={() => write.mutate({ path: `silences/${silence.id}`, method: "DELETE" })}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {match !== null ? (
        <SilenceSheet match={match} alerts={data.alerts} close={() => setMatch(null)} />
      ) : null}
    </Panel>
  );
}

type RowProps = { readonly silence: SilenceView; readonly nowMs: number; readonly end: () => void };

function Row({ silence, nowMs, end }: RowProps) {
  const { state, matchers, reason, author, startsMs, endsMs, endedMs, quiet } = silence;
  const open = state !== "past";
  return (
    <tr className={`border-t border-rule align-top ${open ? "" : "text-ink-3"}`}>
      <td className="py-1.5 pr-4 whitespace-nowrap">{STATES[state]}</td>
      <td className="min-w-48 py-1.5 pr-4">{matchers.map(matcherText).join(", ")}</td>
      <td className="max-w-120 min-w-40 py-1.5 pr-4 break-words">{reason}</td>
      <td className="py-1.5 pr-4">{author ?? "–"}</td>
      <td className="py-1.5 pr-4 whitespace-nowrap">
        <Time ms={startsMs} />
      </td>
      <td className="py-1.5 pr-4 whitespace-nowrap">
        <Time ms={endedMs ?? endsMs} />
        {endedMs !== null ? " (ended)" : open ? ` (in ${inLength(endsMs - nowMs)})` : ""}
      </td>
      <td className="py-1.5 pr-4 whitespace-nowrap">
        {state === "active" ? `${quiet} ${quiet === 1 ? "alert" : "alerts"}` : "–"}
      </td>
      <td className="py-1 text-right">
        {open ? (
          <Gate need="operator">
            <button type="button" className="control" onClick={end}>
              End<span className="sr-only"> the silence of {matchers.map(matcherText).join(", ")}</span>
            </button>
          </Gate>
        ) : null}
      </td>
    </tr>
  );
}
