import { createLoader, parseAsInteger, parseAsString, parseAsStringLiteral } from "nuqs/server";

const SPANS = ["24h", "7d", "30d", "90d", "365d"] as const;
/** What the Audit page shows, as it stands in its URL. */
export const auditParsers = {
  since: parseAsStringLiteral(SPANS).withDefault("30d"),
  of: parseAsStringLiteral(["tenant", "installation"]).withDefault("tenant"),
  action: parseAsString,
  actor: parseAsString,
  targetKind: parseAsString,
  targetId: parseAsString,
  before: parseAsInteger,
};
export const loadAudit = createLoader(auditParsers);
export type AuditView = Awaited<ReturnType<typeof loadAudit>>;
export const SPAN_NAMES = SPANS;

/** The request for the entries. */
export function auditRequest({ since, of, before, ...filters }: AuditView): Record<string, string> {
  const given = Object.entries(filters).filter((one): one is [string, string] => Boolean(one[1]));
  return {
    ...{ from: `now-${since}`, to: "now", limit: "100" },
    ...(of === "tenant" ? {} : { of }),
    ...Object.fromEntries(given),
    ...(before === null ? {} : { before: String(before) }),
  };
}
