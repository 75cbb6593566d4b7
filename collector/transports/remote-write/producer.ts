import type { Producer } from "../../counters/points.ts";
import { instanceOf } from "../../sources/metric-points.ts";
import type { Series } from "./write-request.ts";

/**
 * Whose a series is, by the labels that Prometheus gives to every target. Pairs of Prometheus servers send the same
 * series with another replica label each, which is no part of this, so that both count once.
 */
export function producerOf({ labels }: Series, query: URLSearchParams): Producer {
  const { instance = "", job = "", cluster = "", region = "" } = labels;
  const defaults = {
    endpoint: query.get("endpoint"),
    node: query.get("node"),
    region: query.get("region") ?? (region || null),
  };
  return {
    ...defaults,
    node: defaults.node ?? instanceOf(labels, defaults).node,
    sender: instance || job,
    process: [cluster, job].filter((part) => part !== "").join(" "),
  };
}
