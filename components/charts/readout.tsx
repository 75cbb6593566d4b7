import { formatCount, formatOffset, formatTime, formatValue } from "../ui/format.ts";
import type { ChartModel } from "./prepare/model.ts";

function spanText([low, high]: readonly [number, number], unit: string): string {
  return `${formatValue(low, unit)} to ${formatValue(high, unit)}`;
}

/** What a chart says under the pointer at one moment. */
export function Readout({ model, t }: { model: ChartModel; t: number }) {
  const row = model.rows.find((r) => r.t === t);
  if (!row) return null;
  return (
    <div className="rounded-sm border border-rule-strong bg-raised px-2.5 py-2 shadow-sm">
      <p className="mb-1 text-ink-3">
        {model.from === undefined
          ? formatTime(t, Number.POSITIVE_INFINITY)
          : `${formatOffset(t)} from ${model.from}`}
        {row.partial ? " · not over yet" : ""}
      </p>
      {model.columns.map((column) => (
        <p key={column.key} className="flex items-center gap-2">
          <i aria-hidden className="size-2 rounded-full" style={{ background: column.colour }} />
          <span className="text-ink-2">{column.label}</span>
          <b className="ml-auto pl-4 font-medium" data-series={column.key}>
            {formatValue(row.values[column.key] ?? null, model.unit)}
          </b>
        </p>
      ))}
      <p className={model.uncounted ? "hidden" : "mt-1 border-t border-rule pt-1 text-ink-3"}>
        {[
          // What is only predicted has no handshakes behind it.
          row.count === 0 && row.band ? [] : [`${formatCount(row.count)} handshakes`],
          row.band ? [`${model.band?.label ?? "95 %"}: ${spanText(row.band, model.unit)}`] : [],
        ]
          .flat()
          .join(", ")}
      </p>
      {row.usual ? (
        <p className="text-ink-3">
          usually {formatValue(row.usual[0], model.unit)} to {formatValue(row.usual[1], model.unit)}
        </p>
      ) : null}
    </div>
  );
}
