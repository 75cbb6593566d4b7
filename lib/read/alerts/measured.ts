/** What a rule's condition measures: the same for the collector, which evaluates now, and for a preview over history. */
import type { Labels } from "../../alerting/match.ts";
import type { AlertSample } from "../../alerting/state.ts";
import { UNKNOWN_VALUE } from "../../contract/read.ts";
import type { AlertRule, AlertScope } from "../../domain/alert-rule.ts";
import type { CostTable } from "../../domain/cost.ts";
import type { ReadStore, SegmentFilter, TenantId } from "../../store/port.ts";

/** Alerts that one rule may have: a rule by node over a hostile fleet must not become a flood. The busiest are kept. */
export const MOST_ALERTS = 200;

/** One evaluation of one alert. */
export type MeasuredPoint = {
  readonly atMs: number;
  readonly sample: AlertSample;
  /** What was measured, in a sentence with its figures. */
  readonly text: string;
};
/** One alert of a rule, by the values that it is split by. */
export type Measured = {
  readonly labels: Labels;
  readonly points: readonly MeasuredPoint[];
  /** What makes it this alert, where its labels may change: an incident, a finding. */
  readonly identity?: string;
};

/** Evaluations at fromMs, fromMs + stepMs, … up to toMs, both included. One moment where both are the same. */
export type Times = { readonly fromMs: number; readonly toMs: number; readonly stepMs: number };

export type MeasureContext = {
  readonly store: ReadStore;
  readonly tenant: TenantId;
  readonly costs: CostTable;
};

export type Asked<Kind extends AlertRule["condition"]["kind"]> = {
  readonly rule: Pick<AlertRule, "scope" | "by">;
  readonly condition: Extract<AlertRule["condition"], { kind: Kind }>;
  readonly times: Times;
};

export function momentsOf({ fromMs, toMs, stepMs }: Times): number[] {
  return Array.from({ length: Math.floor((toMs - fromMs) / stepMs) + 1 }, (_, i) => fromMs + i * stepMs);
}

/** A rule's scope as a filter of the store; `(unknown)` stands for what is not known. */
export function filterOf(scope: AlertScope): SegmentFilter {
  return Object.fromEntries(
    Object.entries(scope).map(([name, values]) => [
      name,
      (values ?? []).map((value) => (value === UNKNOWN_VALUE ? null : value)),
    ]),
  );
}

/** Labels of a group of the store. */
export function labelsOf(group: Readonly<Record<string, string | null | undefined>>): Labels {
  return Object.fromEntries(Object.entries(group).map(([name, value]) => [name, value ?? UNKNOWN_VALUE]));
}

/** A sample of a value that is too high or too low, with hysteresis: it is over only beyond `clear`. */
export function compared(
  value: number | null,
  limit: {
    readonly direction: "above" | "below";
    readonly value: number;
    readonly clear?: number | undefined;
  },
): AlertSample {
  if (value === null) return { value, breached: false, cleared: false };
  const { direction, value: bound, clear = bound } = limit;
  const above = direction === "above";
  const breached = above ? value > bound : value < bound;
  return { value, breached, cleared: !breached && (above ? value <= clear : value >= clear) };
}

/** Steps that a window is read in where a series is averaged over it: about five, whole minutes. */
export function partStepMs(windowMs: number): number {
  return Math.max(60_000, Math.floor(windowMs / 5 / 60_000) * 60_000);
}
