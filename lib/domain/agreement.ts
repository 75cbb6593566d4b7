/**
 * Agreement between nodes (DOMAIN 5.3): which nodes resume what which nodes issued. The matrix is measured by the prober
 * (one try a pair) or seen in telemetry (a share of many); here it is read: who does not fit, and how.
 */
import { inList } from "./words.ts";

/** Offers of what `from` issued that `to` was presented, and how many of them it accepted. */
export type AgreementPair = {
  readonly from: string;
  readonly to: string;
  readonly accepted: number;
  readonly offered: number;
};

/** A node that does not fit the others. */
export type Misfit = {
  readonly node: string;
  /** Whether it refuses the others' sessions (its column): `all`, `some`, `none`, null where not measured. */
  readonly refuses: Extent | null;
  /** Whether the others refuse its sessions (its row). */
  readonly refused: Extent | null;
};
export type Extent = "all" | "some" | "none";

/**
 * How the nodes agree:
 * - `unknown`: no pair of two nodes was measured;
 * - `agree`: every measured pair resumes;
 * - `unshared`: no node resumes what another issued, as with keys that each node makes for itself;
 * - `misfits`: fewer than half of the nodes do not fit, and the others agree;
 * - `groups`: the nodes fall apart into groups that agree within;
 * - `mixed`: none of these.
 */
export type AgreementKind = "unknown" | "agree" | "unshared" | "misfits" | "groups" | "mixed";

export type Agreement = {
  readonly kind: AgreementKind;
  readonly misfits: readonly Misfit[];
  /** Of `groups`: the nodes of each, largest first. */
  readonly groups: readonly (readonly string[])[];
  /** Nodes that do not even resume what they issued themselves. */
  readonly forgetful: readonly string[];
  /** Pairs of two nodes that were measured, and how many of them resume. */
  readonly measured: number;
  readonly agreeing: number;
  /** The verdict in a sentence for screens. */
  readonly sentence: string;
};

/** A pair agrees when at least this share of its offers is accepted: telemetry also holds tickets that were too old. */
export const AGREES_AT = 0.5;

/** Pairs that agree or not, by `from` and `to`; without those that were not measured. */
class Matrix {
  readonly nodes: readonly string[];
  readonly #cells: ReadonlyMap<string, boolean>;

  constructor(pairs: readonly AgreementPair[]) {
    const measured = pairs.filter(({ offered }) => offered > 0);
    this.nodes = [...new Set(measured.flatMap(({ from, to }) => [from, to]))].sort();
    this.#cells = new Map(
      measured.map(({ from, to, accepted, offered }) => [keyOf(from, to), accepted / offered >= AGREES_AT]),
    );
  }

  /** Whether `to` resumes what `from` issued; null where not measured. */
  at(from: string, to: string): boolean | null {
    return this.#cells.get(keyOf(from, to)) ?? null;
  }

  /** What was measured between two different nodes of these. */
  between(nodes: readonly string[]): boolean[] {
    return nodes.flatMap((from) =>
      nodes.flatMap((to) => {
        const cell = from === to ? null : this.at(from, to);
        return cell === null ? [] : [cell];
      }),
    );
  }

  /** What the others of these nodes say to what `node` issued. */
  row(node: string, others: readonly string[]): boolean[] {
    return others.flatMap((to) => (to === node ? [] : known(this.at(node, to))));
  }

  /** What `node` says to what the others of these nodes issued. */
  column(node: string, others: readonly string[]): boolean[] {
    return others.flatMap((from) => (from === node ? [] : known(this.at(from, node))));
  }
}

/**
 * Reads an agreement matrix. A pair may stand there once; pairs without offers are not measured. With one stale node of N
 * it is that node's row and column that are refused (DOMAIN 4.0, law 1); of two nodes that refuse each other nothing
 * tells which is wrong, and none is named.
 */
export function judgeAgreement(pairs: readonly AgreementPair[]): Agreement {
  const matrix = new Matrix(pairs);
  const forgetful = matrix.nodes.filter((node) => matrix.at(node, node) === false);
  const cells = matrix.between(matrix.nodes);
  const agreeing = cells.filter(Boolean).length;
  const verdict = verdictOf(matrix, { measured: cells.length, agreeing });
  const told = { ...verdict, forgetful, measured: cells.length, agreeing };
  return { ...told, sentence: sentenceOf(told, matrix.nodes) };
}

type Verdict = Pick<Agreement, "kind" | "misfits" | "groups">;

function verdictOf(
  matrix: Matrix,
  { measured, agreeing }: { readonly measured: number; readonly agreeing: number },
): Verdict {
  const plain = (kind: AgreementKind): Verdict => ({ kind, misfits: [], groups: [] });
  if (measured === 0) return plain("unknown");
  if (agreeing === measured) return plain("agree");
  if (agreeing === 0) return plain("unshared");
  const groups = groupsOf(matrix);
  const [largest = []] = groups;
  // Single nodes beside a majority that agrees are misfits; anything else that falls apart cleanly is several sets of keys.
  const isMajority = largest.length * 2 > matrix.nodes.length;
  const scattered = groups.slice(1).every((group) => group.length === 1);
  if (groups.length > 1 && !(isMajority && scattered) && areApart(matrix, groups))
    return { ...plain("groups"), groups };
  const outside = leftOut(matrix);
  if (outside.length === 0) return plain("mixed");
  const rest = matrix.nodes.filter((node) => !outside.includes(node));
  const misfits = outside.sort().map((node) => misfitOf(matrix, node, rest));
  return { ...plain("misfits"), misfits };
}

