"use client";
import { formatTime } from "../ui/format.ts";
import { useZone } from "../ui/zone.tsx";
import { type GanttBar, type GanttModel, type GanttRow, nodesText, shortKey } from "./prepare/gantt.ts";
import { timeTicks } from "./prepare/model.ts";
import { tickStyle } from "./tick-style.ts";

const ROW = 24;

/** How each state looks: its colour and its pattern say the same. */
const LOOKS: Readonly<Record<GanttBar["state"], { readonly word: string; readonly look: string }>> = {
  staged: { word: "staged: decrypts only, not current yet", look: "border-2 border-dotted border-accent" },
  current: { word: "current: encrypts and decrypts", look: "bg-accent" },
  previous: {
    word: "previous: decrypts only",
    look: "border border-ink-3 bg-[repeating-linear-gradient(135deg,var(--ink-3)_0_1.5px,transparent_1.5px_5px)]",
  },
};

type KeyGanttProps = {
  readonly model: GanttModel;
  readonly nowMs: number;
  /** The key that is looked at, by its hash. */
  readonly selected: string | null;
  readonly onSelect: (keyName: string | null) => void;
  /** Moments with a line through all rows: announced and observed changes. */
  readonly marks: readonly number[];
};

/** Width that row labels take; lanes under the chart use the same to stand under the same times. */
export const GANTT_LEFT = 148;
export const GANTT_RIGHT = 12;

/** Keys by node over time: each row a key at one node, or at nodes where its life is alike. */
export function KeyGantt({ model, nowMs, selected, onSelect, marks }: KeyGanttProps) {
  const { fromMs, toMs } = model;
  const at = (t: number): string => `${((t - fromMs) / (toMs - fromMs)) * 100}%`;
  return (
    <div>
      <Legend />
      {model.groups.map(({ group, title, rows, left }) => (
        <section
          key={group ?? "none"}
          aria-label={`Keys of ${title}`}
          className="relative border-t border-rule"
        >
          <h3 className="py-1 font-medium">{title}</h3>
          <ul className="relative">
            <li
              aria-hidden
              className="pointer-events-none absolute inset-y-0"
              style={{ left: GANTT_LEFT, right: GANTT_RIGHT }}
            >
              {marks
                .filter((t) => t >= fromMs && t < toMs)
                .map((t) => (
                  <i
                    key={t}
                    className="absolute inset-y-0 w-px border-l border-dashed border-rule-strong"
                    style={{ left: at(t) }}
                  />
                ))}
              {nowMs > fromMs && nowMs < toMs ? (
                <i className="absolute inset-y-0 w-px bg-ink" style={{ left: at(nowMs) }} />
              ) : null}
            </li>
            {rows.map((row, i) => (
              <Row
                key={row.id}
                row={row}
                isFirst={rows[i - 1]?.keyName !== row.keyName}
                isSelected={row.keyName === selected}
                onSelect={() => onSelect(row.keyName === selected ? null : row.keyName)}
              />
            ))}
          </ul>
          {left > 0 ? (
            <p className="py-1 text-ink-3">and {left} older rows, in the table and the CSV</p>
          ) : null}
        </section>
      ))}
      <Axis fromMs={fromMs} toMs={toMs} nowMs={nowMs} />
    </div>
  );
}

type RowProps = {
  readonly row: GanttRow;
  readonly isFirst: boolean;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
};

