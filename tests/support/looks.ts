/** In what pages are looked at by axe: each theme and each width once. What hangs on both at a time has not been seen yet. */
export const LOOKS = [
  ["light", 1440],
  ["dark", 390],
] as const;
