"use client";
import { type ReactNode, useState } from "react";
import { Panel } from "../ui/panel.tsx";
import { download } from "./chart-frame.tsx";
import { type TableModel, tableCsv } from "./prepare/table.ts";

type TableFrameProps = {
  readonly title: string;
  readonly note?: ReactNode;
  readonly table: TableModel | null;
  /** What the chart shows, in a sentence with its figures. */
  readonly description: string;
  readonly tools?: ReactNode;
  readonly className?: string;
  /** What stands under the chart and its table alike. */
  readonly below?: ReactNode;
  readonly children: ReactNode;
};

/** A chart whose axis is not time (or not only), with its table and its CSV. */
export function TableFrame(props: TableFrameProps) {
  const { title, note, table, description, tools, className, below, children } = props;
  const [asTable, setAsTable] = useState(false);
  return (
    <Panel
      title={title}
      note={note}
      {...(className ? { className } : {})}
      tools={
        <>
          {tools}
          <button
            type="button"
            className="control"
            aria-pressed={asTable}
            disabled={!table}
            onClick={() => setAsTable(!asTable)}
          >
            Table
          </button>
          <button
            type="button"
            className="control"
            disabled={!table}
            onClick={() => table && download(title, tableCsv(table))}
          >
            CSV
          </button>
        </>
      }
    >
      <p className="sr-only">{description}</p>
      {asTable && table ? <PlainTable table={table} title={title} /> : children}
      {below}
    </Panel>
  );
}

function PlainTable({ table, title }: { table: TableModel; title: string }) {
  return (
    <section
      className="max-h-96 overflow-auto border border-rule"
      tabIndex={0}
      aria-label={`${title}, as a table`}
    >
      <table className="w-full text-left">
        <thead className="sticky top-0 bg-sunken">
          <tr>
            {table.head.map((name) => (
              <th key={name} className="px-2 py-1 font-medium whitespace-nowrap">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map(({ id, cells }) => (
            <tr key={id} className="border-t border-rule">
              {table.head.map((name, i) => (
                <td key={name} className="px-2 py-0.5 whitespace-nowrap">
                  {cells[i] ?? "–"}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
