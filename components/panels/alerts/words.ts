import type { AlertView } from "@/lib/contract/read-alerts.ts";
import type { AlertPhase, AlertTransition } from "@/lib/domain/alert-phase.ts";
import type { Matcher } from "@/lib/domain/alert-routing.ts";
import type { AlertSeverity } from "@/lib/domain/alert-rule.ts";
import type { Tone } from "../keys/verdict.tsx";

export const PHASES: Readonly<Record<AlertPhase, { readonly word: string; readonly tone: Tone }>> = {
  firing: { word: "Fires", tone: "bad" },
  resolving: { word: "Is over, waits to stay so", tone: "warn" },
  pending: { word: "Holds, not long enough yet", tone: "warn" },
  no_data: { word: "No data", tone: "unknown" },
  ok: { word: "Ok", tone: "good" },
};
export const SEVERITY_WORDS: Readonly<Record<AlertSeverity, string>> = {
  ...{ page: "Page", ticket: "Ticket", info: "Info" },
};
export const TRANSITION_WORDS: Readonly<Record<AlertTransition, string>> = {
  pending: "begins to hold",
  fired: "fires",
  resolved: "is over",
  no_data: "has no data",
  data_back: "has data again",
};
export const REASON_WORDS: Readonly<Record<string, string>> = {
  first: "It began",
  more: "More",
  fewer: "Less",
  resolved: "It is over",
  repeat: "Still so",
  test: "Test",
};
export const OPERATOR_SIGNS: Readonly<Record<Matcher["operator"], string>> = {
  ...{ is: "=", is_not: "≠", like: "~", not_like: "≁" },
};

/** endpoint = shop. */
export function matcherText({ label, operator, value }: Matcher): string {
  return `${label} ${OPERATOR_SIGNS[operator]} ${value === "" ? '""' : value}`;
}

/** What a silence of an alert would match: its rule and what it is split by, or its incident alone. */
export function matchersFor(alert: Pick<AlertView, "ruleId" | "labels" | "incidentId">): Matcher[] {
  if (alert.incidentId !== null) return [{ label: "incident", operator: "is", value: alert.incidentId }];
  const places = Object.entries(alert.labels).map(
    ([label, value]): Matcher => ({ label, operator: "is", value }),
  );
  return [{ label: "rule", operator: "is", value: alert.ruleId }, ...places];
}

/** Matchers as they stand in an address: `endpoint=shop;node~edge-*`. */
export function matchersInUrl(matchers: readonly Matcher[]): string {
  const signs = { is: "=", is_not: "!=", like: "~", not_like: "!~" } as const;
  return matchers.map(({ label, operator, value }) => `${label}${signs[operator]}${value}`).join(";");
}

/** The same read back; parts that are none are left out. */
export function matchersOfUrl(text: string): Matcher[] {
  const operators = { "=": "is", "!=": "is_not", "~": "like", "!~": "not_like" } as const;
  return text.split(/[;\n]/).flatMap((part): Matcher[] => {
    const match = /^\s*([a-z_][a-z0-9_]{0,62})\s*(!=|!~|=|~)\s*(.*?)\s*$/.exec(part);
    const [, label, sign, value] = match ?? [];
    if (label === undefined || value === undefined) return [];
    return [{ label, operator: operators[sign as keyof typeof operators], value }];
  });
}
