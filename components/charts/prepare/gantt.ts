import type { KeyBarView, KeyRowView, KeysReply } from "@/lib/contract/read-keys.ts";
import type { TableModel } from "./table.ts";

/** A stretch of a row: where it stands as shares of the axis, and its exact moments. */
export type GanttBar = {
  readonly state: KeyBarView["state"];
  readonly left: number;
  readonly width: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly open: boolean;
  /** It began before the window. */
  readonly clipped: boolean;
};
/** One row: a key at a node, or at several nodes whose bars are alike. */
export type GanttRow = {
  readonly id: string;
  readonly keyName: string;
  readonly nodes: readonly string[];
  readonly bars: readonly GanttBar[];
  readonly revokedMs: number | null;
};
/** Rows of one key follow each other; keys of one group stand together. */
export type GanttGroup = {
  readonly group: number | null;
  readonly title: string;
  readonly rows: readonly GanttRow[];
  /** Rows beyond what is drawn. */
  readonly left: number;
};
export type GanttModel = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly groups: readonly GanttGroup[];
  readonly table: TableModel;
};

/** Bars whose ends differ by less than this share of the window look the same, so their nodes share a row. */
const ALIKE = 0.01;
const MOST_ROWS = 60;
/** Digits of a key's hash that are shown. */
const SHORT = 8;

/** A key as screens name it: the first digits of its hash. */
export function shortKey(keyName: string): string {
  return keyName.slice(0, SHORT);
}

/** What a group of nodes is called; null for one that is not shown. */
export function groupTitle({ groups }: Pick<KeysReply, "groups">, group: number | null): string | null {
  return groups.find((of) => of.group === group)?.title ?? null;
}

/** Keys by node over time, newest key first. `apart`: every node has a row of its own. */
export function prepareGantt(reply: KeysReply, { apart }: { readonly apart: boolean }): GanttModel {
  const { fromMs, toMs } = reply;
  const revoked = new Map(reply.revocations.map(({ keyName, revokedMs }) => [keyName, revokedMs]));
  const byGroup = Map.groupBy(reply.keys, ({ group }) => group);
  const groups = [...byGroup].sort(([a], [b]) => (a ?? 1e9) - (b ?? 1e9));
  return {
    fromMs,
    toMs,
    groups: groups.flatMap(([group, keys]) => {
      const all = keys.flatMap((key) =>
        rowsOf(key, { fromMs, toMs, apart, revokedMs: revoked.get(key.keyName) ?? null }),
      );
      if (all.length === 0) return [];
      const title = groupTitle(reply, group) ?? "Seen in offers only";
      return [{ group, title, rows: all.slice(0, MOST_ROWS), left: Math.max(0, all.length - MOST_ROWS) }];
    }),
    table: tableOf(reply),
  };
}

type Asked = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly apart: boolean;
  readonly revokedMs: number | null;
};

function rowsOf(key: KeyRowView, { fromMs, toMs, apart, revokedMs }: Asked): GanttRow[] {
  const rows: { nodes: string[]; bars: GanttBar[] }[] = [];
  for (const { node, endpoint, bars } of key.places) {
    const name = node ?? endpoint ?? "unknown";
    const drawn = bars.flatMap((bar) => barOf(bar, { fromMs, toMs }));
    if (drawn.length === 0) continue;
    const same = apart ? undefined : rows.find((row) => areAlike(row.bars, drawn));
    if (same) same.nodes.push(name);
    else rows.push({ nodes: [name], bars: drawn });
  }
  return rows.map(({ nodes, bars }) => ({
    id: `${key.keyName}-${nodes[0]}`,
    keyName: key.keyName,
    nodes: nodes.sort((a, b) => a.localeCompare(b, "en", { numeric: true })),
    bars,
    revokedMs,
  }));
}

function barOf(bar: KeyBarView, { fromMs, toMs }: { fromMs: number; toMs: number }): GanttBar[] {
  if (bar.toMs < fromMs || bar.fromMs >= toMs) return [];
  const share = (t: number): number => (Math.min(toMs, Math.max(fromMs, t)) - fromMs) / (toMs - fromMs);
  const left = share(bar.fromMs);
  return [{ ...bar, left, width: share(bar.toMs) - left, clipped: bar.fromMs < fromMs }];
}

function areAlike(a: readonly GanttBar[], b: readonly GanttBar[]): boolean {
  return (
    a.length === b.length &&
    a.every((bar, i) => {
      const other = b[i];
      return (
        other !== undefined &&
        bar.state === other.state &&
        bar.open === other.open &&
        Math.abs(bar.left - other.left) < ALIKE &&
        Math.abs(bar.left + bar.width - other.left - other.width) < ALIKE
      );
    })
  );
}

/** The names of a row's nodes, as far as they have room. */
export function nodesText(nodes: readonly string[]): string {
  if (nodes.length <= 2) return nodes.join(", ");
  return `${nodes.length} nodes`;
}

function tableOf(reply: KeysReply): TableModel {
  const bars = reply.keys.flatMap((key) =>
    key.places.flatMap((place) => place.bars.map((bar) => ({ key, place, bar }))),
  );
  const time = (t: number): string => new Date(t).toISOString().slice(0, 19).replace("T", " ");
  return {
    head: ["Key", "Group", "Endpoint", "Node", "State", "From (UTC)", "To (UTC)", "Known by"],
    rows: bars.map(({ key, place, bar }) => ({
      id: `${key.keyName}-${place.endpoint}-${place.node}-${bar.fromMs}-${bar.state}`,
      cells: [
        shortKey(key.keyName),
        groupTitle(reply, key.group),
        place.endpoint,
        place.node,
        bar.state,
        time(bar.fromMs),
        bar.open ? "now" : time(bar.toMs),
        place.basis,
      ],
    })),
    csv: {
      head: ["key", "group", "endpoint", "node", "state", "from", "to", "open", "basis"],
      rows: bars.map(({ key, place, bar }) => [
        key.keyName,
        key.group,
        place.endpoint,
        place.node,
        bar.state,
        new Date(bar.fromMs).toISOString(),
        new Date(bar.toMs).toISOString(),
        bar.open ? 1 : 0,
        place.basis,
      ]),
    },
  };
}
