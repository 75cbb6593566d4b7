/** Alert rules in words, as tables, previews and messages show them. */
import { type AlertRule, lengthText } from "./alert-rule.ts";
import { METRIC_DEFINITIONS } from "./metrics.ts";
import { inCores, inLength, inPercent, inPoints, inWhole } from "./words.ts";

/** What a condition measures in. `handshakes` are a second; `factor`: times as fast as the budget allows; `share`: of a whole; `open`: 1 or 0. */
export const ALERT_UNITS = [
  "ratio",
  "points",
  "us",
  "s",
  "cores",
  "handshakes",
  "factor",
  "share",
  "open",
] as const;
export type AlertUnit = (typeof ALERT_UNITS)[number];

/** A value in its unit. */
export function inUnit(unit: AlertUnit, value: number): string {
  switch (unit) {
    case "ratio":
    case "share":
      return inPercent(value);
    case "points":
      return inPoints(value);
    case "cores":
      return inCores(value);
    case "us":
      return value < 10_000 ? `${inWhole(value)} µs` : `${(value / 1_000).toFixed(1)} ms`;
    case "s":
      return inLength(value * 1_000);
    case "factor":
      return `${value.toFixed(1)} times`;
    case "open":
      return value > 0 ? "open" : "over";
    case "handshakes":
      return `${value < 10 ? value.toFixed(2) : inWhole(value)}/s`;
  }
}

/** What a condition's values are measured in, and beyond which of them it holds and is over; null where there is no such line. */
export function conditionScale(condition: AlertRule["condition"]): {
  readonly unit: AlertUnit;
  readonly limit: number | null;
  readonly clear: number | null;
} {
  switch (condition.kind) {
    case "threshold":
      return {
        unit: METRIC_DEFINITIONS[condition.metric].unit,
        limit: condition.value,
        clear: condition.clear ?? null,
      };
    case "drop":
      return { unit: "points", limit: condition.points, clear: condition.clear ?? null };
    case "burn":
      return { unit: "factor", limit: condition.fast.factor, clear: null };
    case "absence":
      return { unit: "s", limit: condition.window / 1_000, clear: null };
    case "key_age":
      return { unit: "s", limit: condition.most / 1_000, clear: null };
    case "certificate_expiry":
      return { unit: "s", limit: condition.least / 1_000, clear: null };
    case "cache_residency":
      return { unit: "share", limit: condition.leastShare, clear: null };
    case "incident":
    case "finding":
      return { unit: "open", limit: null, clear: null };
  }
}

const AGAINST = {
  expected: "what is expected of the mix that came",
  day: "the day before",
  week: "the week before",
} as const;
const CLASS_WORDS = { page: "page", info: "note" } as const;

/** A condition in a sentence without its end. */
export function conditionText(condition: AlertRule["condition"]): string {
  switch (condition.kind) {
    case "threshold": {
      const { metric, outcome, quantile, direction, value, window } = condition;
      const { label, unit } = METRIC_DEFINITIONS[metric];
      const what = [label, outcome && `of ${outcome} handshakes`, quantile && `p${100 * quantile}`];
      return `${what.filter(Boolean).join(" ")} ${direction} ${inUnit(unit, value)} over ${lengthText(window)}`;
    }
    case "drop": {
      const { metric, points, against, window } = condition;
      return `${METRIC_DEFINITIONS[metric].label} ${inPoints(points)} below ${AGAINST[against]} over ${lengthText(window)}`;
    }
    case "burn": {
      const { metric, objective, fast, slow } = condition;
      return `${METRIC_DEFINITIONS[metric].label} burns its budget of ${inPercent(1 - objective)} ${fast.factor} times too fast over ${lengthText(fast.window)} and ${slow.factor} times over ${lengthText(slow.window)}`;
    }
    case "absence":
      return `No handshake for ${lengthText(condition.window)}, though heard within ${lengthText(condition.heardWithin)} before`;
    case "key_age":
      return `A ticket key in use for more than ${lengthText(condition.most)}`;
    case "certificate_expiry":
      return `A certificate that ends within ${lengthText(condition.least)}`;
    case "cache_residency":
      return `Sessions kept for less than ${inPercent(condition.leastShare)} of their time-out, over ${lengthText(condition.window)}`;
    case "incident": {
      const about = [...(condition.families ?? []), ...(condition.modes ?? [])];
      const classes = condition.classes.map((name) => CLASS_WORDS[name]).join(" or ");
      return `An incident (${classes}) is open${about.length ? ` about ${about.join(", ")}` : ""}`;
    }
    case "finding": {
      const kinds = condition.kinds?.map((kind) => kind.replaceAll("_", " ")).join(", ");
      return `A ${condition.severities?.join(" or ") ?? ""} finding is open${kinds ? ` (${kinds})` : ""}`.replace(
        "  ",
        " ",
      );
    }
  }
}

/** Where a rule looks, how it splits and how long it waits, in words; empty where it says nothing of these. */
export function scopeText({ scope, by, for: forMs }: Pick<AlertRule, "scope" | "by" | "for">): string {
  const places = Object.entries(scope).flatMap(([name, values]) =>
    values ? [`${name} ${values.join(" or ")}`] : [],
  );
  return [
    ...(places.length ? [`at ${places.join(", ")}`] : []),
    ...(by.length ? [`by ${by.join(" and ")}`] : []),
    ...(forMs > 0 ? [`for ${lengthText(forMs)}`] : []),
  ].join(", ");
}
