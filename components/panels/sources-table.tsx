import { Fragment } from "react";
import type { SourceView } from "@/lib/contract/read.ts";
import { formatAge, formatCount } from "../ui/format.ts";

/** A sender that was heard and then fell silent for this long is marked. */
const STALE_MS = 120_000;

/** Everybody who sends: how fresh, how much, what was refused and why. */
export function SourcesTable({ sources, nowMs }: { sources: readonly SourceView[]; nowMs: number }) {
  return (
    <section className="overflow-x-auto" tabIndex={0} aria-label="Senders">
      <table className="w-full text-right">
        <thead className="text-ink-3">
          <tr>
            <th className="py-1 pr-4 text-left font-normal">Source</th>
            <th className="pr-4 text-left font-normal">Sender</th>
            <th className="pr-4 text-left font-normal">Over</th>
            <th className="pr-4 text-left font-normal">Last heard</th>
            <th className="pr-4 font-normal">Accepted</th>
            <th className="pr-4 font-normal">Refused</th>
            <th className="font-normal">Newest event</th>
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <Fragment key={`${source.source} ${source.transport} ${source.sender}`}>
              <tr className="border-t border-rule">
                <td className="py-1 pr-4 text-left font-medium">{source.source}</td>
                <td className="pr-4 text-left">{source.sender || "not named"}</td>
                <td className="pr-4 text-left text-ink-2">{source.transport.replace("_", " ")}</td>
                <td className="pr-4 text-left whitespace-nowrap">
                  {formatAge(nowMs - source.lastSeenMs)}
                  {nowMs - source.lastSeenMs > STALE_MS ? (
                    <span className="ml-1.5 text-warn">silent</span>
                  ) : null}
                </td>
                <td className="pr-4">{formatCount(source.accepted)}</td>
                <td className={`pr-4 ${source.rejected ? "text-bad" : ""}`}>
                  {formatCount(source.rejected)}
                </td>
                <td className="whitespace-nowrap text-ink-2">
                  {source.lastEventMs === null ? "–" : formatAge(nowMs - source.lastEventMs)}
                </td>
              </tr>
              <Details source={source} nowMs={nowMs} />
            </Fragment>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Details({ source, nowMs }: { source: SourceView; nowMs: number }) {
  if (source.rejections.length === 0 && source.overflowed === 0) return null;
  return (
    <tr>
      <td colSpan={7} className="pb-2 text-left">
        {source.overflowed > 0 ? (
          <p className="text-warn">
            {formatCount(source.overflowed)} handshakes are counted under “(other)”: this sender made more
            segments than its cap. Are random names in the endpoint?
          </p>
        ) : null}
        {source.rejections.map((rejection) => (
          <p key={rejection.reason} className="text-ink-2">
            <span className="text-bad">{formatCount(rejection.count)}</span> × {rejection.reason}, last{" "}
            {formatAge(nowMs - rejection.lastMs)}
            {rejection.sample ? (
              <code className="ml-2 break-all text-ink-3">{rejection.sample.slice(0, 160)}</code>
            ) : null}
          </p>
        ))}
      </td>
    </tr>
  );
}
