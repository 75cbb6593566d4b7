/** From named points (Prometheus text and everything that carries such names) to observations. */
import type { MetricDefaults, MetricPoint, Observation, Placement } from "./metric-source.ts";

type Growing = Observation & {
  totals: Record<string, number>;
  increases: Record<string, number>;
  gauges: Record<string, number>;
};
type Place = (point: MetricPoint, defaults: MetricDefaults) => Placement | null;

/**
 * Puts points together that are of one scope at one moment, in the order in which the scopes came. Points that the
 * source does not know are left out.
 */
export function observationsOf(
  points: Iterable<MetricPoint>,
  place: Place,
  defaults: MetricDefaults,
): Observation[] {
  const scopes = new Map<string, Growing>();
  for (const point of points) {
    const placement = place(point, defaults);
    if (placement === null) continue;
    const key = `${point.atMs} ${placement.scope}`;
    const observation = scopes.get(key) ?? begin(point, { placement, region: defaults.region });
    scopes.set(key, observation);
    if (placement.gauge) observation.gauges[placement.counter] = point.value;
    else if (point.kind === "increase")
      observation.increases[placement.counter] =
        (observation.increases[placement.counter] ?? 0) + point.value;
    else observation.totals[placement.counter] = point.value;
  }
  return [...scopes.values()];
}

function begin(point: MetricPoint, at: { placement: Placement; region: string | null }): Growing {
  const { scope, endpoint, node, protocol } = at.placement;
  const { atMs, startedMs } = point;
  const place = { scope, atMs, endpoint, node, region: at.region, protocol, startedMs };
  return { ...place, totals: {}, increases: {}, gauges: {} };
}

/** What a collector's labels say of the scraped instance: its node, and a prefix that keeps scopes of instances apart. */
export function instanceOf(
  labels: Readonly<Record<string, string>>,
  defaults: MetricDefaults,
): { readonly node: string | null; readonly prefix: string } {
  const { instance } = labels;
  if (!instance) return { node: labels.node ?? defaults.node, prefix: "" };
  return { node: labels.node ?? hostOf(instance), prefix: `${instance} ` };
}

/** `edge-1:9101` → `edge-1`, `[::1]:9101` → `::1`. */
function hostOf(instance: string): string {
  return instance.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
