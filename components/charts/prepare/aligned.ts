import type { AlignedReply } from "@/lib/contract/read-effect.ts";
import { inUtc } from "@/lib/domain/words.ts";
import { type ChartModel, joinLines, type Line } from "./model.ts";

/** The resume rate around each of the last changes of a kind, over the time from the change; null where nothing was measured. */
export function prepareAligned({ change, aroundMs, stepMs, courses, mean }: AlignedReply): ChartModel | null {
  if (mean.every(({ value }) => value === null)) return null;
  const lines = courses.map(({ change: one, points }): Line => {
    const own = one.id === change.id;
    return {
      key: `change ${one.id}`,
      label: own ? "This one" : inUtc(one.atMs, 0),
      colour: own ? "var(--ink)" : "var(--ink-3)",
      shape: own ? "line" : "thin",
      points,
    };
  });
  const together: Line = {
    key: "mean",
    label: "All together",
    colour: "var(--accent)",
    shape: "dashed",
    points: mean,
  };
  const window = { fromMs: -aroundMs, toMs: aroundMs, stepMs, unit: "ratio" };
  return {
    // This one last, so that it lies uppermost.
    ...joinLines(window, [...lines.reverse(), ...(courses.length > 1 ? [together] : [])], mean),
    from: "the change",
    band: { label: "all, 95 %", colour: "var(--accent)" },
  };
}
