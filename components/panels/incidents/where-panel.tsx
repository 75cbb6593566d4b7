"use client";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import { MiniCourse } from "@/components/charts/mini-course.tsx";
import {
  contributionRows,
  DIMENSION_NAMES,
  type Dimension,
  dimensionsOf,
} from "@/components/charts/prepare/incident.ts";
import { formatCompact, formatCount, formatPercent, nameOf } from "@/components/ui/format.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { EmptyState } from "@/components/ui/states.tsx";
import type { Contribution, IncidentReply } from "@/lib/contract/read-incidents.ts";
import { RateCell } from "../rate-cell.tsx";
import { useRequest } from "../use-request.ts";
import { partsLabel, partsMetric, scopeText } from "./words.ts";

const WORDS: Readonly<Record<Dimension, string>> = {
  endpoint: "endpoint",
  node: "node",
  region: "region",
  family: "client family",
  protocol: "protocol",
  mechanism: "mechanism",
  reason: "rejection reason",
};

type Window = { readonly fromMs: number; readonly toMs: number };

/** Where: the scope in words, and what each value lost, each with its course on one scale. */
export function WherePanel({ reply }: { reply: IncidentReply }) {
  const [by, setBy] = useQueryState("by", parseAsStringLiteral(DIMENSION_NAMES).withDefault("worst"));
  const { contributions, course, incident } = reply;
  const dimensions = dimensionsOf(contributions);
  const chosen = by === "worst" || dimensions.some(({ name }) => name === by) ? by : "worst";
  const rows = contributionRows(contributions, chosen);
  const [first, last] = [course[0], course.at(-1)];
  const window = first && last && first.t < last.t ? { fromMs: first.t, toMs: last.t } : null;
  return (
    <Panel
      title="Where"
      note={`${scopeText(incident.scope)}; by ${partsLabel(incident).toLowerCase()}`}
      tools={
        <fieldset className="flex flex-wrap justify-end gap-px" aria-label="What lost by which dimension">
          {[{ name: "worst" as const, values: 0 }, ...dimensions].map(({ name, values }) => (
            <button
              key={name}
              type="button"
              className="control"
              aria-pressed={chosen === name}
              onClick={() => void setBy(name)}
            >
              {name === "worst" ? "Worst" : WORDS[name]}
              {values > 0 ? <span className="text-ink-3">{values}</span> : null}
            </button>
          ))}
        </fieldset>
      }
    >
      {rows.length === 0 ? (
        <EmptyState title="Too few handshakes on both sides of the onset to say who lost what." />
      ) : (
        <ContributionTable rows={rows} reply={reply} window={window} single={chosen !== "worst"} />
      )}
    </Panel>
  );
}

type TableProps = {
  readonly rows: readonly Contribution[];
  readonly reply: IncidentReply;
  readonly window: Window | null;
  readonly single: boolean;
};

function ContributionTable({ rows, reply, window, single }: TableProps) {
  return (
    <section className="overflow-x-auto" tabIndex={0} aria-label="What each value lost">
      <table className="w-full text-right">
        <thead className="text-ink-3">
          <tr>
            <th className="py-1 pr-3 text-left font-normal">
              {single ? nameOf(WORDS[rows[0]?.dimension ?? "node"]) : "Value"}
            </th>
            {window ? <th className="w-72 px-3 text-left font-normal max-sm:hidden">Course</th> : null}
            <th className="px-3 font-normal">Before</th>
            <th className="px-3 font-normal">Since</th>
            <th className="px-3 font-normal">Lost</th>
            <th className="pl-3 font-normal">Of all lost</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.dimension} ${row.value}`} className="border-t border-rule">
              <td className="max-w-56 py-0.5 pr-3 text-left max-sm:max-w-32">
                <span className="block truncate">{nameOf(row.value)}</span>
                {single ? null : (
                  <span className="block text-[0.85rem] text-ink-3">{WORDS[row.dimension]}</span>
                )}
                {window ? (
                  <div className="sm:hidden">
                    <Course row={row} reply={reply} window={window} />
                  </div>
                ) : null}
              </td>
              {window ? (
                <td className="px-3 max-sm:hidden">
                  <Course row={row} reply={reply} window={window} />
                </td>
              ) : null}
              <td className="px-3">
                <Side share={row.before} />
              </td>
              <td className="px-3">
                <Side share={row.after} />
              </td>
              <td className="px-3">{formatCompact(Math.round(row.lost))}</td>
              <td className="pl-3">
                <LostShare value={row.lostShare} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Side({ share }: { share: Contribution["before"] }) {
  return (
    <span title={share ? `${formatCount(share.k)} of ${formatCount(share.n)}` : undefined}>
      <RateCell value={share?.value ?? null} low={share?.low ?? null} high={share?.high ?? null} />
    </span>
  );
}

function LostShare({ value }: { value: number }) {
  return (
    <span className="flex items-center justify-end gap-2">
      {formatPercent(value, 0)}
      <span aria-hidden className="relative h-2 w-16 shrink-0 rounded-[1px] bg-sunken max-sm:hidden">
        <i
          className="absolute inset-y-0 left-0 bg-bad/70"
          style={{ width: `${Math.max(0, Math.min(1, value)) * 100}%` }}
        />
      </span>
    </span>
  );
}

const GROUPED: readonly Dimension[] = ["endpoint", "node", "region", "family", "protocol", "mechanism"];

/** The course of one value. All values of a dimension come with one request; what cannot be read is left empty, beside its figures. */
function Course({ row, reply, window }: { row: Contribution; reply: IncidentReply; window: Window }) {
  const { scope, onsetMs } = reply.incident;
  const metric = partsMetric(reply.incident);
  const grouped = metric !== null && GROUPED.includes(row.dimension);
  const { data, error } = useRequest(
    "series",
    {
      metric: metric ?? "",
      from: String(window.fromMs),
      to: String(window.toMs),
      by: row.dimension,
      ...(scope.endpoints.length ? { endpoint: scope.endpoints.join(",") } : {}),
    },
    { enabled: grouped },
  );
  if (!grouped) return null;
  if (error) return <span className="text-ink-3">not readable</span>;
  const series = data?.series.find(
    ({ key }) => (key[row.dimension as keyof typeof key] ?? null) === row.value,
  );
  return (
    <MiniCourse
      points={series?.points ?? []}
      fromMs={window.fromMs}
      toMs={window.toMs}
      onsetMs={onsetMs}
      before={row.before?.value ?? null}
      top={metric === "failure_rate" ? Math.max(0.05, row.before?.high ?? 0, row.after?.high ?? 0) : 1}
    />
  );
}
