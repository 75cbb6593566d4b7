import Link from "next/link";
import type { SummaryReply } from "@/lib/contract/read.ts";

const TONE = { ok: "bg-good", attention: "bg-bad", unknown: "bg-warn", empty: "bg-ink-3" } as const;
const WORD = { ok: "Steady", attention: "Look here", unknown: "Not known", empty: "Empty" } as const;

/** The state of the fleet, in one sentence, and what is left out of its figures. */
export function StatusLine({ summary }: { summary: SummaryReply }) {
  const { status, openIncidents, excludedHandshakes, twoViews } = summary;
  return (
    <p className="flex flex-wrap items-baseline gap-x-2.5 text-[1.15rem]" role="status">
      <span className="flex items-baseline gap-2.5">
        <i aria-hidden className={`size-2.5 shrink-0 rounded-full ${TONE[status.level]}`} />
        <span className="sr-only">{WORD[status.level]}:</span>
        <span>
          <OpenIncidents open={openIncidents} />
          <span data-status>{status.sentence}</span>
        </span>
      </span>
      {excludedHandshakes > 0 ? (
        <span className="text-[1rem] text-ink-3">
          {excludedHandshakes.toLocaleString("en-US")} of bots and monitors left out.
        </span>
      ) : null}
      {twoViews > 0 ? (
        <span className="text-[1rem] text-ink-3" data-two-views>
          {twoViews === 1 ? "One node is" : `${twoViews} nodes are`} seen in several ways; one of them counts.{" "}
          <Link href="/sources" className="text-accent underline">
            Which?
          </Link>
        </span>
      ) : null}
    </p>
  );
}

/** The worst incident that goes on, and how many beside it. */
function OpenIncidents({ open: { pages, worst } }: { open: SummaryReply["openIncidents"] }) {
  if (!worst) return null;
  return (
    <span className="font-medium" data-worst>
      <Link href={`/incidents/${encodeURIComponent(worst.id)}`} className="text-bad underline">
        {worst.headline}
      </Link>
      {pages > 1 ? (
        <>
          {" "}
          and{" "}
          <Link href="/incidents" className="underline">
            {pages - 1} more
          </Link>
        </>
      ) : null}
      .{" "}
    </span>
  );
}
