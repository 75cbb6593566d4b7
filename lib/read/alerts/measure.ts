import type { AlertRule } from "../../domain/alert-rule.ts";
import { measureAbsence } from "./absence.ts";
import { measureBurn } from "./burn.ts";
import { measureDrop } from "./drop.ts";
import { measureCertificates, measureKeyAge } from "./keys.ts";
import { measureFindings, measureIncidents } from "./matters.ts";
import type { MeasureContext, Measured, Times } from "./measured.ts";
import { measureResidency } from "./residency.ts";
import { measureThreshold } from "./threshold.ts";

/** Measures a rule's condition at each moment, one series for each alert. Throws ParameterProblem, or what the store throws. */
export function measure(
  context: MeasureContext,
  rule: Pick<AlertRule, "scope" | "by" | "condition">,
  times: Times,
): Promise<Measured[]> {
  const { condition } = rule;
  switch (condition.kind) {
    case "threshold":
      return measureThreshold(context, { rule, condition, times });
    case "drop":
      return measureDrop(context, { rule, condition, times });
    case "burn":
      return measureBurn(context, { rule, condition, times });
    case "absence":
      return measureAbsence(context, { rule, condition, times });
    case "key_age":
      return measureKeyAge(context, { rule, condition, times });
    case "certificate_expiry":
      return measureCertificates(context, { rule, condition, times });
    case "cache_residency":
      return measureResidency(context, { rule, condition, times });
    case "incident":
      return measureIncidents(context, { rule, condition, times });
    case "finding":
      return measureFindings(context, { rule, condition, times });
  }
}
