"use client";
import { type ReactNode, useState } from "react";
import { formatCount, formatDateTime, formatOffset, formatValue } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { type ChartModel, modelCsv } from "./prepare/model.ts";

type ChartFrameProps = {
  readonly title: string;
  readonly note?: ReactNode;
  /** Heat maps have a scale in place of a legend. */
  readonly legend?: boolean;
  readonly model: ChartModel | null;
  /** What the chart shows, in a sentence with its figures. */
  readonly description: string;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
};

/** A chart with its legend, its table and its CSV. */
export function ChartFrame(props: ChartFrameProps) {
  const { title, note, legend = true, model, description, tools, children, className } = props;
  const [table, setTable] = useState(false);
  return (
    <Panel
      title={title}
      note={note}
      {...(className ? { className } : {})}
      tools={
        <>
          {tools}
          <button type="button" className="control" aria-pressed={table} onClick={() => setTable(!table)}>
            Table
          </button>
          <button
            type="button"
            className="control"
            disabled={!model}
            onClick={() => model && download(title, modelCsv(model))}
          >
            CSV
          </button>
        </>
      }
    >
      <p className="sr-only">{description}</p>
      {model && legend ? <Legend model={model} /> : null}
      {table && model ? <ModelTable model={model} title={title} /> : children}
    </Panel>
  );
}

function Legend({ model }: { model: ChartModel }) {
  return (
    <ul className="mb-1 flex flex-wrap gap-x-4 gap-y-0.5 text-ink-2">
      {model.columns.map((column) => (
        <li key={column.key} className="flex items-center gap-1.5">
          <i
            aria-hidden
            className={column.shape === "area" ? "size-2.5 rounded-[2px]" : "h-0 w-4 border-t-2"}
            style={
              column.shape === "area"
                ? { background: column.colour }
                : { borderColor: column.colour, borderStyle: column.shape === "dashed" ? "dashed" : "solid" }
            }
          />
          {column.label}
        </li>
      ))}
    </ul>
  );
}

function ModelTable({ model, title }: { model: ChartModel; title: string }) {
  return (
    <section
      className="max-h-80 overflow-auto border border-rule"
      tabIndex={0}
      aria-label={`${title}, as a table`}
    >
      <table className="w-full text-right">
        <thead className="sticky top-0 bg-sunken">
          <tr>
            <th className="px-2 py-1 text-left font-medium">Time</th>
            {model.columns.map((column) => (
              <th key={column.key} className="px-2 py-1 font-medium">
                {column.label}
              </th>
            ))}
            {model.uncounted ? null : <th className="px-2 py-1 font-medium">Handshakes</th>}
          </tr>
        </thead>
        <tbody>
          {model.rows.map((row) => (
            <tr key={row.t} className="border-t border-rule">
              <td className="px-2 py-0.5 text-left whitespace-nowrap">
                {model.from === undefined ? formatDateTime(row.t) : formatOffset(row.t)}
              </td>
              {model.columns.map((column) => (
                <td key={column.key} className="px-2 py-0.5">
                  {formatValue(row.values[column.key] ?? null, model.unit)}
                </td>
              ))}
              {model.uncounted ? null : <td className="px-2 py-0.5">{formatCount(row.count)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Hands a text to the browser as a file. */
export function download(title: string, csv: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
  link.download = `reprise-${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}
