import { type AlertRule, alertRule } from "../domain/alert-rule.ts";

/** Rules as they are written, before their defaults are filled in. */
const SHIPPED: readonly Parameters<typeof alertRule.parse>[0][] = [
  {
    id: "incident-page",
    title: "Resumption departed from what is usual",
    description: "The detector found a departure that somebody has to look at. One alert for each incident.",
    severity: "page",
    condition: { kind: "incident", classes: ["page"] },
  },
  {
    id: "cpu-at-risk",
    title: "Full handshakes cost much more CPU than expected",
    description:
      "(expected R - R) × handshakes × what a full handshake costs more. Set it to what your fleet can spare.",
    severity: "page",
    condition: {
      kind: "threshold",
      metric: "cpu_at_risk",
      direction: "above",
      value: 2,
      clear: 1,
      window: "10m",
    },
    for: "5m",
    keepFiringFor: "10m",
    runbook: "FM-38",
  },
  {
    id: "accept-burn",
    title: "The accept rate burns its budget",
    description:
      "Servers refuse what clients offer, over five minutes and over an hour, and it is not who came.",
    severity: "page",
    by: ["endpoint"],
    condition: {
      ...{ kind: "burn", metric: "accept_rate", objective: 0.9, leastCount: 200, mostMixShare: 0.2 },
      fast: { window: "5m", factor: 3 },
      slow: { window: "1h", factor: 2 },
    },
    for: "2m",
    keepFiringFor: "15m",
    runbook: "FM-03",
  },
  {
    id: "resume-drop",
    title: "The resume rate lies far below what is expected",
    severity: "ticket",
    by: ["endpoint"],
    condition: {
      kind: "drop",
      metric: "resume_rate",
      against: "expected",
      points: 0.15,
      clear: 0.08,
      leastCount: 300,
    },
    for: "10m",
    keepFiringFor: "30m",
  },
  {
    id: "orphan-share",
    title: "Tickets are offered that no key opens",
    description: "More than two of a hundred offers at a node, for half an hour: keys are not in step.",
    severity: "ticket",
    by: ["endpoint", "node"],
    condition: {
      ...{ kind: "threshold", metric: "orphan_share", direction: "above", value: 0.02, clear: 0.01 },
      ...{ window: "30m", leastCount: 500 },
    },
    for: "30m",
    keepFiringFor: "30m",
    runbook: "FM-02",
  },
  {
    id: "early-data-refused",
    title: "Early data is refused",
    severity: "ticket",
    by: ["endpoint"],
    condition: {
      kind: "threshold",
      metric: "early_data_accept_rate",
      direction: "below",
      value: 0.5,
      clear: 0.7,
      window: "15m",
    },
    for: "15m",
    keepFiringFor: "15m",
    runbook: "FM-28",
  },
  {
    id: "key-age",
    title: "A ticket key is older than a day",
    severity: "ticket",
    condition: { kind: "key_age", most: "24h" },
    for: "30m",
    runbook: "FM-05",
  },
  {
    id: "key-age-week",
    title: "A ticket key is older than a week",
    severity: "page",
    condition: { kind: "key_age", most: "7d" },
    for: "30m",
    runbook: "FM-05",
  },
  {
    id: "certificate-expiry",
    title: "A certificate ends soon",
    severity: "ticket",
    condition: { kind: "certificate_expiry", least: "14d" },
    for: "10m",
    runbook: "FM-18",
  },
  {
    id: "cache-residency",
    title: "Sessions are evicted long before they time out",
    severity: "ticket",
    condition: { kind: "cache_residency", leastShare: 0.5 },
    for: "30m",
    keepFiringFor: "1h",
    runbook: "FM-11",
  },
  {
    id: "telemetry-silent",
    title: "A node is not heard of any more",
    severity: "ticket",
    by: ["node"],
    condition: { kind: "absence", window: "15m", heardWithin: "1d" },
    for: "5m",
    runbook: "FM-36",
  },
  {
    id: "finding-critical",
    title: "Something was found that cannot wait",
    description: "A revoked or weak key in use, early data replayed, a ticket used across server names.",
    severity: "page",
    condition: { kind: "finding", severities: ["critical"] },
    runbook: "FM-07",
  },
  {
    id: "finding-high",
    title: "Something was found that deserves a look",
    severity: "ticket",
    condition: { kind: "finding", severities: ["high"] },
  },
];

/** The rules that are on where nobody says otherwise (DOMAIN 6.2). A stored rule of the same id takes a shipped one's place. */
export const DEFAULT_RULES: readonly AlertRule[] = SHIPPED.map((rule) => alertRule.parse(rule));

/** Shipped rules with what people changed of them, and their own. */
export function rulesWith(own: readonly AlertRule[]): AlertRule[] {
  const ids = new Set(own.map(({ id }) => id));
  return [...DEFAULT_RULES.filter(({ id }) => !ids.has(id)), ...own];
}
