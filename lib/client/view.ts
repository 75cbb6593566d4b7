/** What a page shows, as it stands in its URL; shared by server (prefetch) and browser. */
import {
  createLoader,
  createSerializer,
  parseAsBoolean,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs/server";
import type { Params } from "./transport.ts";

export const RANGES = {
  "15m": 15,
  "1h": 60,
  "6h": 360,
  "24h": 1_440,
  "7d": 10_080,
  "30d": 43_200,
  "90d": 129_600,
} as const;
export type Range = keyof typeof RANGES;
export const RANGE_NAMES = Object.keys(RANGES) as Range[];
export const COMPARE_NAMES = ["none", "day", "week"] as const;
export const FILTER_NAMES = [
  "endpoint",
  "node",
  "region",
  "family",
  "protocol",
  "source",
  "mechanism",
] as const;
export type FilterName = (typeof FILTER_NAMES)[number];

export const viewParsers = {
  range: parseAsStringLiteral(RANGE_NAMES).withDefault("1h"),
  /** Custom window, epoch ms; both or none. */
  from: parseAsInteger,
  to: parseAsInteger,
  compare: parseAsStringLiteral(COMPARE_NAMES).withDefault("none"),
  live: parseAsBoolean.withDefault(true),
  endpoint: parseAsString,
  node: parseAsString,
  region: parseAsString,
  family: parseAsString,
  protocol: parseAsString,
  source: parseAsString,
  mechanism: parseAsString,
};

export const loadView = createLoader(viewParsers);
export const serializeView = createSerializer(viewParsers);
export type View = Awaited<ReturnType<typeof loadView>>;

const DAY_MINUTES = 1_440;
export const SHIFT_MINUTES = { none: 0, day: DAY_MINUTES, week: 7 * DAY_MINUTES } as const;

/** The window of a view as parameters of the read API, moved back by `shiftMinutes`. */
export function windowParams(view: Pick<View, "range" | "from" | "to">, shiftMinutes = 0): Params {
  if (view.from !== null && view.to !== null) {
    const shiftMs = shiftMinutes * 60_000;
    return { from: String(view.from - shiftMs), to: String(view.to - shiftMs) };
  }
  const to = shiftMinutes === 0 ? "now" : `now-${shiftMinutes}m`;
  return { from: `now-${RANGES[view.range] + shiftMinutes}m`, to };
}

/** Longest window over which an expectation is drawn: beyond it, it would be made of the window itself. */
const MOST_EXPECTED_MINUTES = 14 * DAY_MINUTES;

/** Whether a view can be compared with what is usual: rates of single mechanisms have no expectation of their own. */
export function canExpect(view: Pick<View, "range" | "from" | "to" | "mechanism">): boolean {
  const custom = view.from !== null && view.to !== null;
  const minutes = custom ? ((view.to ?? 0) - (view.from ?? 0)) / 60_000 : RANGES[view.range];
  return minutes <= MOST_EXPECTED_MINUTES && view.mechanism === null;
}

/** The filters of a view as parameters of the read API. */
export function filterParams(view: View): Params {
  return Object.fromEntries(FILTER_NAMES.flatMap((name) => (view[name] ? [[name, view[name]]] : [])));
}

/** The requests of the Overview and of an endpoint's page that the first paint needs. */
export function pageRequests(view: View, scope: Params = {}) {
  const params = { ...windowParams(view), ...filterParams(view), ...scope };
  const { from = "", to = "" } = params;
  return {
    summary: { ...params, compare: view.compare },
    byMechanism: { ...params, metric: "resume_rate", by: "mechanism" },
    rate: { ...params, metric: "resume_rate" },
    previous: { ...params, ...windowParams(view, SHIFT_MINUTES[view.compare]), metric: "resume_rate" },
    offer: { ...params, metric: "offer_rate" },
    accept: { ...params, metric: "accept_rate" },
    expected: { ...params, metric: "expected_resume_rate" },
    latency: { ...params, metric: "handshake_us", by: "outcome", q: "0.5,0.95" },
    volume: { ...params, metric: "handshakes", by: "outcome" },
    nodes: { ...params, metric: "resume_rate", by: "node" },
    heatFull: { ...params, metric: "handshake_us", outcome: "full" },
    heatResumed: { ...params, metric: "handshake_us", outcome: "resumed" },
    changes: { from, to, limit: "300", ...(params.endpoint ? { endpoint: params.endpoint } : {}) },
    incidents: { from, to, limit: "200", ...(params.endpoint ? { endpoint: params.endpoint } : {}) },
    /** Totals by one dimension. */
    breakdown: (by: FilterName): Params => ({ ...params, metric: "resume_rate", by }),
  };
}

/** The request behind the Security page's charts: how handshakes failed cannot be told by mechanism. */
export function securityRequest(view: View): Params {
  const { mechanism: _, ...filters } = filterParams(view);
  return { ...windowParams(view), ...filters };
}
