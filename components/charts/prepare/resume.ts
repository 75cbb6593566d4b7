import type { SeriesReply } from "@/lib/contract/read.ts";
import { COLOURS, LABELS } from "../colours.ts";
import { type ApiPoint, type ChartModel, joinLines, type Line, type Row } from "./model.ts";

const MECHANISM_ORDER = ["psk", "ticket", "session_id", "unknown"];

type Extra = {
  readonly previous?: SeriesReply | undefined;
  readonly offer?: SeriesReply | undefined;
  readonly accept?: SeriesReply | undefined;
  /** What was expected, with the band in which the rate usually lies. */
  readonly expected?: SeriesReply | undefined;
  readonly shiftMs: number;
};

const first = (reply: SeriesReply | undefined): readonly ApiPoint[] => reply?.series[0]?.points ?? [];

/** Resume rate as stacked mechanisms under their sum, with offer and accept rate and the earlier window on demand. */
export function prepareResume(rate: SeriesReply, byMechanism: SeriesReply, extra: Extra): ChartModel {
  const total = first(rate);
  const mechanisms = byMechanism.series
    .map((series) => ({ name: series.key.mechanism ?? "unknown", points: series.points }))
    .sort((a, b) => MECHANISM_ORDER.indexOf(a.name) - MECHANISM_ORDER.indexOf(b.name))
    .map(
      ({ name, points }): Line => ({
        key: name,
        label: LABELS[name] ?? name,
        colour: COLOURS[name] ?? "var(--unknown)",
        shape: "area",
        points,
      }),
    );
  const lines: Line[] = [
    ...mechanisms,
    { key: "rate", label: "Resume rate", colour: "var(--ink)", shape: "line", points: total },
  ];
  if (extra.offer)
    lines.push({
      key: "offer",
      label: "Offer rate",
      colour: "var(--full)",
      shape: "thin",
      points: first(extra.offer),
    });
  if (extra.accept)
    lines.push({
      key: "accept",
      label: "Accept rate",
      colour: "var(--good)",
      shape: "thin",
      points: first(extra.accept),
    });
  if (extra.previous)
    lines.push({
      key: "previous",
      label: "Earlier",
      colour: "var(--ink-3)",
      shape: "dashed",
      points: first(extra.previous),
      shiftMs: extra.shiftMs,
    });
  const expected = first(extra.expected).filter(({ value }) => value !== null);
  if (expected.length > 0)
    lines.push({
      key: "expected",
      label: "Expected",
      colour: "var(--ink-3)",
      shape: "thin",
      points: expected,
    });
  const model = joinLines({ ...rate, unit: "ratio" }, lines, total);
  return expected.length > 0 ? { ...model, rows: model.rows.map(withUsual(expected)) } : model;
}

/** Gives a row the band in which its rate usually lies. */
function withUsual(expected: readonly ApiPoint[]): (row: Row) => Row {
  const bands = new Map(
    expected.flatMap(({ t, low, high }) => (low != null && high != null ? [[t, [low, high] as const]] : [])),
  );
  return (row) => ({ ...row, usual: bands.get(row.t) ?? null });
}

/** The name under which an outcome has its colour and label; completed handshakes of unknown outcome are a kind of their own. */
const outcomeOf = (series: SeriesReply["series"][number]): string => series.key.outcome ?? "completed";

/** Full and resumed latency, median and p95, never mixed. */
export function prepareLatency(reply: SeriesReply): ChartModel {
  const lines = reply.series
    .filter((series) => series.key.outcome !== "failed")
    .sort((a, b) => outcomeOf(a).localeCompare(outcomeOf(b)) || (a.q ?? 0) - (b.q ?? 0))
    .map((series): Line => {
      const outcome = outcomeOf(series);
      const median = series.q === 0.5;
      return {
        key: `${outcome}-${series.q}`,
        label: `${LABELS[outcome] ?? outcome} ${median ? "p50" : "p95"}`,
        colour: COLOURS[outcome] ?? "var(--unknown)",
        shape: median ? "line" : "dashed",
        points: series.points,
      };
    });
  return joinLines({ ...reply, unit: "us" }, lines, sumCounts(reply, "q"));
}

/** Handshakes per second by outcome, stacked. */
export function prepareVolume(reply: SeriesReply): ChartModel {
  const order = ["resumed", "full", "completed", "failed"];
  const perSecond = (points: readonly ApiPoint[]): ApiPoint[] =>
    points.map((p) => ({ ...p, value: p.value === null ? null : p.value / (reply.stepMs / 1_000) }));
  const lines = [...reply.series]
    .sort((a, b) => order.indexOf(outcomeOf(a)) - order.indexOf(outcomeOf(b)))
    .map((series): Line => {
      const outcome = outcomeOf(series);
      return {
        key: outcome,
        label: LABELS[outcome] ?? outcome,
        colour: COLOURS[outcome] ?? "var(--unknown)",
        shape: "area",
        points: perSecond(series.points),
      };
    });
  return joinLines({ ...reply, unit: "per_s" }, lines, sumCounts(reply));
}

function sumCounts(reply: SeriesReply, once?: "q"): ApiPoint[] {
  const quantile = once && reply.series[0]?.q;
  const sums = new Map<number, ApiPoint>();
  for (const series of reply.series) {
    if (once && series.q !== quantile) continue;
    for (const point of series.points) {
      const known = sums.get(point.t);
      sums.set(point.t, { ...point, value: null, count: (known?.count ?? 0) + point.count });
    }
  }
  return [...sums.values()];
}
