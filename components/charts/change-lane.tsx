"use client";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { formatTime } from "../ui/format.ts";
import { useZone } from "../ui/zone.tsx";
import { type LaneChange, type LaneMark, laneMarks } from "./prepare/lane.ts";
import { PLOT } from "./time-chart.tsx";

type ChangeLaneProps = {
  readonly changes: readonly LaneChange[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Room beside the axis of the chart above, pixels. */
  readonly left?: number;
  readonly right?: number;
  readonly label?: string;
  /** Where a mark leads; by default to its change, or to the list of its changes. */
  readonly href?: (changes: LaneMark["changes"]) => string;
};

/** Changes under the same time axis as the chart above. */
export function ChangeLane(props: ChangeLaneProps) {
  const { changes, fromMs, toMs, label = "Changes", href = changesPage } = props;
  const { left = PLOT.left, right = PLOT.right } = props;
  const [lane, width] = useWidth();
  const marks = laneMarks(changes, { fromMs, toMs, apart: MARK_PX / width });
  return (
    <div
      ref={lane}
      className="relative mt-1 h-[26px] border-t border-rule"
      style={{ marginLeft: left, marginRight: right }}
    >
      <span className="absolute top-1 right-full mr-2 text-[11px] text-ink-3">{label}</span>
      {marks.map((mark) => (
        <Mark key={mark.changes[0].id} mark={mark} href={href(mark.changes)} />
      ))}
      {marks.length === 0 ? (
        <span className="absolute top-1 left-1 text-[11px] text-ink-3">none recorded in this window</span>
      ) : null}
    </div>
  );
}

/** A mark and the least room to the next one, pixels (WCAG 2.5.8 asks for 24). */
const MARK_PX = 26;
/** Until it is measured. */
const USUAL_WIDTH_PX = 900;

/** An element's width as it is now, pixels. */
function useWidth() {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(USUAL_WIDTH_PX);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(1, entry?.contentRect.width ?? 1)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width] as const;
}

/** The page of one change, or the list narrowed to several. */
function changesPage([first, ...others]: LaneMark["changes"]): string {
  return others.length
    ? `/changes?from=${first.atMs - 1_000}&to=${(others.at(-1) ?? first).atMs + 1_000}`
    : `/changes/${encodeURIComponent(first.id)}`;
}

/** A mark links to its change, or to the list narrowed to its changes; what it says shows under pointer and focus. */
function Mark({ mark: { share, changes }, href }: { mark: LaneMark; href: string }) {
  const zone = useZone();
  const [first, ...others] = changes;
  const when = formatTime(first.atMs, Number.POSITIVE_INFINITY, zone);
  const label = others.length
    ? `${changes.length} changes from ${when}: ${changes.map((c) => c.title).join("; ")}`
    : `Change: ${first.title}, ${when}`;
  return (
    <Link
      href={href}
      aria-label={label}
      className="group absolute top-0 grid h-[24px] w-[24px] -translate-x-1/2 place-items-center text-ink-2 hover:text-accent focus-visible:z-10"
      style={{ left: `${share * 100}%` }}
    >
      {others.length ? (
        <b className="grid size-4 place-items-center rounded-full bg-ink-2 text-[10px] leading-none font-semibold text-surface group-hover:bg-accent">
          {changes.length > 99 ? "99" : changes.length}
        </b>
      ) : (
        <svg viewBox="0 0 10 10" className="size-2.5" aria-hidden="true">
          <path
            d={first.kind === "key_rotation" ? "M5 0L10 5L5 10L0 5Z" : "M5 0L10 10H0Z"}
            fill="currentColor"
          />
        </svg>
      )}
      <span
        aria-hidden
        className={`pointer-events-none absolute bottom-full z-10 hidden w-max max-w-64 rounded-sm border border-rule-strong bg-raised px-2.5 py-1.5 text-left text-ink shadow-sm group-hover:block group-focus-visible:block ${share > 0.5 ? "right-0" : "left-0"}`}
      >
        <span className="block text-ink-3">{when}</span>
        {changes.slice(0, 5).map((change) => (
          <span key={change.id} className="block truncate">
            {change.title}
          </span>
        ))}
        {changes.length > 5 ? <span className="block text-ink-3">and {changes.length - 5} more</span> : null}
      </span>
    </Link>
  );
}
