/** A rule as its form has it: one text a field. Pure. */
import {
  ALERT_SEVERITIES,
  ALERT_SPLITS,
  type AlertRule,
  alertRule,
  lengthText,
} from "@/lib/domain/alert-rule.ts";
import { METRIC_DEFINITIONS } from "@/lib/domain/metrics.ts";

export type Draft = Readonly<Record<string, string>>;
/** `length`: 5m. `ratio`: in percent. `value`: in the metric's unit, a ratio in percent. `names`: separated by commas. */
type FieldKind = "text" | "long" | "length" | "number" | "ratio" | "value" | "choice" | "names" | "labels";
export type FieldSpec = {
  readonly name: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly options?: Readonly<Record<string, string>>;
  readonly hint?: string;
};

const METRICS = Object.fromEntries(
  Object.entries(METRIC_DEFINITIONS).map(([name, { label }]) => [name, label]),
);
const only = (...names: (keyof typeof METRIC_DEFINITIONS)[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, METRIC_DEFINITIONS[name].label]));
const field = (name: string, label: string, kind: FieldKind, more: Partial<FieldSpec> = {}): FieldSpec => ({
  ...{ name, label, kind, ...more },
});
const window = field("condition.window", "Over", "length", { hint: "5m" });
const leastCount = field("condition.leastCount", "At least so many handshakes", "number", { hint: "50" });

export const CONDITION_KINDS: Readonly<Record<AlertRule["condition"]["kind"], string>> = {
  threshold: "A metric is above or below a value",
  drop: "A rate lies below what it should be",
  burn: "A rate burns its budget",
  absence: "Nothing is heard any more",
  key_age: "A ticket key is old",
  certificate_expiry: "A certificate ends soon",
  cache_residency: "A cache evicts sessions too early",
  incident: "An incident is open",
  finding: "A finding is open",
};

/** What each kind of condition is made of. */
const CONDITION_FIELDS: Readonly<Record<AlertRule["condition"]["kind"], readonly FieldSpec[]>> = {
  threshold: [
    field("condition.metric", "Metric", "choice", { options: METRICS }),
    field("condition.outcome", "Of", "choice", {
      options: { "": "all handshakes", full: "full handshakes", resumed: "resumed handshakes" },
    }),
    field("condition.quantile", "Quantile, %", "ratio", { hint: "50, for durations" }),
    field("condition.direction", "Is", "choice", { options: { above: "above", below: "below" } }),
    field("condition.value", "Value", "value"),
    field("condition.clear", "Over only beyond", "value", { hint: "the same value" }),
    ...[window, leastCount],
  ],
  drop: [
    field("condition.metric", "Rate", "choice", {
      options: only("resume_rate", "accept_rate", "offer_rate"),
    }),
    field("condition.against", "Below", "choice", {
      options: { expected: "what is expected", day: "the day before", week: "the week before" },
    }),
    field("condition.points", "By so many points", "ratio", { hint: "15" }),
    field("condition.clear", "Over below, points", "ratio", { hint: "the same" }),
    ...[window, leastCount],
  ],
  burn: [
    field("condition.metric", "Rate", "choice", { options: only("accept_rate", "resume_rate") }),
    field("condition.objective", "Objective, %", "ratio", { hint: "90" }),
    field("condition.fast.window", "Short window", "length", { hint: "5m" }),
    field("condition.fast.factor", "Burns, times", "number", { hint: "3" }),
    field("condition.slow.window", "Long window", "length", { hint: "1h" }),
    field("condition.slow.factor", "Burns, times", "number", { hint: "2" }),
    field("condition.mostMixShare", "Not where more is mix, %", "ratio", { hint: "whatever it is" }),
    leastCount,
  ],
  absence: [
    field("condition.window", "Silent for", "length", { hint: "15m" }),
    field("condition.heardWithin", "Heard within, before", "length", { hint: "1d" }),
  ],
  key_age: [field("condition.most", "Older than", "length", { hint: "24h" })],
  certificate_expiry: [field("condition.least", "Ends within", "length", { hint: "14d" })],
  cache_residency: [
    field("condition.leastShare", "Kept for less than, % of the time-out", "ratio", { hint: "50" }),
    window,
  ],
  incident: [
    field("condition.classes", "Classes", "names", { hint: "page, info" }),
    field("condition.families", "Signals", "names", { hint: "all" }),
    field("condition.modes", "Failure modes", "names", { hint: "all" }),
  ],
  finding: [
    field("condition.severities", "Severities", "names", { hint: "critical, high, medium, low" }),
    field("condition.kinds", "Kinds", "names", { hint: "all" }),
  ],
};

export const HEAD_FIELDS: readonly FieldSpec[] = [
  field("title", "Title", "text"),
  field("id", "Id", "text", { hint: "accept-rate-low" }),
  field("severity", "Severity", "choice", {
    options: { page: "Page: somebody is woken", ticket: "Ticket: in working hours", info: "Info: told only" },
  }),
  field("description", "What it means", "long"),
];
export const SCOPE_FIELDS: readonly FieldSpec[] = ALERT_SPLITS.map((name) =>
  field(`scope.${name}`, `Only ${name}`, "names", { hint: "all" }),
);
export const TIME_FIELDS: readonly FieldSpec[] = [
  field("for", "Has to hold for", "length", { hint: "at once" }),
  field("keepFiringFor", "Has to be over for", "length", { hint: "at once" }),
  field("noData", "No data", "choice", { options: { ignore: "says nothing", tell: "is told as such" } }),
  field("noDataAfter", "No data is told after", "length", { hint: "15m" }),
  field("runbook", "Runbook", "text", { hint: "FM-03, or an address" }),
  field("labels", "Labels, for routes", "labels", { hint: "team=edge, tier=1" }),
];

