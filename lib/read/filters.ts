import {
  FILTER_VALUES,
  type FilterParams,
  GROUPINGS,
  type Grouping,
  UNKNOWN_VALUE,
} from "../contract/read.ts";
import { DIMENSIONS, type Outcome } from "../domain/vocabulary.ts";
import type { SegmentFilter } from "../store/port.ts";
import { ParameterProblem } from "./problem.ts";

/** Filters as the store takes them, and the two (outcome, mechanism) that are of results. */
export type Filters = {
  readonly segment: SegmentFilter;
  readonly outcomes: readonly Outcome[] | undefined;
  readonly mechanisms: ReadonlySet<string | null> | undefined;
};

/** Comma-separated filter values, checked against closed vocabularies. Throws ParameterProblem. */
export function parseFilters(params: FilterParams): Filters {
  const segment = Object.fromEntries(
    DIMENSIONS.flatMap((name) => {
      const values = valuesOf(name, params[name]);
      return values ? [[name, values]] : [];
    }),
  ) as SegmentFilter;
  const outcomes = valuesOf("outcome", params.outcome) as Outcome[] | undefined;
  const mechanisms = valuesOf("mechanism", params.mechanism);
  return { segment, outcomes, mechanisms: mechanisms && new Set(mechanisms) };
}

function valuesOf(field: keyof FilterParams, text: string | undefined): (string | null)[] | undefined {
  if (text === undefined || text === "") return undefined;
  const values = text.split(",").map((value) => (value === UNKNOWN_VALUE ? null : value));
  const allowed: readonly string[] | undefined = FILTER_VALUES[field as keyof typeof FILTER_VALUES];
  const wrong = allowed && values.find((value) => value !== null && !allowed.includes(value));
  if (allowed && wrong != null)
    throw new ParameterProblem(field, `${field} must be one of ${allowed.join(", ")}, not "${wrong}"`);
  return values;
}

/** The groupings of `by=a,b`. Throws ParameterProblem for an unknown one. */
export function parseBy(text: string | undefined): Grouping[] {
  if (!text) return [];
  return [...new Set(text.split(","))].map((name) => {
    if (!(GROUPINGS as readonly string[]).includes(name))
      throw new ParameterProblem("by", `by must be of ${GROUPINGS.join(", ")}, not "${name}"`);
    return name as Grouping;
  });
}

/** The quantiles of `q=0.5,0.95`; the median when none is given. Throws ParameterProblem. */
export function parseQuantiles(text: string | undefined): number[] {
  if (!text) return [0.5];
  return text.split(",").map((part) => {
    const q = Number(part);
    if (part.trim() === "" || !(q >= 0 && q <= 1))
      throw new ParameterProblem("q", "q must be numbers from 0 to 1, like 0.5,0.95");
    return q;
  });
}
