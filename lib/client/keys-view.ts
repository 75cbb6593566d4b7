/** What the pages of keys show, as it stands in their URLs; shared by server (prefetch) and browser. */
import {
  createLoader,
  parseAsBoolean,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs/server";
import type { Params } from "./transport.ts";

export const KEY_RANGES = ["24h", "7d", "30d", "90d"] as const;

const windowParsers = {
  range: parseAsStringLiteral(KEY_RANGES).withDefault("7d"),
  /** Custom window, epoch ms; both or none. */
  from: parseAsInteger,
  to: parseAsInteger,
  endpoint: parseAsString,
};

export const keysParsers = {
  ...windowParsers,
  node: parseAsString,
  /** The key that is looked at, by its hash. */
  key: parseAsString,
  /** Whether every node has a row of its own. */
  nodes: parseAsBoolean.withDefault(false),
  /** Whether agreement is that of the whole window, not only since the last rotation. */
  whole: parseAsBoolean.withDefault(false),
};
export const loadKeysView = createLoader(keysParsers);
export type KeysView = Awaited<ReturnType<typeof loadKeysView>>;

export const labParsers = {
  ...windowParsers,
  /** The chosen policy; what is not chosen is as today. Seconds, and a count. */
  lifetime: parseAsInteger,
  period: parseAsInteger,
  retained: parseAsInteger,
};
export const loadLabView = createLoader(labParsers);
export type LabView = Awaited<ReturnType<typeof loadLabView>>;

export const emergencyParsers = {
  endpoint: parseAsString,
  /** The key that has to go, by its hash. */
  key: parseAsString,
  /** Cores that are free today, as the reader knows them. */
  headroom: parseAsInteger,
};
export const loadEmergencyView = createLoader(emergencyParsers);
export type EmergencyView = Awaited<ReturnType<typeof loadEmergencyView>>;

type Windowed = Pick<KeysView, "range" | "from" | "to" | "endpoint">;

/** The window and endpoint of a page as parameters of the read API. */
export function keysWindow({ range, from, to, endpoint }: Windowed): Params {
  const window =
    from !== null && to !== null
      ? { from: String(from), to: String(to) }
      : { from: `now-${range}`, to: "now" };
  return { ...window, ...(endpoint ? { endpoint } : {}) };
}

/** The request of the page of keys. */
export function keysRequest(view: Windowed & Pick<KeysView, "node">): Params {
  return { ...keysWindow(view), ...(view.node ? { node: view.node } : {}) };
}

/** The requests of the emergency page: keys and changes of a month, the load of a week. */
export function emergencyRequests({ endpoint }: EmergencyView) {
  const scope: Params = endpoint ? { endpoint } : {};
  return {
    keys: { from: "now-30d", to: "now", ...scope },
    lab: { from: "now-7d", to: "now", ...scope },
    changes: { from: "now-30d", to: "now", limit: "500", ...scope },
  };
}

/** Kinds of findings that are about keys. */
const KEY_FINDINGS = [
  "revoked_key_accepted",
  "weak_key",
  "single_stage_rotation",
  "unannounced_rotation",
  "missing_rotation",
];

/** The findings of keys within the window. */
export function keysFindings(view: Windowed): Params {
  return { ...keysWindow(view), kind: KEY_FINDINGS.join(","), limit: "200" };
}

/** The changes that stand on the same axis as the keys. */
export function keysChanges(view: Windowed): Params {
  return { ...keysWindow(view), limit: "300" };
}
