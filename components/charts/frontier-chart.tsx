"use client";
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceDot,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { inLength } from "@/lib/domain/words.ts";
import { formatPercent } from "../ui/format.ts";
import type { FrontierDot, FrontierModel, FrontierRow } from "./prepare/frontier.ts";

const LEFT = 52;

type FrontierChartProps = {
  readonly model: FrontierModel;
  /** Today first, then what is chosen. */
  readonly dots: readonly FrontierDot[];
  /** Limits of the ticket lifetime's kind that have a place on the axis. */
  readonly limits: readonly { readonly label: string; readonly exposureS: number }[];
  readonly height: number;
};

/** Resume rate against exposure window, a line for each number of kept keys, with today's and the chosen policy on it. */
export function FrontierChart({ model, dots, limits, height }: FrontierChartProps) {
  const [first, last] = [model.rows[0]?.exposureS ?? 1, model.rows.at(-1)?.exposureS ?? 1];
  const inside = (value: number): number => Math.min(last, Math.max(first, value));
  return (
    <>
      <Legend model={model} />
      <div style={{ height }}>
        <ResponsiveContainer width="100%" height="100%">
          <ComposedChart data={[...model.rows]} margin={{ top: 14, right: 16, bottom: 16, left: 0 }}>
            <CartesianGrid stroke="var(--rule)" vertical={false} />
            <XAxis
              dataKey="exposureS"
              type="number"
              scale="log"
              domain={[first, last]}
              allowDataOverflow
              ticks={[...model.ticks]}
              tickFormatter={(value: number) => inLength(value * 1_000)}
              tick={{ fill: "var(--ink-3)", fontSize: 11 }}
              stroke="var(--rule-strong)"
              minTickGap={16}
              label={{
                value: "Exposure window by design",
                position: "insideBottom",
                offset: -10,
                fill: "var(--ink-3)",
                fontSize: 11,
              }}
            />
            <YAxis
              width={LEFT}
              domain={[0, 1]}
              tickCount={6}
              tickFormatter={(value: number) => formatPercent(value, 0)}
              tick={{ fill: "var(--ink-3)", fontSize: 11 }}
              stroke="none"
            />
            <Area
              dataKey="beyond"
              stroke="none"
              fill="var(--unknown)"
              fillOpacity={0.25}
              activeDot={false}
              isAnimationActive={false}
            />
            {model.lines.map(({ key, label, colour, dash, width }) => (
              <Line
                key={key}
                dataKey={key}
                name={label}
                stroke={colour}
                strokeWidth={width}
                {...(dash ? { strokeDasharray: dash } : {})}
                type="linear"
                dot={false}
                activeDot={false}
                isAnimationActive={false}
              />
            ))}
            {limits
              .filter(({ exposureS }) => exposureS > first && exposureS < last)
              .map(({ label, exposureS }) => (
                <ReferenceLine
                  key={label}
                  x={exposureS}
                  stroke="var(--warn)"
                  strokeDasharray="2 3"
                  label={{ value: label, position: "insideTopRight", fill: "var(--warn)", fontSize: 11 }}
                />
              ))}
            {dots.map(({ name, isToday, exposureS, prediction }) => (
              <ReferenceDot
                key={name}
                x={inside(exposureS)}
                y={prediction.rate.value}
                r={isToday ? 5 : 4.5}
                fill={isToday ? "var(--surface)" : "var(--accent)"}
                stroke={isToday ? "var(--ink)" : "var(--surface)"}
                strokeWidth={isToday ? 2 : 1}
                label={{
                  value: name,
                  position: isToday ? "bottom" : "top",
                  fill: "var(--ink)",
                  fontSize: 11,
                }}
              />
            ))}
            <Tooltip
              isAnimationActive={false}
              cursor={{ stroke: "var(--ink-3)" }}
              content={({ active, label }) =>
                active ? <Readout model={model} exposureS={Number(label)} /> : null
              }
            />
          </ComposedChart>
        </ResponsiveContainer>
      </div>
    </>
  );
}

function Legend({ model }: { model: FrontierModel }) {
  return (
    <ul className="mb-1 flex flex-wrap gap-x-4 gap-y-0.5 text-ink-2">
      {model.lines.map(({ key, label, colour, dash, width }) => (
        <li key={key} className="flex items-center gap-1.5">
          <svg width="22" height="6" aria-hidden="true">
            <path
              d="M0 3H22"
              stroke={colour}
              strokeWidth={width}
              {...(dash ? { strokeDasharray: dash } : {})}
            />
          </svg>
          {label}
        </li>
      ))}
      {model.rows.some(({ beyond }) => beyond) ? (
        <li className="flex items-center gap-1.5">
          <i aria-hidden className="size-2.5 rounded-[2px] bg-[var(--unknown)] opacity-40" />
          unknown: between the least and the bound
        </li>
      ) : null}
    </ul>
  );
}

function Readout({ model, exposureS }: { model: FrontierModel; exposureS: number }) {
  const row = model.rows.find((of: FrontierRow) => of.exposureS === exposureS);
  if (!row) return null;
  return (
    <div className="rounded-sm border border-rule-strong bg-raised px-2.5 py-2 shadow-sm">
      <p className="mb-1 text-ink-3">{inLength(exposureS * 1_000)} of exposure</p>
      {model.lines.map(({ key, label }) => (
        <p key={key} className="flex gap-4">
          <span className="text-ink-2">{label}</span>
          <b className="ml-auto font-medium">{formatPercent(row[key] ?? null)}</b>
        </p>
      ))}
      {row.beyond ? <p className="text-ink-3">at most {formatPercent(row.beyond[1])}</p> : null}
    </div>
  );
}