function Row({ row, isFirst, isSelected, onSelect }: RowProps) {
  const zone = useZone();
  const when = (t: number): string => formatTime(t, Number.POSITIVE_INFINITY, zone);
  const said = row.bars.map(({ state, fromMs, toMs, open, clipped }) => {
    const from = clipped ? "since before this window" : `from ${when(fromMs)}`;
    return `${state} ${from} ${open ? "until now" : `to ${when(toMs)}`}`;
  });
  const nodes = row.nodes.join(", ");
  const revoked = row.revokedMs === null ? "" : `, revoked ${when(row.revokedMs)}`;
  return (
    <li className={`group relative flex ${isSelected ? "bg-accent-soft" : ""}`} style={{ height: ROW }}>
      <button
        type="button"
        aria-pressed={isSelected}
        aria-label={`Key ${shortKey(row.keyName)} at ${nodes}: ${said.join(", ")}${revoked}`}
        onClick={onSelect}
        className="absolute inset-0 z-1 hover:bg-ink/5"
      />
      <span
        aria-hidden
        className="flex shrink-0 items-center gap-1.5 overflow-hidden pr-2 text-[11px] whitespace-nowrap"
        style={{ width: GANTT_LEFT }}
      >
        <code className={`font-mono ${isFirst ? "text-ink-2" : "opacity-0"}`}>{shortKey(row.keyName)}</code>
        <span className="truncate text-ink-3">{nodesText(row.nodes)}</span>
      </span>
      <span aria-hidden className="relative min-w-0 flex-1" style={{ marginRight: GANTT_RIGHT }}>
        {row.bars.map((bar) => (
          <i
            key={`${bar.fromMs}-${bar.state}`}
            className={`absolute min-w-[3px] rounded-[2px] ${LOOKS[bar.state].look} ${bar.state === "current" ? "inset-y-[5px]" : "inset-y-[7px]"} ${bar.open ? "rounded-r-none" : ""}`}
            style={{ left: `${bar.left * 100}%`, width: `${bar.width * 100}%` }}
          />
        ))}
      </span>
      <span
        aria-hidden
        className="pointer-events-none absolute bottom-full left-4 z-10 hidden w-max max-w-[min(30rem,90%)] rounded-sm border border-rule-strong bg-raised px-2.5 py-1.5 shadow-sm group-focus-within:block group-hover:block"
      >
        <span className="block text-ink-3">
          Key <code>{shortKey(row.keyName)}</code> at {nodes}
        </span>
        {said.map((text) => (
          <span key={text} className="block">
            {text}
          </span>
        ))}
        {revoked ? <span className="block text-bad">{revoked.slice(2)}</span> : null}
      </span>
    </li>
  );
}

function Legend() {
  return (
    <ul className="mb-2 flex flex-wrap gap-x-4 gap-y-0.5 text-ink-2">
      {Object.entries(LOOKS).map(([state, { word, look }]) => (
        <li key={state} className="flex items-center gap-1.5">
          <i aria-hidden className={`h-2.5 w-5 rounded-[2px] ${look}`} />
          {word}
        </li>
      ))}
    </ul>
  );
}

function Axis({ fromMs, toMs, nowMs }: { fromMs: number; toMs: number; nowMs: number }) {
  const zone = useZone();
  const spanMs = toMs - fromMs;
  const at = (t: number) => tickStyle((t - fromMs) / spanMs);
  const ticks = timeTicks(fromMs, toMs, 7, zone).filter((t) => Math.abs(t - nowMs) > spanMs * 0.05);
  return (
    <div
      aria-hidden
      className="relative h-5 border-t border-rule-strong text-[11px] text-ink-3"
      style={{ marginLeft: GANTT_LEFT, marginRight: GANTT_RIGHT }}
    >
      {ticks.map((t, i) => (
        <span
          key={t}
          className={`absolute top-0.5 whitespace-nowrap ${i % 2 ? "max-sm:hidden" : ""}`}
          style={at(t)}
        >
          {formatTime(t, Math.max(spanMs, 3_600_001), zone)
            .replace(/^\d{4}-/, "")
            .replace(/ 00:00$/, "")}
        </span>
      ))}
      {nowMs > fromMs && nowMs <= toMs ? (
        <span className="absolute top-0.5 font-medium text-ink" style={at(nowMs)}>
          now
        </span>
      ) : null}
    </div>
  );
}
