import { inLength } from "@/lib/domain/words.ts";
import type { Prediction } from "@/lib/policy/lab.ts";
import type { FrontierCurve } from "@/lib/policy/lab-frontier.ts";
import { formatPercent } from "../../ui/format.ts";
import type { TableModel } from "./table.ts";

/** One exposure with the rate of each curve; `beyond` of the best curve: between what is known and the bound. */
export type FrontierRow = {
  readonly exposureS: number;
  readonly beyond: readonly [number, number] | null;
  readonly [curve: `keys${number}`]: number | null;
};
export type FrontierLine = {
  readonly key: `keys${number}`;
  readonly label: string;
  readonly colour: string;
  readonly dash: string | null;
  readonly width: number;
};
export type FrontierModel = {
  readonly rows: readonly FrontierRow[];
  readonly lines: readonly FrontierLine[];
  readonly ticks: readonly number[];
  readonly table: TableModel;
};
/** A policy as a point of the chart. */
export type FrontierDot = {
  readonly name: string;
  readonly isToday: boolean;
  readonly exposureS: number;
  readonly prediction: Prediction;
};

const TICKS_S = [600, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800, 1_209_600];
const DASHES = ["2 3", "6 3", "10 3 2 3", null];

/** The curves over one axis of exposure, with their table; null without curves. */
export function prepareFrontier(curves: readonly FrontierCurve[]): FrontierModel | null {
  const best = curves.at(-1);
  if (!best) return null;
  const rows = best.points.map((point, i): FrontierRow => {
    const rates = curves.map(({ retained, points }) => [
      `keys${retained}`,
      points[i]?.prediction.rate.value ?? null,
    ]);
    const { rate, beyond } = point.prediction;
    return {
      exposureS: point.exposureS,
      beyond: beyond ? [rate.value, beyond.atMost] : null,
      ...Object.fromEntries(rates),
    };
  });
  const lines = curves.map(({ retained }, i): FrontierLine => {
    const last = i === curves.length - 1;
    return {
      key: `keys${retained}`,
      label: retained === 0 ? "no old key kept" : `${retained} old ${retained === 1 ? "key" : "keys"} kept`,
      colour: last ? "var(--accent)" : "var(--ink-2)",
      dash: last ? null : (DASHES[i] ?? null),
      width: last ? 1.75 : 1.25,
    };
  });
  return { rows, lines, ticks: TICKS_S, table: tableOf(curves) };
}

function tableOf(curves: readonly FrontierCurve[]): TableModel {
  const points = curves.flatMap(({ retained, points: list }) =>
    list.map((point) => ({ retained, ...point, id: `${retained}-${point.exposureS}` })),
  );
  const length = (seconds: number): string => inLength(seconds * 1_000);
  return {
    head: ["Exposure", "Old keys kept", "Rotation", "Lifetime", "Resume rate", "95 %", "At most"],
    rows: points.map(({ id, exposureS, retained, policy, prediction: { rate, beyond } }) => ({
      id,
      cells: [
        length(exposureS),
        String(retained),
        length(policy.periodS),
        length(policy.lifetimeS),
        `${beyond ? "≥ " : ""}${formatPercent(rate.value)}`,
        `${formatPercent(rate.low)} to ${formatPercent(rate.high)}`,
        beyond ? formatPercent(beyond.atMost) : null,
      ],
    })),
    csv: {
      head: [
        "exposure_s",
        "retained",
        "period_s",
        "lifetime_s",
        "resume_rate",
        "low",
        "high",
        "at_most",
        "basis",
      ],
      rows: points.map(({ exposureS, retained, policy, prediction: { rate, beyond, basis } }) => [
        Math.round(exposureS),
        retained,
        Math.round(policy.periodS),
        Math.round(policy.lifetimeS),
        rate.value,
        rate.low,
        rate.high,
        beyond?.atMost ?? null,
        basis,
      ]),
    },
  };
}
