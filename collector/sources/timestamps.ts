const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:?\d\d)?$/;

/**
 * Epoch milliseconds of an ISO 8601 time to the second or finer; one without a zone is UTC (as AWS writes it), and the
 * zone may lack its colon (as Suricata writes it). null for anything else. Never throws.
 */
export function isoMs(value: unknown): number | null {
  const match = typeof value === "string" ? ISO.exec(value) : null;
  if (!match) return null;
  const [, time = "", zone = "Z"] = match;
  const ms = Date.parse(time + (zone === "Z" ? zone : `${zone.slice(0, 3)}:${zone.slice(-2)}`));
  return Number.isNaN(ms) ? null : ms;
}

/** Seconds of this size would lie beyond the year 5000: such a number is in milliseconds. */
const FIRST_MILLISECONDS = 100_000_000_000;

/** Epoch milliseconds of an ISO 8601 time, or of a number of epoch seconds or milliseconds; null for anything else. */
export function isoOrEpochMs(value: unknown): number | null {
  const iso = isoMs(value);
  if (iso !== null) return iso;
  const number = typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number) || number < 0) return null;
  return Math.round(number < FIRST_MILLISECONDS ? number * 1000 : number);
}
