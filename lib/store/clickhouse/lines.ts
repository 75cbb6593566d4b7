import { Histogram } from "../../stats/histogram.ts";
import { HISTOGRAM_METRICS } from "../port.ts";

/**
 * A row of a table of sums as tab-separated text: tier, tenant, endpoint, start of the bucket, segment, result and count, then
 * histograms in the order of HISTOGRAM_METRICS; those that are missing have no bins.
 */
export function line(numbers: readonly number[], histograms: readonly (Uint8Array | null)[]): string {
  const parts = HISTOGRAM_METRICS.map((_, metric) => {
    const bytes = histograms[metric];
    if (!bytes) return "0\t[]\t[]";
    const { sum, bins } = Histogram.decode(bytes);
    const inOrder = [...bins].sort(([a], [b]) => a - b);
    return `${sum}\t[${inOrder.map(([bin]) => bin).join(",")}]\t[${inOrder.map(([, weight]) => weight).join(",")}]`;
  });
  return `${numbers.join("\t")}\t${parts.join("\t")}\n`;
}
