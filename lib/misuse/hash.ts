/**
 * Fast hashes of texts for tables in memory, mixed as in MurmurHash3's finaliser (Appleby). Not cryptographic, so keyed with a
 * seed that is drawn at each start, never stored, and never shown: who collides two tickets gains a finding about both.
 */

/** 32 bits of a text between two positions. */
export function hashText(text: string, seed: number, from = 0, to = text.length): number {
  let h = seed ^ (to - from);
  for (let i = from; i < to; i += 1) {
    h = Math.imul(h ^ text.charCodeAt(i), 0xcc9e2d51);
    h = (h << 13) | (h >>> 19);
  }
  return mix(h);
}

/** 32 bits of two. */
export function hashPair(a: number, b: number): number {
  return mix(Math.imul(a, 0x85ebca6b) ^ b);
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Hex digits of a text, the same at every start: for ids of what is no secret. */
export function stableId(text: string): string {
  const hex = (seed: number): string => hashText(text, seed).toString(16).padStart(8, "0");
  return hex(0x52657072) + hex(0x69736531);
}
