import type { PreviewReply } from "@/lib/contract/read-alerts.ts";
import type { AlertUnit } from "@/lib/domain/alert-words.ts";
import type { ChartModel, Column } from "./model.ts";

/** Units of conditions as charts write them. */
const UNITS: Readonly<Record<AlertUnit, string>> = {
  ...{ ratio: "ratio", points: "ratio", share: "ratio", us: "us", cores: "cores", handshakes: "per_s" },
  ...{ s: "length", factor: "times", open: "count" },
};

/** An alert by what it is split by. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).filter(([name]) => name !== "incident" && name !== "finding");
  return parts.map(([, value]) => value).join(", ") || "everything";
}

/** Courses of a preview over one time axis, with the line beyond which it fires. */
export function previewModel({ series, limit, unit, fromMs, toMs, stepMs }: PreviewReply): ChartModel {
  const columns: Column[] = series.map(({ labels }, index) => ({
    ...{ key: `alert-${index}`, label: labelsText(labels), colour: `var(--series-${index + 1})` },
    shape: series.length === 1 ? "line" : "thin",
  }));
  if (limit !== null) columns.push({ key: "limit", label: "Limit", colour: "var(--bad)", shape: "dashed" });
  const values = series.map(({ points }) => new Map(points));
  const moments = Array.from(
    { length: Math.floor((toMs - fromMs) / stepMs) + 1 },
    (_, i) => fromMs + i * stepMs,
  );
  return {
    ...{ fromMs, toMs, stepMs, unit: UNITS[unit], columns, uncounted: true },
    rows: moments.map((t) => ({
      ...{ t, partial: false, count: 0, band: null },
      values: {
        ...Object.fromEntries(values.map((points, index) => [`alert-${index}`, points.get(t) ?? null])),
        ...(limit === null ? {} : { limit }),
      },
    })),
  };
}
