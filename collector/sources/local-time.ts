/**
 * Epoch milliseconds of a local time without a zone, from its numbers as text: year, month, day, hour, minute, second.
 * Read in this machine's zone: good for a file that is decoded where it was written, and only there.
 */
export function localMs(parts: readonly (string | undefined)[]): number {
  const [year, month, day, hour, minute, second] = parts.map(Number);
  return new Date(year ?? 0, (month ?? 1) - 1, day, hour, minute, second).getTime();
}
