/** Reading values of the wire contracts, with the first problem in words. */
import type { z } from "zod";
import type { Invariant } from "../../../lib/domain/invariants.ts";

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string; readonly invariant?: Invariant };

/** Epoch milliseconds, whole. */
export function toEpochMs(ts: number | string): number {
  return Math.floor(typeof ts === "number" ? ts : Date.parse(ts));
}

/**
 * A value by a contract whose fields are all single values. Objects and arrays in their place are refused before zod
 * sees them: it compares their `length`, which throws where that is an object itself.
 */
export function readFlat<T extends z.ZodObject>(contract: T, value: unknown): Parsed<z.infer<T>> {
  const nested = nestedField(contract, value);
  if (nested !== null) return { ok: false, reason: `${nested} must be a single value, no object or array` };
  const parsed = contract.safeParse(value);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, reason: explain(parsed.error, value) };
}

/** The first field of a contract in whose place an object or array stands; null where none does. */
export function nestedField(contract: z.ZodObject, value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  const fields = value as Record<string, unknown>;
  const isNested = (name: string): boolean => typeof fields[name] === "object" && fields[name] !== null;
  return Object.keys(contract.shape).find(isNested) ?? null;
}

/** The first problem in one sentence: field, what is wrong, what is allowed, what was there. */
function explain(error: z.ZodError, value: unknown): string {
  const issue = error.issues[0];
  if (!issue) return "not readable";
  const field = issue.path.join(".");
  if (field === "") return "a JSON object is expected";
  const found = (value as Record<string, unknown>)[String(issue.path[0])];
  if (found === undefined) return `${field} is missing`;
  const shown = JSON.stringify(found)?.slice(0, 60);
  if (issue.code === "invalid_value")
    return `${field} must be one of ${issue.values.join(", ")}, not ${shown}`;
  if (field === "ts" || field === "endTs")
    return `${field} must be epoch milliseconds or an RFC 3339 time, not ${shown}`;
  return `${field}: ${issue.message} (found ${shown})`;
}
