import { formatPercent } from "../ui/format.ts";

type RateCellProps = {
  readonly value: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
};

/** A rate with its bar; the whisker is its 95 % interval. */
export function RateCell({ value, low = null, high = null }: RateCellProps) {
  return (
    <span className="flex items-center justify-end gap-2">
      <span>{formatPercent(value)}</span>
      <span aria-hidden className="relative h-2 w-20 shrink-0 rounded-[1px] bg-sunken max-sm:hidden">
        {value === null ? null : (
          <i className="absolute inset-y-0 left-0 bg-resumed/70" style={{ width: `${value * 100}%` }} />
        )}
        {low !== null && high !== null ? (
          <i
            className="absolute top-1/2 h-px bg-ink"
            style={{ left: `${low * 100}%`, width: `${(high - low) * 100}%` }}
          />
        ) : null}
      </span>
    </span>
  );
}
