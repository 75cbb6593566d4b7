import type { SummaryReply, Tile } from "../contract/read.ts";
import type { IncidentRow } from "../contract/read-incidents.ts";
import type { CostTable } from "../domain/cost.ts";
import { type Headroom, headroomOf } from "../domain/load.ts";
import { inCores, inWhole } from "../domain/words.ts";
import type { ReadStore, TenantId, Window } from "../store/port.ts";
import type { StoredIncident } from "../store/port-incidents.ts";
import { incidentRowOf } from "./incidents.ts";
import { stepsOf } from "./window.ts";

/** Incidents read of one window at most. */
const MOST = 500;
/** Open incidents that are costed, the newest; a fleet with more open ones has its worst among them or is lost anyway. */
const MOST_COSTED = 20;

/** What the Overview has to know of incidents: those that go on now, with their cost, and how many went on at each step. */
export type OpenIncidents = {
  /** CPU that is free on nodes that tell theirs; null where none does. */
  readonly headroom: Headroom | null;
  readonly going: readonly IncidentRow[];
  readonly pages: number;
  readonly infos: number;
  readonly steps: readonly { readonly t: number; readonly count: number }[];
};

type Request = {
  readonly endpoints: readonly (string | null)[] | undefined;
  readonly window: Window;
  readonly nowMs: number;
  readonly costs: CostTable;
};

/** Incidents of a summary's endpoints; one that names no endpoint is of all. */
export async function readOpenIncidents(
  store: ReadStore,
  tenant: TenantId,
  { endpoints, window, nowMs, costs }: Request,
): Promise<OpenIncidents> {
  const wanted = ({ scope }: StoredIncident): boolean =>
    !endpoints || scope.endpoints.length === 0 || scope.endpoints.some((name) => endpoints.includes(name));
  const { fromMs, toMs } = window;
  const within = (await store.readIncidents(tenant, { fromMs, toMs, limit: MOST })).filter(wanted);
  const span = { fromMs: nowMs, toMs: nowMs + 1, limit: MOST };
  const open = (await store.readIncidents(tenant, { ...span, states: ["open", "acknowledged"] })).filter(
    wanted,
  );
  const going: IncidentRow[] = [];
  for (const incident of open.slice(0, MOST_COSTED))
    going.push(await incidentRowOf(store, tenant, { incident, nowMs, costs }));
  const pages = open.filter(({ class: kind }) => kind === "page").length;
  return {
    headroom: headroomOf(await store.readNodeLoads(tenant), { nowMs, nodes: null }),
    going: going.sort(worseFirst),
    pages,
    infos: open.length - pages,
    steps: stepsOf(window)
      .filter((t) => t <= nowMs)
      .map((t) => ({ t, count: within.filter((incident) => goesOn(incident, t, window.stepMs)).length })),
  };
}

/** What costs, and what nodes say is free. */
function costNote(costly: number, headroom: Headroom | null): string {
  const what = costly > 0 ? `by ${costly} open` : "No open incident costs CPU";
  if (headroom === null) return costly > 0 ? what : `${what}.`;
  const { freeCores, cores, nodes } = headroom;
  return `${what}; ${inCores(freeCores)} of ${inWhole(cores)} free on ${nodes} ${nodes === 1 ? "node" : "nodes"}`;
}

const goesOn = ({ class: kind, onsetMs, resolvedMs }: StoredIncident, t: number, stepMs: number): boolean =>
  kind === "page" && onsetMs < t + stepMs && (resolvedMs === null || resolvedMs >= t);

/** Pages before infos, unseen ones before acknowledged ones, then what lost most, then the newest. */
export function worseFirst(a: IncidentRow, b: IncidentRow): number {
  const rank = ({ class: kind, state }: IncidentRow): number =>
    (kind === "page" ? 0 : 2) + (state === "open" ? 0 : 1);
  return rank(a) - rank(b) || (b.lost ?? -1) - (a.lost ?? -1) || b.openedMs - a.openedMs;
}

/** How many go on, and the one that the status sentence leads with: the worst page. */
export function openIncidentsOf({ going, pages, infos }: OpenIncidents): SummaryReply["openIncidents"] {
  const worst = going.find(({ class: kind }) => kind === "page");
  return { pages, infos, worst: worst ? { id: worst.id, headline: worst.headline } : null };
}

/** Tiles of incidents: how many go on, and the cores that they cost now, beside what is free. */
export function incidentTiles({ going, pages, infos, steps, headroom }: OpenIncidents): Tile[] {
  const known = going.flatMap(({ class: kind, cpuAtRiskCores: cores }) =>
    kind === "page" && cores !== null ? [cores] : [],
  );
  const common = { low: null, high: null, previous: null, previousCount: 0 };
  const seen = going.filter((one) => one.class === "page" && one.state === "acknowledged").length;
  const told = infos === 0 ? "" : `, ${infos} only told`;
  return [
    {
      ...common,
      id: "cpu_at_risk",
      label: "CPU at risk",
      unit: "cores",
      value: known.length ? known.reduce((sum, cores) => sum + cores, 0) : null,
      count: known.length,
      sparkline: [],
      note: costNote(known.length, headroom),
    },
    {
      ...common,
      id: "open_incidents",
      label: "Open incidents",
      unit: "count",
      value: pages,
      count: pages + infos,
      sparkline: steps.map(({ t, count }) => ({ t, value: count, count })),
      note: `${pages === 0 ? "none" : `${seen} acknowledged`}${told}`,
    },
  ];
}
