import type { IncidentRow } from "@/lib/contract/read-incidents.ts";
import { STATE_WORDS } from "./words.ts";

/** State in a word and a colour; an incident that is only told says so. */
export function StateMark({ incident }: { incident: Pick<IncidentRow, "state" | "class"> }) {
  const { state, class: kind } = incident;
  const tone = state === "resolved" || kind === "info" ? "bg-ink-3" : state === "open" ? "bg-bad" : "bg-warn";
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap" data-state={state}>
      <i
        aria-hidden
        className={`size-2.5 shrink-0 rounded-full ${tone} ${state === "resolved" ? "opacity-50" : ""}`}
      />
      {STATE_WORDS[state]}
      {kind === "info" ? <span className="text-ink-3">(info)</span> : null}
    </span>
  );
}
