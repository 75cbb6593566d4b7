import Link from "next/link";
import type { Tile } from "@/lib/contract/read.ts";
import { Sparkline } from "../charts/sparkline.tsx";
import { formatCompact, formatPercent, formatPoints, formatValue } from "../ui/format.ts";

const TILE_COLOURS: Readonly<Record<string, string>> = {
  resume_rate: "var(--resumed)",
  accept_rate: "var(--good)",
  full_per_s: "var(--full)",
  resumed_per_s: "var(--resumed)",
  p95_full: "var(--full)",
  p95_resumed: "var(--resumed)",
  cpu_saved: "var(--accent)",
  open_incidents: "var(--bad)",
  failure_rate: "var(--failed)",
};
/** Below this count the interval is said beside the rate (DOMAIN 5.6 greys below 50; intervals help up to a few hundred). */
const SHOW_INTERVAL_BELOW = 500;

/** The figures of the window: value, count behind it, movement against the comparison, and its course. */
export function Tiles({ tiles, compared }: { tiles: readonly Tile[]; compared: boolean }) {
  return (
    <ul className="grid grid-cols-2 gap-px overflow-hidden border-y border-rule bg-rule sm:rounded-sm sm:border lg:grid-cols-5 2xl:grid-cols-10">
      {tiles.map((tile) => (
        <li key={tile.id} className="min-w-0 bg-surface px-3 py-2" data-tile={tile.id}>
          <p className="truncate text-ink-2">
            {tile.id === "open_incidents" ? (
              <Link href="/incidents" className="inline-block min-h-6 min-w-6 hover:underline">
                {tile.label}
              </Link>
            ) : (
              tile.label
            )}
          </p>
          <p className="flex items-baseline gap-2">
            <b className="text-xl font-semibold tracking-tight" data-value>
              {formatValue(tile.value, tile.unit)}
            </b>
            {compared && tile.value !== null ? <Movement tile={tile} /> : null}
          </p>
          <p className="truncate text-ink-3" title={tile.note ?? undefined}>
            {tile.note ?? <Behind tile={tile} />}
          </p>
          <Sparkline points={tile.sparkline} colour={TILE_COLOURS[tile.id] ?? "var(--ink-2)"} />
        </li>
      ))}
    </ul>
  );
}

function Behind({ tile }: { tile: Tile }) {
  const small =
    tile.unit === "ratio" && tile.count < SHOW_INTERVAL_BELOW && tile.low !== null && tile.high !== null;
  return (
    <>
      of <span data-count>{formatCompact(tile.count)}</span>
      {small ? ` · ${formatPercent(tile.low, 0)}–${formatPercent(tile.high, 0)}` : ""}
    </>
  );
}

function Movement({ tile }: { tile: Tile }) {
  if (tile.previous === null) return <span className="text-ink-3">no earlier data</span>;
  const moved = (tile.value ?? 0) - tile.previous;
  const text =
    tile.unit === "ratio"
      ? formatPoints(moved)
      : tile.previous === 0
        ? "from 0"
        : `${moved >= 0 ? "+" : "−"}${Math.abs((moved / tile.previous) * 100).toFixed(0)} %`;
  return <span className="text-ink-2">{text}</span>;
}
