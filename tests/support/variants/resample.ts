/** Scenarios told anew: another volume, other noise, other hours, other names; the same faults and labels. */
import { binomial, type Dice, poisson } from "./random.ts";
import { outcomeOf, type Row, type Scenario, total } from "./scenario.ts";

export type Retelling = {
  /** Factor on the volume: thinned below 1, replicated with extra noise above. */
  readonly scale: number;
  readonly shiftHours: number;
  readonly random: Dice;
};

export function retell(of: Scenario, by: Retelling): Scenario {
  const shift = by.shiftHours * 3600;
  const name = renamer(of);
  const moved = <T extends object>(value: T): T => deep(value, name, shift) as T;
  return {
    meta: moved(of.meta),
    labels: moved(of.labels),
    rows: of.rows.map((row) => rescale(rename(row, name, shift), by)).filter((row) => row !== null),
    readings: of.readings.map(moved),
    changes: of.changes.map(moved),
    silences: of.silences.map(moved),
  };
}

function rename(row: Row, name: (text: string) => string, shift: number): Row {
  return {
    ...row,
    ts: row.ts + shift,
    ...(row.arr === undefined ? {} : { arr: row.arr + shift }),
    endpoint: name(row.endpoint),
    node: name(row.node),
  };
}

function rescale(row: Row, { scale, random }: Retelling): Row | null {
  const c: Record<string, number> = {};
  for (const [key, n] of Object.entries(row.c)) {
    const drawn = scale <= 1 ? binomial(random, n, scale) : poisson(random, n * scale);
    if (drawn > 0) c[key] = drawn;
  }
  if (Object.keys(c).length === 0) return null;
  const after = { ...row, c };
  const part = (outcome: string) => {
    const before = total(row, outcome);
    return before > 0 ? total(after, outcome) / before : 0;
  };
  const ms: Row["ms"] = [
    row.ms[0] * part("full"),
    row.ms[1] * part("resumed"),
    Math.round(row.ms[2] * scale),
  ];
  return { ...after, ms };
}

/** New names for endpoints and nodes, of other lengths and orders. */
function renamer({ meta }: Scenario): (text: string) => string {
  const names = new Map<string, string>();
  for (const [i, { name }] of meta.endpoints.entries()) names.set(name, `${"zyxwv"[i] ?? "u"}-site.${i}`);
  for (const [i, { name }] of meta.nodes.entries()) names.set(name, `host:${(7 * i + 3) % 10}${i}`);
  return (text) => names.get(text) ?? renameSegment(text, names);
}

/** "endpoint|platform|protocol" of the labels. */
function renameSegment(text: string, names: ReadonlyMap<string, string>): string {
  const [first = "", ...rest] = text.split("|");
  const renamed = names.get(first);
  return rest.length === 2 && renamed !== undefined ? [renamed, ...rest].join("|") : text;
}

const TIMES = new Set(["ts", "start", "end", "announced_at", "score_from", "score_to", "credit_until"]);

function deep(value: unknown, name: (text: string) => string, shift: number): unknown {
  if (typeof value === "string") return name(value);
  if (Array.isArray(value)) return value.map((one) => deep(one, name, shift));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      TIMES.has(key) && typeof one === "number" ? one + shift : deep(one, name, shift),
    ]),
  );
}

/** Whether a row's key counts a resumption by one of these mechanisms. */
export const resumedBy = (key: string, mechanisms: readonly string[]): boolean =>
  outcomeOf(key) === "resumed" && mechanisms.includes(key.split("|")[0] ?? "");
