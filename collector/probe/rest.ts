/** Longest that a node which fails is left alone, milliseconds, unless it is probed less often anyway. */
const LONGEST_MS = 3_600_000;
/** Share of a pause by which it is shorter, so that nodes that failed together do not come back together. */
const JITTER = 0.1;

/** Which nodes of a target rest: each failure in a row doubles the pause, one success ends it. */
export class Rest {
  readonly #nodes = new Map<string, { readonly failures: number; readonly untilMs: number }>();

  note(
    node: string,
    {
      failed,
      intervalMs,
      nowMs,
    }: { readonly failed: boolean; readonly intervalMs: number; readonly nowMs: number },
  ): void {
    if (!failed) {
      this.#nodes.delete(node);
      return;
    }
    const failures = (this.#nodes.get(node)?.failures ?? 0) + 1;
    const longestMs = Math.max(LONGEST_MS, intervalMs);
    // After the first failure it is only the usual interval: one packet may have been lost.
    const pauseMs = Math.min(intervalMs * (2 ** Math.min(failures - 1, 20) - 0.5), longestMs);
    this.#nodes.set(node, { failures, untilMs: nowMs + pauseMs * (1 - JITTER * Math.random()) });
  }

  resting(nowMs: number): ReadonlySet<string> {
    return new Set([...this.#nodes].filter(([, { untilMs }]) => untilMs > nowMs).map(([node]) => node));
  }
}
