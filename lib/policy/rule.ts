/** A hygiene rule: what it demands, why, how to mend it, and how facts are judged by it. Pure. */
import { z } from "zod";
import type { Severity } from "../domain/findings.ts";
import type { PolicyFacts } from "./facts.ts";

export const VERDICTS = ["pass", "fail", "unknown", "not_applicable"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What would make an unknown rule known. */
export const NEEDS = {
  telemetry: "Connect a source that tells outcome, mechanism and protocol of each handshake.",
  offers: "Connect a source that tells early data (a log with that field, or a tap).",
  tap: "Connect a tap: it reads offers, ticket key names and lifetimes from the wire.",
  keys: "Let nodes or the rotation job tell their keys to /v1/keys, or connect a tap or the prober. Each of them shows key names.",
  prober: "Add a probe target for this endpoint with each of its nodes.",
  probeName: "Give the probe target a second server name of the same nodes.",
  ages: "Connect a source that tells the ticket's age at resumption.",
  audit: "Record rotations as changes, or push key events with who did them.",
  declare: "Declare it for this endpoint or for all.",
} as const;
export type Need = keyof typeof NEEDS;

/** A labelled figure; `nodes` where it concerns some. */
export type Evidence = { readonly label: string; readonly value: string; readonly nodes?: readonly string[] };

export type Judgement = {
  readonly verdict: Verdict;
  /** One sentence. */
  readonly summary: string;
  /** Where it departs from the rule's own. */
  readonly severity?: Severity;
  readonly evidence: readonly Evidence[];
  readonly needs: readonly Need[];
};

/** One adjustable number of a rule. */
export type Limit = {
  readonly label: string;
  readonly unit: "s" | "bits" | "count" | "ratio";
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
};

/** Where a demand stands: a document, its section, and what that says in our own words. */
export type Clause = { readonly reference: string; readonly says: string };

export type Threshold = Readonly<Record<string, number>>;

export type Rule = {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly limits: Readonly<Record<string, Limit>>;
  readonly clauses: readonly Clause[];
  readonly why: string;
  readonly fix: readonly string[];
  /** Whether it makes sense where resumption must be off. */
  readonly holdsWithoutResumption: boolean;
  /** `threshold` may hold a part of the limits: the others keep their defaults. */
  readonly judge: (facts: PolicyFacts, threshold: Threshold, nowMs: number) => Judgement;
};

type Definition<Names extends string> = Omit<Rule, "limits" | "judge" | "holdsWithoutResumption"> & {
  readonly limits: Readonly<Record<Names, Limit>>;
  readonly holdsWithoutResumption?: boolean;
  readonly judge: (
    facts: PolicyFacts,
    threshold: Readonly<Record<Names, number>>,
    nowMs: number,
  ) => Judgement;
};

/** A rule from its parts: where resumption must be off, one that is about resuming well does not apply. */
export function defineRule<Names extends string>(given: Definition<Names>): Rule {
  const { holdsWithoutResumption = false } = given;
  const judge = (facts: PolicyFacts, threshold: Threshold, nowMs: number): Judgement => {
    if (facts.intent.resumption === "off" && !holdsWithoutResumption)
      return notApplicable("Resumption must be off here; H28 holds that.");
    return given.judge(facts, filled(given.limits, threshold), nowMs);
  };
  return { ...given, holdsWithoutResumption, judge };
}

/** The threshold with defaults where it says nothing. */
export function filled<Names extends string>(
  limits: Readonly<Record<Names, Limit>>,
  threshold: Threshold,
): Readonly<Record<Names, number>> {
  const entries = Object.entries<Limit>(limits).map(([name, { fallback }]) => [
    name,
    threshold[name] ?? fallback,
  ]);
  return Object.fromEntries(entries) as Record<Names, number>;
}

/** What a rule's threshold may be: each limit within its range, nothing else; at least one. */
export function thresholdSchema(rule: Rule): z.ZodType<Threshold> {
  const shape = Object.entries(rule.limits).map(([name, { min, max, unit }]) => {
    const number = unit === "ratio" ? z.number() : z.number().int();
    return [name, number.min(min).max(max).optional()];
  });
  return z
    .strictObject(Object.fromEntries(shape))
    .refine((given) => Object.keys(given).length > 0, "needs one of its limits") as z.ZodType<Threshold>;
}

type Told = { readonly evidence?: readonly Evidence[]; readonly severity?: Severity };

export const pass = (summary: string, told: Told = {}): Judgement => made("pass", summary, told);
export const fail = (summary: string, told: Told = {}): Judgement => made("fail", summary, told);
export const notApplicable = (summary: string, told: Told = {}): Judgement =>
  made("not_applicable", summary, told);
/** Not known, and what to connect or declare. */
export const unknown = (summary: string, needs: readonly Need[], told: Told = {}): Judgement => ({
  ...made("unknown", summary, told),
  needs,
});

function made(verdict: Verdict, summary: string, { evidence = [], severity }: Told): Judgement {
  return { verdict, summary, evidence, needs: [], ...(severity ? { severity } : {}) };
}
