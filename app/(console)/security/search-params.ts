import { createLoader, parseAsStringLiteral } from "nuqs/server";
import { viewParsers } from "@/lib/client/view.ts";
import { FINDING_KINDS } from "@/lib/domain/findings.ts";

const SPANS = ["24h", "7d", "30d", "90d"] as const;
/** What the Security page shows, as it stands in its URL: the charts' view, and which findings. */
export const securityParsers = {
  ...viewParsers,
  state: parseAsStringLiteral(["unsettled", "all", "open", "acknowledged", "closed"]).withDefault(
    "unsettled",
  ),
  kind: parseAsStringLiteral(["all", ...FINDING_KINDS]).withDefault("all"),
  since: parseAsStringLiteral(SPANS).withDefault("7d"),
};
export const loadSecurity = createLoader(securityParsers);
export type SecurityView = Awaited<ReturnType<typeof loadSecurity>>;
export const SPAN_NAMES = SPANS;

/** The request for the list of findings. */
export function findingsRequest({ state, kind, since, endpoint }: SecurityView) {
  return {
    from: `now-${since}`,
    to: "now",
    limit: "500",
    state,
    ...(kind === "all" ? {} : { kind }),
    ...(endpoint ? { endpoint } : {}),
  };
}
