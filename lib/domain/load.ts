/** CPU of the nodes that tell theirs: what there is and what is in use, so that a cost in cores has something to stand beside. */

/** One node's CPU at a moment. */
export type NodeLoad = {
  readonly atMs: number;
  readonly node: string;
  /** Cores that the node may use, > 0; a container's limit may be a fraction. */
  readonly cores: number;
  /** Of those in use, mean over the last interval, >= 0. */
  readonly busyCores: number;
};

/** A reading that is older says nothing of now. */
export const LOAD_FRESH_MS = 180_000;

/** Cores that are free, on nodes that told so lately; null where none of those asked for did. */
export type Headroom = { readonly freeCores: number; readonly cores: number; readonly nodes: number };

/**
 * Headroom = sum of (cores - busy) over nodes with a fresh reading, those named or all. What one node lacks is not made up for by
 * another's surplus beyond 0: a node that is over its limit has none.
 */
export function headroomOf(
  loads: readonly NodeLoad[],
  at: { readonly nowMs: number; readonly nodes: readonly string[] | null },
): Headroom | null {
  const fresh = loads.filter(
    ({ atMs, node }) => at.nowMs - atMs <= LOAD_FRESH_MS && (at.nodes === null || at.nodes.includes(node)),
  );
  if (fresh.length === 0) return null;
  return {
    freeCores: fresh.reduce((sum, { cores, busyCores }) => sum + Math.max(0, cores - busyCores), 0),
    cores: fresh.reduce((sum, { cores }) => sum + cores, 0),
    nodes: fresh.length,
  };
}
