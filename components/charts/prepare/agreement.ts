import { AGREES_AT } from "@/lib/domain/agreement.ts";
import { inPercent, inWhole } from "@/lib/domain/words.ts";
import type { TableModel } from "./table.ts";

/** Offers at `to` of what `from` issued. */
export type MatrixPair = {
  readonly from: string;
  readonly to: string;
  readonly accepted: number;
  readonly offered: number;
  readonly low?: number | null;
  readonly high?: number | null;
  /** Why not, where it is known. */
  readonly reason?: string | null;
};
export type MatrixCell = {
  readonly verdict: "agrees" | "refuses" | "unknown";
  /** Accepted of offered, where a share says more than yes or no. */
  readonly share: number | null;
  readonly own: boolean;
  readonly text: string;
};
export type MatrixModel = {
  readonly nodes: readonly { readonly name: string; readonly misfit: boolean }[];
  /** By issuer, then by the node that was asked; null: not measured. */
  readonly cells: readonly (readonly (MatrixCell | null)[])[];
  /** Nodes beyond what is drawn. */
  readonly left: number;
  readonly table: TableModel;
};

const MOST_NODES = 40;
/** Below so many tries a share is only yes or no. */
const SHARED_FROM = 5;

/** The matrix of all pairs, misfits first, then by name. */
export function prepareAgreement(pairs: readonly MatrixPair[], misfits: readonly string[]): MatrixModel {
  const names = [...new Set(pairs.flatMap(({ from, to }) => [from, to]))].sort((a, b) => {
    const [am, bm] = [misfits.includes(a), misfits.includes(b)];
    return Number(bm) - Number(am) || a.localeCompare(b, "en", { numeric: true });
  });
  const shown = names.slice(0, MOST_NODES);
  const known = new Map(pairs.map((pair) => [`${pair.from}\u0000${pair.to}`, pair]));
  return {
    nodes: shown.map((name) => ({ name, misfit: misfits.includes(name) })),
    cells: shown.map((from) => shown.map((to) => cellOf(known.get(`${from}\u0000${to}`), from === to))),
    left: names.length - shown.length,
    table: tableOf(pairs),
  };
}

function cellOf(pair: MatrixPair | undefined, own: boolean): MatrixCell | null {
  if (!pair) return null;
  const { from, to, accepted, offered, reason } = pair;
  const of = `of ${from} at ${to}`;
  if (offered === 0)
    return { verdict: "unknown", share: null, own, text: reason ? `${of}: ${reason}` : `${of}: not tried` };
  const share = accepted / offered;
  const counts = offered === 1 ? "" : `, ${inPercent(share)} (${inWhole(accepted)} of ${inWhole(offered)})`;
  return {
    verdict: share >= AGREES_AT ? "agrees" : "refuses",
    share: offered >= SHARED_FROM ? share : null,
    own,
    text: `${of}${counts}${reason ? `: ${reason}` : ""}`,
  };
}

function tableOf(pairs: readonly MatrixPair[]): TableModel {
  const sorted = [...pairs].sort((a, b) => a.from.localeCompare(b.from) || a.to.localeCompare(b.to));
  return {
    head: ["Issued by", "Asked", "Accepted", "Offered", "Share", "95 %", "Reason"],
    rows: sorted.map(({ from, to, accepted, offered, low, high, reason }) => ({
      id: `${from}-${to}`,
      cells: [
        from,
        to,
        inWhole(accepted),
        inWhole(offered),
        offered > 0 ? inPercent(accepted / offered) : null,
        low != null && high != null ? `${inPercent(low)} to ${inPercent(high)}` : null,
        reason ?? null,
      ],
    })),
    csv: {
      head: ["issued_by", "asked", "accepted", "offered", "low", "high", "reason"],
      rows: sorted.map((pair) => [
        pair.from,
        pair.to,
        pair.accepted,
        pair.offered,
        pair.low ?? null,
        pair.high ?? null,
        pair.reason ?? null,
      ]),
    },
  };
}
