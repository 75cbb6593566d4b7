/** Whose turn it is: big pools are probed in parts, seeded and rotating, so that every node and every pair comes up. */

export type NodePair = { readonly from: number; readonly to: number };

/**
 * The pairs of two different nodes, by index, that round `round` measures: all when they are at most `most`, otherwise the
 * next `most` of a fixed permutation of all n(n-1). After ceil(n(n-1) / most) rounds in a row each had its turn.
 */
export function pairsInTurn(
  nodes: number,
  { most, round, seed }: { readonly most: number; readonly round: number; readonly seed: string },
): NodePair[] {
  const total = nodes * (nodes - 1);
  return inTurn(total, { most, round, seed }).map((index) => {
    const from = Math.floor(index / (nodes - 1));
    const rest = index % (nodes - 1);
    return { from, to: rest < from ? rest : rest + 1 };
  });
}

/** Indexes below `total` that have their turn, likewise. */
export function inTurn(
  total: number,
  { most, round, seed }: { readonly most: number; readonly round: number; readonly seed: string },
): number[] {
  if (total <= 0) return [];
  const count = Math.min(total, most);
  const { step, offset } = permutationOf(total, seed);
  const begin = (round * count) % total;
  return Array.from({ length: count }, (_, at) => (((begin + at) % total) * step + offset) % total);
}

/** index → index * step + offset modulo total; a permutation, since step and total have no common divisor. */
function permutationOf(total: number, seed: string): { readonly step: number; readonly offset: number } {
  const hash = hashOf(seed);
  // About the golden part of all, so that what follows in one round lies far apart.
  let step = Math.max(1, Math.floor(total * 0.618) - (hash % 7));
  while (greatestDivisor(step, total) !== 1) step += 1;
  return { step, offset: hash % total };
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash;
}
