import { inCores, inUtc } from "../domain/words.ts";

/** Cores below this are not worth a word in a headline. */
const LEAST_CORES = 0.01;

/** A headline with its moment and what it costs: "…, since 14:02 UTC; 11.4 cores of extra handshakes". */
export function fullHeadline(
  headline: string,
  at: { readonly onsetMs: number; readonly nowMs: number; readonly cores: number | null },
): string {
  const since = `${headline}, since ${inUtc(at.onsetMs, at.nowMs)}`;
  const costs = at.cores !== null && at.cores >= LEAST_CORES;
  return costs ? `${since}; ${inCores(at.cores ?? 0)} of extra handshakes` : since;
}
