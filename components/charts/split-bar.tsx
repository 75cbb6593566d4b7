import { formatPoints } from "../ui/format.ts";
import type { SplitBar } from "./prepare/incident.ts";

/** What a change was made of, as parts left (down) and right (up) of no change. The list beside it carries the figures. */
export function SplitBarChart({ bar, label }: { bar: SplitBar; label: string }) {
  const said = bar.parts.map((part) => `${part.label} ${formatPoints(part.value)}`).join(", ");
  return (
    <div role="img" aria-label={`${label}: ${said}`} className="relative h-5 bg-sunken">
      {bar.parts.map((part) => (
        <i
          key={part.label}
          className="absolute inset-y-0.5"
          style={{ left: `${part.left * 100}%`, width: `${part.width * 100}%`, background: part.colour }}
        />
      ))}
      <i className="absolute -inset-y-0.5 w-px bg-ink" style={{ left: `calc(${bar.zero * 100}% - 0.5px)` }} />
    </div>
  );
}
