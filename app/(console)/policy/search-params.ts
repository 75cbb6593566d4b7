import { createLoader, parseAsString, parseAsStringLiteral } from "nuqs/server";

/** What the Policy page shows, as it stands in its URL. */
export const policyParsers = {
  verdict: parseAsStringLiteral(["all", "fail", "unknown", "pass", "not_applicable"]).withDefault("all"),
  severity: parseAsStringLiteral(["all", "critical", "high", "medium", "low"]).withDefault("all"),
  endpoint: parseAsString,
  /** The rule that is looked at, and the endpoint of it that is unfolded. */
  rule: parseAsString,
  at: parseAsString,
  /** Whose declarations are shown: an endpoint, or "" for those for all. */
  declare: parseAsString.withDefault(""),
};
export const loadPolicyView = createLoader(policyParsers);
export type PolicyView = Awaited<ReturnType<typeof loadPolicyView>>;

/** The filters as parameters of the read API. */
export function policyFilters({ verdict, severity, endpoint }: PolicyView): Record<string, string> {
  return {
    ...(verdict === "all" ? {} : { verdict }),
    ...(severity === "all" ? {} : { severity }),
    ...(endpoint ? { endpoint } : {}),
  };
}
