import Link from "next/link";
import { formatTime } from "../ui/format.ts";
import { PLOT } from "./time-chart.tsx";

type LaneChange = {
  readonly id: string;
  readonly atMs: number;
  readonly title: string;
  readonly kind: string;
};

/** Changes under the same time axis as the chart above. */
export function ChangeLane({
  changes,
  fromMs,
  toMs,
}: {
  changes: readonly LaneChange[];
  fromMs: number;
  toMs: number;
}) {
  const shown = changes.filter((change) => change.atMs >= fromMs && change.atMs < toMs);
  return (
    <div
      className="relative mt-1 h-6 border-t border-rule"
      style={{ marginLeft: PLOT.left, marginRight: PLOT.right }}
    >
      <span className="absolute top-1 right-full mr-2 text-[11px] text-ink-3">Changes</span>
      {shown.map((change) => (
        <Link
          key={change.id}
          href={`/changes/${encodeURIComponent(change.id)}`}
          title={`${formatTime(change.atMs, Number.POSITIVE_INFINITY)} ${change.title}`}
          aria-label={`Change: ${change.title}, ${formatTime(change.atMs, Number.POSITIVE_INFINITY)}`}
          className="absolute top-0 grid h-6 w-6 -translate-x-1/2 place-items-center text-ink-2 hover:text-accent"
          style={{ left: `${((change.atMs - fromMs) / (toMs - fromMs)) * 100}%` }}
        >
          <svg viewBox="0 0 10 10" className="size-2.5" aria-hidden="true">
            <path
              d={change.kind === "key_rotation" ? "M5 0L10 5L5 10L0 5Z" : "M5 0L10 10H0Z"}
              fill="currentColor"
            />
          </svg>
        </Link>
      ))}
      {shown.length === 0 ? (
        <span className="absolute top-1 left-1 text-[11px] text-ink-3">none recorded in this window</span>
      ) : null}
    </div>
  );
}
