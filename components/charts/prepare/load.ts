import type { Load, LoadForecast } from "@/lib/policy/lab-recovery.ts";
import type { ChartModel } from "./model.ts";

/** Full handshakes a second after every ticket died, with the band, over what there are today. */
export function prepareLoad({ points, basis }: LoadForecast, load: Load): ChartModel | null {
  const [first, second, last] = [points[0], points[1], points.at(-1)];
  if (!first || !second || !last) return null;
  return {
    fromMs: first.t,
    toMs: last.t,
    stepMs: second.t - first.t,
    unit: "per_s",
    from: "the revocation",
    columns: [
      { key: "today", label: "Full handshakes today", colour: "var(--ink-3)", shape: "dashed" },
      {
        key: "predicted",
        label: basis === "measured" ? "Predicted from ticket ages" : "Predicted, ticket ages estimated",
        colour: "var(--full)",
        shape: "line",
      },
    ],
    rows: points.map(({ t, fullPerS, low, high }) => ({
      t,
      partial: false,
      values: { today: load.fullPerS, predicted: fullPerS },
      count: 0,
      band: [low, high] as const,
    })),
    band: { label: "predicted", colour: "var(--full)" },
  };
}
