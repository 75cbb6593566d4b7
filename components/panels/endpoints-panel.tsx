import Link from "next/link";
import { UNKNOWN_NAME } from "@/lib/client/names.ts";
import type { EndpointRow } from "@/lib/contract/read.ts";
import { Sparkline } from "../charts/sparkline.tsx";
import { formatCompact, formatCount, formatPoints, nameOf } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { EmptyState } from "../ui/states.tsx";
import { RateCell } from "./rate-cell.tsx";

/** Endpoints, those that lost most handshakes against the comparison first. */
export function EndpointsPanel({
  rows,
  query,
  compared,
}: {
  rows: readonly EndpointRow[];
  query: string;
  compared: boolean;
}) {
  const someUnknown = rows.some((row) => row.unknown > 0);
  return (
    <Panel title="Endpoints" note={compared ? "most handshakes lost first" : "most handshakes first"}>
      {rows.length === 0 ? (
        <EmptyState title="No endpoint in this window." />
      ) : (
        <section className="overflow-x-auto" tabIndex={0} aria-label="List of endpoints">
          <table className="w-full text-right">
            <thead className="text-ink-3">
              <tr>
                <th className="py-1 pr-3 text-left font-normal">Endpoint</th>
                <th className="px-3 font-normal">Resume rate</th>
                <th className="w-32 px-3 text-left font-normal max-sm:hidden">Course</th>
                {compared ? <th className="px-3 font-normal">Moved</th> : null}
                {compared ? <th className="px-3 font-normal">Lost</th> : null}
                <th className="px-3 font-normal">Full</th>
                <th className="px-3 font-normal">Resumed</th>
                {someUnknown ? <th className="px-3 font-normal">Not known how</th> : null}
                <th className="pl-3 font-normal">Failed</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={nameOf(row.endpoint)} className="border-t border-rule hover:bg-sunken/60">
                  <td className="max-w-64 truncate py-1 pr-3 text-left">
                    <Link
                      className="text-accent hover:underline"
                      href={`/endpoints/${encodeURIComponent(row.endpoint ?? UNKNOWN_NAME)}${query}`}
                    >
                      {nameOf(row.endpoint)}
                    </Link>
                  </td>
                  <td className="px-3">
                    <RateCell value={row.resumeRate} low={row.low} high={row.high} />
                  </td>
                  <td className="px-3 max-sm:hidden">
                    <Sparkline points={row.sparkline} colour="var(--resumed)" />
                  </td>
                  {compared ? (
                    <td className="px-3">
                      {formatPoints(
                        row.resumeRate === null || row.previousResumeRate === null
                          ? null
                          : row.resumeRate - row.previousResumeRate,
                      )}
                    </td>
                  ) : null}
                  {compared ? (
                    <td className="px-3">{formatCompact(row.lost === null ? null : Math.round(row.lost))}</td>
                  ) : null}
                  <td className="px-3">{formatCount(row.full)}</td>
                  <td className="px-3">{formatCount(row.resumed)}</td>
                  {someUnknown ? <td className="px-3">{formatCount(row.unknown)}</td> : null}
                  <td className="pl-3">{formatCount(row.failed)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  );
}
