/** What people decide about rules, checked before it is kept. */
import type { z } from "zod";
import type { exceptionBody, thresholdBody } from "../contract/read-policy.ts";
import { ruleOf } from "../policy/registry.ts";
import { type Rule, thresholdSchema } from "../policy/rule.ts";
import type { StoredException, StoredThreshold } from "../store/port-policy.ts";
import { ParameterProblem } from "./problem.ts";

const YEAR_MS = 366 * 86_400_000;
/** Exceptions that may count at once. */
export const MOST_EXCEPTIONS = 500;

function ruleFor(id: string): Rule {
  const rule = ruleOf(id);
  if (!rule) throw new ParameterProblem("rule", `there is no rule ${id}`);
  return rule;
}

/** A threshold within the ranges of its rule, or null for the default. Throws ParameterProblem. */
export function thresholdFor(body: z.infer<typeof thresholdBody>, nowMs: number): StoredThreshold {
  const rule = ruleFor(body.rule);
  const { threshold, actor } = body;
  if (threshold === null) return { rule: rule.id, threshold, actor, updatedMs: nowMs };
  if (Object.keys(rule.limits).length === 0)
    throw new ParameterProblem("threshold", `${rule.id} has no limits to set`);
  const parsed = thresholdSchema(rule).safeParse(threshold);
  if (parsed.success) return { rule: rule.id, threshold: parsed.data, actor, updatedMs: nowMs };
  const issue = parsed.error.issues[0];
  const field = ["threshold", ...(issue?.path ?? [])].join(".");
  throw new ParameterProblem(field, issue?.message ?? "not usable");
}

/** An exception that begins now. Throws ParameterProblem for an end that has passed or is more than a year away. */
export function exceptionFor(
  body: z.infer<typeof exceptionBody>,
  at: { readonly id: string; readonly nowMs: number; readonly known: readonly StoredException[] },
): StoredException {
  const { id, nowMs, known } = at;
  ruleFor(body.rule);
  if (body.expiresMs <= nowMs) throw new ParameterProblem("expiresMs", "the end lies in the past");
  if (body.expiresMs > nowMs + YEAR_MS) throw new ParameterProblem("expiresMs", "a year is the longest");
  const active = known.filter(({ endedMs, expiresMs }) => endedMs === null && expiresMs > nowMs);
  if (active.length >= MOST_EXCEPTIONS)
    throw new ParameterProblem("rule", `${MOST_EXCEPTIONS} exceptions are active already; end some first`);
  const { actor } = body;
  return { ...body, actor: actor || null, id, createdMs: nowMs, endedMs: null };
}