const FIELDS = [...HEAD_FIELDS, ...SCOPE_FIELDS, ...TIME_FIELDS];
const fieldsOf = (kind: string, metric: string | undefined): readonly FieldSpec[] => [
  ...FIELDS,
  ...conditionFields(kind, metric),
];

/** What a condition is made of, given its metric: only durations and ages have quantiles. */
export function conditionFields(kind: string, metric: string | undefined): readonly FieldSpec[] {
  const fields = CONDITION_FIELDS[kind as keyof typeof CONDITION_FIELDS] ?? [];
  const valued = METRIC_DEFINITIONS[metric as keyof typeof METRIC_DEFINITIONS]?.kind === "value";
  return fields.filter(({ name }) => valued || name !== "condition.quantile");
}

/** Whether a metric's values are shares, which people write in percent. */
const inPercent = (metric: string | undefined): boolean =>
  metric !== undefined && METRIC_DEFINITIONS[metric as keyof typeof METRIC_DEFINITIONS]?.unit === "ratio";

/** What the values of a metric are in. */
export function unitWord(metric: string | undefined): string {
  const unit = METRIC_DEFINITIONS[metric as keyof typeof METRIC_DEFINITIONS]?.unit;
  return { ratio: "%", us: "µs", s: "seconds", cores: "cores", handshakes: "a second" }[unit ?? "ratio"];
}

function at(value: unknown, path: string): unknown {
  let part = value;
  for (const name of path.split("."))
    part = typeof part === "object" && part !== null ? (part as Record<string, unknown>)[name] : undefined;
  return part;
}

const shortNumber = (value: number): string => String(Number(value.toPrecision(12)));

/** A rule as its form shows it. */
export function draftOf(rule: AlertRule): Draft {
  const { metric } = rule.condition as { metric?: string };
  const text = ({ name, kind }: FieldSpec): string => {
    const value = at(rule, name);
    if (value === undefined || value === null) return "";
    if (kind === "labels")
      return Object.entries(value as object)
        .map(([label, word]) => `${label}=${word}`)
        .join(", ");
    if (Array.isArray(value)) return value.join(", ");
    if (typeof value !== "number") return String(value);
    if (kind === "length") return value === 0 ? "" : lengthText(value);
    return shortNumber(kind === "ratio" || (kind === "value" && inPercent(metric)) ? value * 100 : value);
  };
  const { kind } = rule.condition;
  return {
    ...Object.fromEntries(fieldsOf(kind, metric).map((spec) => [spec.name, text(spec)])),
    ...{ "condition.kind": kind, by: rule.by.join(", "), enabled: String(rule.enabled) },
  };
}

/** The same as a value that the contract judges; what is left empty is left out. */
export function ruleValue(draft: Draft): unknown {
  const kind = draft["condition.kind"] ?? "";
  const condition: Record<string, unknown> = { kind };
  const rule: Record<string, unknown> = { condition, enabled: draft.enabled !== "false" };
  rule.by = listOf(draft.by ?? "");
  for (const spec of fieldsOf(kind, draft["condition.metric"])) {
    const text = (draft[spec.name] ?? "").trim();
    if (text !== "") put(rule, spec.name, typed(text, spec, draft["condition.metric"]));
  }
  return rule;
}

function typed(text: string, { kind }: FieldSpec, metric: string | undefined): unknown {
  if (kind === "names") return listOf(text);
  if (kind === "labels")
    return Object.fromEntries(
      listOf(text).map((part) => {
        const [label = "", ...rest] = part.split("=");
        return [label.trim(), rest.join("=").trim()];
      }),
    );
  const percent = kind === "ratio" || (kind === "value" && inPercent(metric));
  if (kind !== "number" && kind !== "value" && !percent) return text;
  const value = Number(text.replace("%", ""));
  return percent ? Number((value / 100).toPrecision(12)) : value;
}

const listOf = (text: string): string[] =>
  text.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));

function put(target: Record<string, unknown>, path: string, value: unknown): void {
  const [name = "", ...rest] = path.split(".");
  if (rest.length === 0) target[name] = value;
  else {
    target[name] ??= {};
    put(target[name] as Record<string, unknown>, rest.join("."), value);
  }
}

export type Judged = { readonly rule: AlertRule | null; readonly problems: Readonly<Record<string, string>> };

/** The rule that a form stands for, or what is wrong in which field. */
export function judge(draft: Draft): Judged {
  const parsed = alertRule.safeParse(ruleValue(draft));
  if (parsed.success) return { rule: parsed.data, problems: {} };
  const names = [
    ...fieldsOf(draft["condition.kind"] ?? "", draft["condition.metric"]).map(({ name }) => name),
    "by",
  ];
  const problems: Record<string, string> = {};
  for (const { path, message } of parsed.error.issues) {
    const where = path.join(".");
    problems[names.find((name) => where === name || where.startsWith(`${name}.`)) ?? where] ??= message;
  }
  return { rule: null, problems };
}

/** An empty form. */
export const NEW_DRAFT: Draft = {
  ...{ "condition.kind": "threshold", severity: ALERT_SEVERITIES[1], by: "endpoint", enabled: "true" },
  ...{ "condition.metric": "accept_rate", "condition.direction": "below", "condition.value": "80" },
  ...{ "condition.window": "5m", "condition.leastCount": "50", for: "5m", keepFiringFor: "10m" },
  ...{ "condition.against": "expected", "condition.severities": "critical", "condition.classes": "page" },
  noData: "ignore",
};

/** An id made of a title. */
export function idOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63);
}
