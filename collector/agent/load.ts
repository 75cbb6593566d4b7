import { cpus } from "node:os";
import type { NodeLoad } from "../../lib/domain/load.ts";
import type { Part } from "./gatherer.ts";

const EVERY_MS = 30_000;
type Times = { readonly busyMs: number; readonly totalMs: number; readonly cores: number };

/** Adds up what the host's processors did since it was started. */
function timesOf(): Times {
  const all = cpus();
  let [busyMs, totalMs] = [0, 0];
  for (const { times } of all) {
    const total = times.user + times.nice + times.sys + times.idle + times.irq;
    totalMs += total;
    busyMs += total - times.idle;
  }
  return { busyMs, totalMs, cores: all.length };
}

/**
 * What the agent's host has of CPU and uses of it, every half minute: a mean since the reading before. Null between readings, and
 * for the first, which has nothing before it. `read` is for tests.
 */
export class HostLoad {
  readonly #node: string;
  readonly #read: () => Times;
  #last: { readonly atMs: number; readonly times: Times } | null = null;

  constructor(node: string, read: () => Times = timesOf) {
    this.#node = node;
    this.#read = read;
  }

  take(nowMs: number): NodeLoad | null {
    if (this.#last && nowMs - this.#last.atMs < EVERY_MS) return null;
    const [before, times] = [this.#last?.times, this.#read()];
    this.#last = { atMs: nowMs, times };
    const passedMs = times.totalMs - (before?.totalMs ?? times.totalMs);
    if (!before || passedMs <= 0) return null;
    const busy = Math.min(1, Math.max(0, (times.busyMs - before.busyMs) / passedMs));
    return {
      atMs: nowMs,
      node: this.#node,
      cores: times.cores,
      busyCores: Number((busy * times.cores).toFixed(3)),
    };
  }
}

/** A reading goes with what is sent anyway: beside rollup rows, or on its own where lines are sent as they are. */
export function withLoad(parts: readonly Part[], load: NodeLoad | null): Part[] {
  if (load === null || parts.length === 0) return [...parts];
  const { atMs, ...rest } = load;
  const wire = { ts: atMs, ...rest };
  const at = parts.findIndex(({ target }) => target.startsWith("/v1/rollups?"));
  if (at < 0) {
    const query = new URLSearchParams({ node: load.node, via: "agent" });
    return [...parts, { target: `/v1/nodes?${query}`, body: JSON.stringify(wire) }];
  }
  return parts.map((part, i) =>
    i === at ? { ...part, body: `${part.body}\n${JSON.stringify({ load: wire })}` } : part,
  );
}
