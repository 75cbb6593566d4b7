"use client";
import { useEffect, useRef, useState } from "react";
import { formatTime } from "../ui/format.ts";
import { useZone } from "../ui/zone.tsx";
import { type HeatRow, thinness } from "./prepare/heat.ts";
import { timeTicks } from "./prepare/model.ts";
import { tickStyle } from "./tick-style.ts";

type HeatGridProps = {
  readonly rows: readonly HeatRow[];
  readonly times: readonly number[];
  readonly stepMs: number;
  /** Colour of the strongest cell; weaker ones fade to the ground. */
  readonly colour: string;
  /** Strength of a value in [0, 1]. */
  readonly strength: (value: number) => number;
  /** What a cell says under the pointer or the arrow keys. */
  readonly describe: (row: HeatRow, column: number) => string;
  /** Cells are the thinner, the fewer their count is below this: their value is uncertain. */
  readonly thinBelow?: number;
  readonly rowHeight: number;
  readonly label: string;
  /** Row labels are drawn every so many rows. */
  readonly labelEvery?: number;
};

const LEFT = 92;

/** Rows over time as a grid of strengths, on a canvas (a thousand cells as SVG would cost ten times as much). */
export function HeatGrid(props: HeatGridProps) {
  const { rows, times, stepMs, colour, strength, describe, rowHeight, label } = props;
  const { labelEvery = 1, thinBelow = 0 } = props;
  const zone = useZone();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cell, setCell] = useState<{ row: number; column: number } | null>(null);
  const height = Math.max(1, rows.length) * rowHeight;
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const draw = (): void =>
      paint(element, { rows, columns: times.length, rowHeight, colour, strength, thinBelow });
    draw();
    const resized = new ResizeObserver(draw);
    resized.observe(element);
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      resized.disconnect();
      themed.disconnect();
    };
  }, [rows, times.length, rowHeight, colour, strength, thinBelow]);
  const move = (row: number, column: number): void =>
    setCell({ row: clamp(row, rows.length), column: clamp(column, times.length) });
  const chosen = cell && rows[cell.row];
  const from = times[0] ?? 0;
  const to = (times.at(-1) ?? 0) + stepMs;
  return (
    <div>
      <div className="flex">
        <div style={{ width: LEFT, height }} className="relative shrink-0 text-[11px] text-ink-3" aria-hidden>
          {rows.map((row, index) =>
            index % labelEvery === 0 ? (
              <span
                key={row.label}
                className="absolute right-2 max-w-full truncate leading-none"
                style={{ top: index * rowHeight + rowHeight / 2 - 6 }}
              >
                {row.label}
              </span>
            ) : null,
          )}
        </div>
        <canvas
          ref={canvas}
          tabIndex={0}
          role="img"
          aria-label={label}
          style={{ height }}
          className="w-full min-w-0 cursor-crosshair"
          onMouseMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            move(
              Math.floor((event.clientY - box.top) / rowHeight),
              Math.floor(((event.clientX - box.left) / box.width) * times.length),
            );
          }}
          onMouseLeave={() => setCell(null)}
          onKeyDown={(event) => {
            const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[
              event.key
            ];
            if (!step) return;
            event.preventDefault();
            move((cell?.row ?? 0) + (step[0] ?? 0), (cell?.column ?? -1) + (step[1] ?? 0));
          }}
        />
      </div>
      <div className="relative h-4 text-[11px] text-ink-3" style={{ marginLeft: LEFT }} aria-hidden>
        {timeTicks(from, to, 6, zone).map((t) => (
          <span key={t} className="absolute whitespace-nowrap" style={tickStyle((t - from) / (to - from))}>
            {formatTime(t, to - from > 86_400_000 ? to - from : 86_400_000, zone)
              .replace(/^\d{4}-/, "")
              .slice(0, 11)}
          </span>
        ))}
      </div>
      <p className="min-h-5 text-ink-2" aria-live="polite">
        {cell && chosen
          ? `${formatTime(times[cell.column] ?? 0, Number.POSITIVE_INFINITY)} · ${describe(chosen, cell.column)}`
          : ""}
      </p>
    </div>
  );
}

const clamp = (index: number, length: number): number => Math.max(0, Math.min(length - 1, index));

type Painting = {
  readonly rows: readonly HeatRow[];
  readonly columns: number;
  readonly rowHeight: number;
  readonly colour: string;
  readonly strength: (value: number) => number;
  readonly thinBelow: number;
};

function paint(canvas: HTMLCanvasElement, painting: Painting): void {
  const { rows, columns, rowHeight, colour, strength, thinBelow } = painting;
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  canvas.width = width * ratio;
  canvas.height = canvas.clientHeight * ratio;
  const context = canvas.getContext("2d");
  if (!context || columns === 0) return;
  context.scale(ratio, ratio);
  const style = getComputedStyle(document.documentElement);
  const strong = style.getPropertyValue(colour).trim();
  const ground = style.getPropertyValue("--heat-0").trim();
  const cellWidth = width / columns;
  rows.forEach((row, y) => {
    row.cells.forEach((value, x) => {
      if (value === null) return;
      const inset = rowHeight * thinness(row.counts[x] ?? 0, thinBelow);
      const [width, height] = [Math.max(1, cellWidth - 0.5), rowHeight - 0.5 - 2 * inset];
      const box = [x * cellWidth, y * rowHeight + inset, width, height] as const;
      context.globalAlpha = 1;
      context.fillStyle = ground;
      context.fillRect(...box);
      context.globalAlpha = Math.max(0, Math.min(1, strength(value)));
      context.fillStyle = strong;
      context.fillRect(...box);
    });
  });
}
