"use client";
import { type PointerEvent, useMemo, useState } from "react";
import {
  Area,
  CartesianGrid,
  ComposedChart,
  ErrorBar,
  Line,
  ReferenceArea,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { formatOffset, formatTime, formatValue } from "../ui/format.ts";
import {
  type ChartModel,
  type Column,
  isolated,
  provisionalSpan,
  type Row,
  timeTicks,
  zoomSpan,
} from "./prepare/model.ts";
import { Readout } from "./readout.tsx";

/** Space for the axes; lanes under a chart use the same to stand under the same times. */
export const PLOT = { left: 52, right: 12 } as const;

/** A moment that has a name in the chart. */
export type NamedMark = { readonly t: number; readonly name: string };

type TimeChartProps = {
  readonly model: ChartModel;
  readonly height: number;
  readonly marks?: readonly number[];
  readonly named?: readonly NamedMark[];
  /** A stretch that is set off, such as the time in which an end is expected. */
  readonly span?: { readonly fromMs: number; readonly toMs: number } | null;
  /** Stretches in which something was wrong. */
  readonly bad?: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly onZoom?: (span: { fromMs: number; toMs: number }) => void;
  /** Upper end of the value axis; by default what the data needs. */
  readonly top?: number;
};

/** Lines and stacked areas over time. Drag selects a span; the cursor is shared by all charts of a page. */
export function TimeChart({
  model,
  height,
  marks = [],
  named = [],
  span: setOff = null,
  bad = [],
  onZoom,
  top,
}: TimeChartProps) {
  const [drag, setDrag] = useState<{ a: number; b: number } | null>(null);
  const data = useMemo(
    () =>
      model.rows.map((row) => ({
        t: row.t,
        count: row.count,
        band: row.band,
        usual: row.usual,
        ...row.values,
      })),
    [model],
  );
  const spanMs = model.toMs - model.fromMs;
  const provisional = provisionalSpan(model.rows);
  // By the pointer itself: the chart's own events come throttled, and the end of a quick drag would be lost.
  const timeAt = (event: PointerEvent<HTMLDivElement>): number => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left - PLOT.left) / (box.width - PLOT.left - PLOT.right);
    const t = model.fromMs + Math.max(0, Math.min(1, share)) * spanMs;
    return Math.min(Math.floor(t / model.stepMs) * model.stepMs, model.toMs - model.stepMs);
  };
  const finish = (event: PointerEvent<HTMLDivElement>): void => {
    const span = drag && zoomSpan(model, drag.a, timeAt(event));
    setDrag(null);
    if (span) onZoom?.(span);
  };
  return (
    <div
      style={{ height }}
      className="touch-pan-y select-none"
      onPointerDown={(event) => {
        if (onZoom && event.pointerType === "mouse") setDrag({ a: timeAt(event), b: timeAt(event) });
      }}
      onPointerMove={(event) => {
        if (drag) setDrag({ a: drag.a, b: timeAt(event) });
      }}
      onPointerUp={finish}
      onPointerLeave={() => setDrag(null)}
    >
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart
          data={data}
          {...(model.from === undefined ? { syncId: "page" } : {})}
          syncMethod="value"
          margin={{ top: 6, right: PLOT.right, bottom: 0, left: 0 }}
        >
          <CartesianGrid stroke="var(--rule)" vertical={false} />
          <XAxis
            dataKey="t"
            type="number"
            domain={[model.fromMs, model.toMs]}
            ticks={timeTicks(model.fromMs, model.toMs, 7, model.from === undefined ? "local" : "utc")}
            tickFormatter={(t: number) => (model.from === undefined ? clockText(t, spanMs) : formatOffset(t))}
            tick={{ fill: "var(--ink-3)", fontSize: 11 }}
            stroke="var(--rule-strong)"
            minTickGap={24}
          />
          <YAxis
            width={PLOT.left}
            domain={[0, top ?? "auto"]}
            tickFormatter={(value: number) => formatValue(value, model.unit).replace(".0 %", " %")}
            tick={{ fill: "var(--ink-3)", fontSize: 11 }}
            stroke="none"
            tickCount={5}
          />
          {model.columns.map((column) => draw(column, model))}
          {banded(model) ? (
            <Area
              dataKey="band"
              stroke="none"
              fill={model.band?.colour ?? "var(--ink)"}
              fillOpacity={0.14}
              dot={false}
              activeDot={false}
              isAnimationActive={false}
              legendType="none"
            />
          ) : null}
          {model.rows.some((row) => row.usual) ? (
            <Area
              dataKey="usual"
              stroke="var(--ink-3)"
              strokeWidth={0.75}
              strokeDasharray="2 3"
              fill="var(--ink-3)"
              fillOpacity={0.1}
              dot={false}
              activeDot={false}
              isAnimationActive={false}
              legendType="none"
            />
          ) : null}
          {provisional ? (
            <ReferenceArea
              x1={provisional.fromMs}
              x2={provisional.toMs}
              fill="var(--surface)"
              fillOpacity={0.65}
              zIndex={450}
            />
          ) : null}
          {marks.map((t) => (
            <ReferenceLine key={t} x={t} stroke="var(--ink-2)" strokeDasharray="2 3" />
          ))}
          {setOff ? (
            <ReferenceArea
              x1={Math.max(setOff.fromMs, model.fromMs)}
              x2={Math.min(setOff.toMs, model.toMs)}
              fill="var(--accent)"
              fillOpacity={0.08}
            />
          ) : null}
          {named
            .filter(({ t }) => t >= model.fromMs && t <= model.toMs)
            .map(({ t, name }) => (
              <ReferenceLine
                key={name}
                x={t}
                stroke="var(--ink)"
                label={{
                  value: name,
                  // Left of the moment, where the course is not yet what the mark is about.
                  position: t > model.fromMs + spanMs * 0.15 ? "insideTopRight" : "insideTopLeft",
                  fill: "var(--ink-2)",
                  fontSize: 11,
                }}
              />
            ))}
          {bad.map(({ fromMs, toMs }) => (
            <ReferenceArea
              key={fromMs}
              x1={Math.max(fromMs, model.fromMs)}
              // A short one has to be seen as well.
              x2={Math.min(Math.max(toMs, fromMs + spanMs / 400), model.toMs)}
              fill="var(--bad)"
              fillOpacity={0.22}
            />
          ))}
          {drag ? <ReferenceArea x1={drag.a} x2={drag.b} fill="var(--accent)" fillOpacity={0.15} /> : null}
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: "var(--ink-3)" }}
            content={({ active, label }) => (active ? <Readout model={model} t={Number(label)} /> : null)}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
}

