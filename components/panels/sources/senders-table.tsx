"use client";
import { parseAsString, useQueryState } from "nuqs";
import { Fragment } from "react";
import type { SourceView } from "@/lib/contract/read-sources.ts";
import { ActivityStrip } from "../../charts/activity-strip.tsx";
import { formatAge, formatCompact, formatCount } from "../../ui/format.ts";
import { entryOf, transportTitle } from "./catalogue.ts";
import { SenderDetails } from "./sender-details.tsx";

const keyOf = (s: SourceView): string => `${s.source}/${s.transport}/${s.sender}`;
/** What a phone has no room for stands in the details. */
const WIDE = "max-sm:hidden";
const HEADS: readonly (readonly [name: string, className: string])[] = [
  ["Last hour", WIDE],
  ["A minute", "text-right"],
  ["Last heard", "text-right"],
  ["Lag", `text-right ${WIDE}`],
  ["Accepted", `text-right ${WIDE}`],
  ["Refused", "text-right"],
  ["State", ""],
];

/** Everybody who sends: how fresh, how much, how late, what was refused; a row opens for the rest. */
export function SendersTable({ sources, nowMs }: { sources: readonly SourceView[]; nowMs: number }) {
  const [open, setOpen] = useQueryState("sender", parseAsString);
  return (
    <section className="overflow-x-auto" tabIndex={0} aria-label="Senders">
      <table className="w-full text-left">
        <thead className="text-ink-3">
          <tr>
            <th className="py-1 pr-4 font-normal">Source and sender</th>
            {HEADS.map(([head, className]) => (
              <th key={head} className={`pr-4 font-normal whitespace-nowrap ${className}`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => {
            const key = keyOf(source);
            const isOpen = open === key;
            return (
              <Fragment key={key}>
                <Row
                  source={source}
                  nowMs={nowMs}
                  isOpen={isOpen}
                  toggle={() => void setOpen(isOpen ? null : key)}
                />
                {isOpen ? (
                  <tr>
                    <td colSpan={HEADS.length + 1} className="pb-3">
                      <SenderDetails source={source} nowMs={nowMs} />
                    </td>
                  </tr>
                ) : null}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

type RowProps = {
  readonly source: SourceView;
  readonly nowMs: number;
  readonly isOpen: boolean;
  readonly toggle: () => void;
};

function Row({ source, nowMs, isOpen, toggle }: RowProps) {
  const quiet = source.minutes.filter((m) => m.accepted + m.rejected === 0).length;
  const lastHour = source.minutes.reduce((sum, m) => sum + m.accepted, 0);
  return (
    <tr className="border-t border-rule hover:bg-sunken/60">
      <td className="py-1 pr-4">
        <button
          type="button"
          className="flex min-h-6 items-baseline gap-2 text-left"
          aria-expanded={isOpen}
          onClick={toggle}
        >
          <span aria-hidden className="w-2 text-ink-3">
            {isOpen ? "−" : "+"}
          </span>
          <span>
            <span className="font-medium">{entryOf(source.source)?.title ?? source.source}</span>{" "}
            <span className="whitespace-nowrap">{source.sender || "not named"}</span>{" "}
            <span className="whitespace-nowrap text-ink-3">{transportTitle(source.transport)}</span>
          </span>
        </button>
      </td>
      <td className={`pr-4 ${WIDE}`}>
        <ActivityStrip
          minutes={source.minutes}
          label={`${formatCount(lastHour)} accepted in the last hour, nothing in ${quiet} of 60 minutes`}
        />
      </td>
      <td className="pr-4 text-right">{rateText(source.perMinute)}</td>
      <td className="pr-4 text-right whitespace-nowrap">{formatAge(nowMs - source.lastSeenMs)}</td>
      <td className={`pr-4 text-right whitespace-nowrap text-ink-2 ${WIDE}`}>{lagText(source.lagMs)}</td>
      <td className={`pr-4 text-right ${WIDE}`}>{formatCount(source.accepted)}</td>
      <td className={`pr-4 text-right ${source.rejected ? "text-bad" : "text-ink-3"}`}>
        {formatCount(source.rejected)}
      </td>
      <td className="pr-4 whitespace-nowrap">
        <State source={source} nowMs={nowMs} />
      </td>
    </tr>
  );
}

const rateText = (perMinute: number | null): string =>
  formatCompact(perMinute === null ? null : Math.round(perMinute * 10) / 10);

function lagText(lagMs: number | null): string {
  if (lagMs === null) return "–";
  return lagMs < 1_000 ? "< 1 s" : formatAge(lagMs).replace(" ago", "");
}

/** The worst that can be said of a sender, in a few words. */
function State({ source, nowMs }: { source: SourceView; nowMs: number }) {
  if (source.silentSinceMs !== null)
    return <span className="text-bad">silent since {formatAge(nowMs - source.silentSinceMs)}</span>;
  if (source.breaches.length > 0)
    return <span className="text-warn">{source.breaches.length === 1 ? "data fault" : "data faults"}</span>;
  if (source.overflowed > 0) return <span className="text-warn">too many segments</span>;
  if (source.rejected > 0 && source.accepted === 0) return <span className="text-bad">refused only</span>;
  return source.accepted > 0 ? (
    <span className="text-good">well</span>
  ) : (
    <span className="text-ink-3">connected</span>
  );
}
