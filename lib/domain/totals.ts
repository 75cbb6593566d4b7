/**
 * How much a total grew between two readings; one that fell has begun again at 0 with its server, so its value is the growth
 * (SOURCES 3.5). Null where either is not told.
 */
export function growth(before: number | null | undefined, after: number | null): number | null {
  if (before === null || before === undefined || after === null) return null;
  return after >= before ? after - before : after;
}
