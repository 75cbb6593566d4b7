/** What can be plotted: name, unit and formula in words, as screens and docs show them. */
import {
  acceptShare,
  allHandshakes,
  type Counts,
  earlyDataShare,
  failureShare,
  offerShare,
  orphanShare,
  resumeShare,
  type Share,
} from "./rates.ts";

export type RateMetric = {
  readonly kind: "rate";
  readonly unit: "ratio";
  readonly share: (counts: Counts) => Share;
};
export type CountMetric = {
  readonly kind: "count";
  readonly unit: "handshakes";
  readonly count: (counts: Counts) => number;
};
export type ValueMetric = {
  readonly kind: "value";
  readonly unit: "us" | "s";
  readonly histogram: "handshakeUs" | "ttfbUs" | "ticketAgeS";
};
export type OtherMetric = {
  readonly kind: "cpu" | "cache" | "expected";
  readonly unit: "cores" | "ratio";
};
export type MetricDefinition = { readonly label: string; readonly formula: string } & (
  | RateMetric
  | CountMetric
  | ValueMetric
  | OtherMetric
);

const rate = (label: string, formula: string, share: (c: Counts) => Share): MetricDefinition => ({
  label,
  formula,
  kind: "rate",
  unit: "ratio",
  share,
});
const count = (label: string, formula: string, of: (c: Counts) => number): MetricDefinition => ({
  label,
  formula,
  kind: "count",
  unit: "handshakes",
  count: of,
});
const value = (label: string, unit: "us" | "s", histogram: ValueMetric["histogram"]): MetricDefinition => ({
  label,
  formula: `quantiles of ${label.toLowerCase()}`,
  kind: "value",
  unit,
  histogram,
});

/** Every metric of /api/series. Rates leave out bots and monitors; counts count everybody. */
export const METRIC_DEFINITIONS = {
  resume_rate: rate("Resume rate", "R = resumed / (full + resumed)", resumeShare),
  offer_rate: rate("Offer rate", "O = offered / completed, where offers are known", offerShare),
  accept_rate: rate("Accept rate", "A = accepted / offered, where offers are known", acceptShare),
  orphan_share: rate("Orphan share", "offers under an unknown key / offered", orphanShare),
  failure_rate: rate("Failure rate", "failed / (failed + completed)", failureShare),
  early_data_accept_rate: rate(
    "Early data accepted",
    "accepted / (accepted + rejected) early data",
    earlyDataShare,
  ),
  handshakes: count("Handshakes", "full + resumed + failed + outcome not known", allHandshakes),
  full: count("Full handshakes", "full", (c) => c.full),
  resumed: count("Resumed handshakes", "resumed", (c) => c.resumed),
  failed: count("Failed handshakes", "failed", (c) => c.failed),
  unknown: count("Outcome not known", "completed, full or resumed not known", (c) => c.unknown),
  handshake_us: value("Handshake time", "us", "handshakeUs"),
  ttfb_us: value("Time to first byte", "us", "ttfbUs"),
  ticket_age_s: value("Ticket age at resumption", "s", "ticketAgeS"),
  cpu_saved: {
    label: "CPU saved",
    formula: "sum of resumed x (full - resumed CPU) / seconds, by protocol",
    kind: "cpu",
    unit: "cores",
  },
  cpu_at_risk: {
    label: "CPU at risk",
    formula: "sum of (expected R - R) x completed x (full - resumed CPU) / seconds",
    kind: "expected",
    unit: "cores",
  },
  expected_resume_rate: {
    label: "Expected resume rate",
    formula:
      "sum of what came x what is usual at this hour / completed, by endpoint or by family and protocol",
    kind: "expected",
    unit: "ratio",
  },
  cache_hit_ratio: {
    label: "Cache hit ratio",
    formula: "hits / (hits + misses)",
    kind: "cache",
    unit: "ratio",
  },
} as const satisfies Record<string, MetricDefinition>;
