import { REASON_COLOURS, SERIES_COLOURS } from "../colours.ts";
import type { ChartModel, Column, Row } from "./model.ts";

/** What the models are made of: the answer of /api/security, in the parts that are drawn. */
export type SecuritySteps = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly nowMs: number;
  readonly steps: readonly number[];
  readonly handshakes: readonly number[];
};
export type Stack = { readonly name: string | null; readonly counts: readonly number[] };
type Share = { readonly k: number; readonly n: number };

const NOT_KNOWN = "not known";

function modelOf(
  of: SecuritySteps,
  unit: string,
  columns: readonly Column[],
  valueAt: (key: string, i: number) => number | null,
): ChartModel {
  const rows = of.steps.map(
    (t, i): Row => ({
      t,
      partial: t + of.stepMs > of.nowMs,
      values: Object.fromEntries(columns.map(({ key }) => [key, valueAt(key, i)])),
      count: of.handshakes[i] ?? 0,
      band: null,
    }),
  );
  const { fromMs, toMs, stepMs } = of;
  return { fromMs, toMs, stepMs, unit, columns, rows };
}

/** Stacked counts over time; a step without any handshake is a gap. */
export function stackModel(
  of: SecuritySteps,
  stacks: readonly Stack[],
  look: (name: string | null, i: number) => { readonly label: string; readonly colour: string },
): ChartModel {
  const columns = stacks.map(({ name }, i) => ({ key: `${i}`, shape: "area" as const, ...look(name, i) }));
  return modelOf(of, "handshakes", columns, (key, i) =>
    (of.handshakes[i] ?? 0) === 0 ? null : (stacks[Number(key)]?.counts[i] ?? 0),
  );
}

/** Share of handshakes that failed, of those that offered and of those that did not. */
export function failureModel(
  of: SecuritySteps,
  failures: { readonly withOffer: readonly Share[]; readonly withoutOffer: readonly Share[] },
): ChartModel {
  const columns: Column[] = [
    { key: "withOffer", label: "With an offer", colour: "var(--failed)", shape: "line" },
    { key: "withoutOffer", label: "Without", colour: "var(--full)", shape: "dashed" },
  ];
  return modelOf(of, "ratio", columns, (key, i) => {
    const share = failures[key as keyof typeof failures][i];
    return share && share.n > 0 ? share.k / share.n : null;
  });
}

/** A rejection reason has its colour everywhere. */
export function reasonLook(name: string | null) {
  return { label: name ?? NOT_KNOWN, colour: REASON_COLOURS[name ?? ""] ?? "var(--unknown)" };
}

/** Other names have the colours of their places. */
export function nameLook(name: string | null, i: number) {
  return {
    label: name ?? NOT_KNOWN,
    colour:
      name === null ? "var(--unknown)" : (SERIES_COLOURS[i % SERIES_COLOURS.length] ?? "var(--unknown)"),
  };
}

/** Early data: what was accepted first, then rejections by reason. */
export function earlyStacks(accepted: readonly number[], rejected: readonly Stack[]): readonly Stack[] {
  const some = accepted.some((count) => count > 0);
  return [...(some ? [{ name: "accepted", counts: accepted }] : []), ...rejected];
}

/** Accepted early data has the colour of early data; rejections those of reasons, or of their places. */
export function earlyLook(name: string | null, i: number) {
  if (name === "accepted") return { label: "Accepted", colour: "var(--early)" };
  const label = `Rejected: ${name ?? NOT_KNOWN}`;
  return { label, colour: REASON_COLOURS[name ?? ""] ?? nameLook(name, i).colour };
}
