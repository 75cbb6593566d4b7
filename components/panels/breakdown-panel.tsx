"use client";
import { UNKNOWN_NAME } from "@/lib/client/names.ts";
import { type FilterName, pageRequests } from "@/lib/client/view.ts";
import { wilson } from "@/lib/stats/interval.ts";
import { formatCount, nameOf } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { EmptyState, ErrorState, Placeholder } from "../ui/states.tsx";
import { RateCell } from "./rate-cell.tsx";
import { useRequest } from "./use-request.ts";
import { useView } from "./use-view.ts";

const SHOWN = 8;
type BreakdownProps = {
  readonly title: string;
  readonly by: FilterName;
  readonly scope?: Record<string, string>;
};

/** Resume rate by the values of one dimension; a click on one filters the page by it. */
export function BreakdownPanel({ title, by, scope }: BreakdownProps) {
  const [view, setView] = useView();
  const { data, error, refetch } = useRequest("series", pageRequests(view, scope).breakdown(by));
  const rows = data?.series ?? [];
  return (
    <Panel title={title} note={rows.length > SHOWN ? `${SHOWN} of ${rows.length}` : undefined}>
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Placeholder height={120} />
      ) : rows.length === 0 ? (
        <EmptyState title="No handshake in this window." />
      ) : (
        <table className="w-full text-right">
          <thead className="text-ink-3">
            <tr>
              <th className="py-0.5 text-left font-normal">{by}</th>
              <th className="font-normal">Resume rate</th>
              <th className="font-normal">Handshakes</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN).map(({ key, total }) => {
              const interval =
                total.value === null ? null : wilson(Math.round(total.value * total.count), total.count);
              return (
                <tr key={nameOf(key[by])} className="border-t border-rule">
                  <td className="max-w-40 truncate py-0.5 text-left">
                    <button
                      type="button"
                      className="min-h-[24px] min-w-[24px] text-left hover:underline"
                      onClick={() => setView({ [by]: key[by] ?? UNKNOWN_NAME })}
                    >
                      {nameOf(key[by])}
                    </button>
                  </td>
                  <td>
                    <RateCell value={total.value} low={interval?.low ?? null} high={interval?.high ?? null} />
                  </td>
                  <td className="pl-3">{formatCount(total.count)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

/** The breakdowns of a scope. By source, each shows what it told, also where another one counts. */
export function Breakdowns({ scope }: { scope?: Record<string, string> }) {
  return (
    <div className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
      <BreakdownPanel title="Nodes" by="node" {...(scope ? { scope } : {})} />
      <BreakdownPanel title="Regions" by="region" {...(scope ? { scope } : {})} />
      <BreakdownPanel title="Client families" by="family" {...(scope ? { scope } : {})} />
      <BreakdownPanel title="Protocols" by="protocol" {...(scope ? { scope } : {})} />
      <BreakdownPanel title="Sources" by="source" {...(scope ? { scope } : {})} />
    </div>
  );
}
