import type { AlertSilence, Matcher } from "../domain/alert-routing.ts";
import type { AlertRule } from "../domain/alert-rule.ts";

export type Labels = Readonly<Record<string, string>>;

/** Labels that routes and silences see: the alert's, the rule's own, the rule's id and its severity. */
export function routedLabels(rule: Pick<AlertRule, "id" | "labels" | "severity">, labels: Labels): Labels {
  return { ...labels, ...rule.labels, rule: rule.id, severity: rule.severity };
}

/** Whether every matcher fits. A label that is not there is the empty text. */
export function matches(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every(({ label, operator, value }) => {
    const found = Object.hasOwn(labels, label) ? (labels[label] ?? "") : "";
    if (operator === "is") return found === value;
    if (operator === "is_not") return found !== value;
    return like(found, value) === (operator === "like");
  });
}

/** Whether a text is like a pattern in which `*` stands for anything. Linear in the length of both, times the number of stars at worst. */
export function like(text: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return text === pattern;
  if (!text.startsWith(first)) return false;
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** The silence that keeps these labels quiet now; null where none does. */
export function silencedBy(
  silences: readonly AlertSilence[],
  labels: Labels,
  nowMs: number,
): AlertSilence | null {
  return (
    silences.find(
      ({ matchers, startsMs, endsMs }) => startsMs <= nowMs && nowMs < endsMs && matches(matchers, labels),
    ) ?? null
  );
}