/** The fewest nodes, less than half, without which all others agree; empty when there are none. */
function leftOut(matrix: Matrix): string[] {
  let rest = [...matrix.nodes];
  const outside: string[] = [];
  while (matrix.between(rest).includes(false)) {
    const worst = rest.reduce((a, b) => (badness(matrix, b, rest) > badness(matrix, a, rest) ? b : a));
    outside.push(worst);
    rest = rest.filter((node) => node !== worst);
    // Of two nodes the one may be left out that refuses, while it is accepted itself.
    const most = matrix.nodes.length === 2 ? 1 : (matrix.nodes.length - 1) / 2;
    if (outside.length > most) return [];
  }
  return outside;
}

/** How much of what was measured with this node does not agree; who refuses counts a little more than who is refused. */
function badness(matrix: Matrix, node: string, others: readonly string[]): number {
  const refuses = matrix.column(node, others).filter((cell) => !cell).length;
  const refused = matrix.row(node, others).filter((cell) => !cell).length;
  const measured = matrix.column(node, others).length + matrix.row(node, others).length;
  return measured === 0 ? 0 : (refuses * 1.01 + refused) / measured;
}

function misfitOf(matrix: Matrix, node: string, rest: readonly string[]): Misfit {
  return {
    node,
    refuses: extentOf(matrix.column(node, rest)),
    refused: extentOf(matrix.row(node, rest)),
  };
}

function extentOf(cells: readonly boolean[]): Extent | null {
  if (cells.length === 0) return null;
  const refusals = cells.filter((cell) => !cell).length;
  if (refusals === 0) return "none";
  return refusals === cells.length ? "all" : "some";
}

/** Nodes that agree with each other, directly or through others; largest group first. */
function groupsOf(matrix: Matrix): string[][] {
  const left = new Set(matrix.nodes);
  const groups: string[][] = [];
  for (const first of matrix.nodes) {
    if (!left.delete(first)) continue;
    const group = [first];
    for (const node of group)
      for (const other of [...left])
        if (areJoined(matrix, node, other) && left.delete(other)) group.push(other);
    groups.push(group.sort());
  }
  return groups.sort((a, b) => b.length - a.length || ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1));
}

/** Whether groups agree within and not at all with each other. */
function areApart(matrix: Matrix, groups: readonly (readonly string[])[]): boolean {
  const within = groups.flatMap((group) => matrix.between(group));
  return within.every(Boolean) && matrix.between(matrix.nodes).filter(Boolean).length === within.length;
}

function areJoined(matrix: Matrix, a: string, b: string): boolean {
  const both = [...known(matrix.at(a, b)), ...known(matrix.at(b, a))];
  return both.length > 0 && both.every(Boolean);
}

function sentenceOf(told: Omit<Agreement, "sentence">, nodes: readonly string[]): string {
  const main = MAIN[told.kind](told, nodes);
  if (told.forgetful.length === 0) return main;
  const verb = told.forgetful.length === 1 ? "does not even resume its" : "do not even resume their";
  return `${main} ${inList(told.forgetful, 4)} ${verb} own sessions.`;
}

const MAIN: Readonly<
  Record<AgreementKind, (told: Omit<Agreement, "sentence">, nodes: readonly string[]) => string>
> = {
  unknown: () => "No two nodes were compared yet.",
  agree: ({ measured }, nodes) =>
    `All ${nodes.length} nodes resume each other's sessions (${measured} of ${measured} pairs).`,
  unshared: ({ measured }) =>
    `No node resumes what another issued (0 of ${measured} pairs): nothing is shared between them.`,
  misfits: ({ misfits }) => `${misfits.slice(0, 3).map(misfitWords).join("; ")}${more(misfits.length - 3)}.`,
  groups: ({ groups }) =>
    `The nodes fall apart into ${groups.length} groups that do not resume each other's sessions: ${groups
      .slice(0, 4)
      .map((group) => inList(group, 4))
      .join(" | ")}.`,
  mixed: ({ measured, agreeing }) => `${agreeing} of ${measured} pairs resume, in no clear pattern.`,
};

function misfitWords({ node, refuses, refused }: Misfit): string {
  const own = {
    all: "accepts nobody's sessions",
    some: "refuses some of the others' sessions",
    none: "accepts the others' sessions",
  };
  const others = {
    all: "nobody accepts its",
    some: "some refuse its",
    none: "its own are accepted everywhere",
  };
  const parts = [refuses === null ? [] : own[refuses], refused === null ? [] : others[refused]].flat();
  const joint = refuses === null || refused === null || (refuses === "none") === (refused === "none");
  return `${node} ${parts.join(joint ? " and " : ", but ")}`;
}

const more = (count: number): string => (count > 0 ? `; and ${count} more` : "");
const known = (cell: boolean | null): boolean[] => (cell === null ? [] : [cell]);
const keyOf = (from: string, to: string): string => `${from}\u0000${to}`;
