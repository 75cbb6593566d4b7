import type { SummaryReply } from "@/lib/contract/read.ts";

const TONE = { ok: "bg-good", attention: "bg-bad", unknown: "bg-warn", empty: "bg-ink-3" } as const;
const WORD = { ok: "Steady", attention: "Look here", unknown: "Not known", empty: "Empty" } as const;

/** The state of the fleet, in one sentence. */
export function StatusLine({ status, excluded }: { status: SummaryReply["status"]; excluded: number }) {
  return (
    <p className="flex items-baseline gap-2.5 text-[1.15rem]" role="status">
      <i aria-hidden className={`size-2.5 shrink-0 rounded-full ${TONE[status.level]}`} />
      <span className="sr-only">{WORD[status.level]}:</span>
      <span data-status>{status.sentence}</span>
      {excluded > 0 ? (
        <span className="text-[1rem] text-ink-3">
          {excluded.toLocaleString("en-US")} of bots and monitors left out.
        </span>
      ) : null}
    </p>
  );
}
