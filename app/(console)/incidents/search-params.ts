import { createLoader, parseAsString, parseAsStringLiteral } from "nuqs/server";

const SPANS = ["24h", "7d", "30d", "90d"] as const;
/** What the list of incidents shows, as it stands in its URL. */
export const listParsers = {
  state: parseAsStringLiteral(["all", "open", "acknowledged", "resolved"]).withDefault("all"),
  class: parseAsStringLiteral(["all", "page", "info"]).withDefault("all"),
  endpoint: parseAsString,
  since: parseAsStringLiteral(SPANS).withDefault("7d"),
};
export const loadList = createLoader(listParsers);
export type ListView = Awaited<ReturnType<typeof loadList>>;
export const SPAN_NAMES = SPANS;

/** The list's request: incidents that went on at any time of the span. */
export function listRequest({ state, class: kind, endpoint, since }: ListView) {
  return {
    from: `now-${since}`,
    to: "now",
    limit: "500",
    state,
    class: kind,
    ...(endpoint ? { endpoint } : {}),
  };
}