/** A tick of the clock, without the year. */
function clockText(t: number, spanMs: number): string {
  const shownMs = spanMs > 7_200_000 && spanMs <= 86_400_000 ? 86_400_000 : spanMs;
  return formatTime(t, shownMs).replace(/^\d{4}-/, "");
}

/** The line whose interval the rows carry. */
const BANDED = "rate";
const banded = (model: ChartModel): boolean => model.rows.some((row) => row.band !== null);

function draw(column: Column, model: ChartModel) {
  const common = {
    key: column.key,
    dataKey: column.key,
    name: column.label,
    isAnimationActive: false,
    activeDot: false,
  } as const;
  const { key, ...rest } = common;
  if (column.shape === "area")
    return (
      <Area
        key={key}
        {...rest}
        stackId="stack"
        dot={false}
        type="linear"
        stroke={column.colour}
        fill={column.colour}
        fillOpacity={0.35}
        strokeWidth={1}
      />
    );
  const lonely = isolated(model.rows, column.key);
  return (
    <Line
      key={key}
      {...rest}
      type="linear"
      stroke={column.colour}
      strokeWidth={column.shape === "line" ? 1.75 : 1.25}
      {...(column.shape === "dashed" ? { strokeDasharray: "4 3" } : {})}
      dot={
        lonely.size === 0
          ? false
          : ({ cx, cy, payload }: { cx?: number; cy?: number; payload?: { t: number } }) =>
              payload && lonely.has(payload.t) && cx !== undefined && cy !== undefined ? (
                <circle key={payload.t} cx={cx} cy={cy} r={2} fill={column.colour} />
              ) : (
                <g key={payload?.t ?? 0} />
              )
      }
    >
      {key === BANDED && lonely.size > 0 ? (
        <ErrorBar
          dataKey={(row: Row & Row["values"]) => (lonely.has(row.t) ? whisker(row.band, row[key]) : null)}
          width={0}
          stroke={column.colour}
          strokeWidth={1}
          isAnimationActive={false}
        />
      ) : null}
    </Line>
  );
}

/** How far the interval reaches below and above the value; null where either is not known. */
function whisker(band: Row["band"], value: number | null | undefined): [number, number] | null {
  return band && value != null ? [value - band[0], band[1] - value] : null;
}
