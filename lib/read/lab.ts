import type { z } from "zod";
import type { LabReply, LoadView, labParams } from "../contract/read-lab.ts";
import { type CostTable, savedUs } from "../domain/cost.ts";
import { ageBins } from "../policy/lab.ts";
import { Histogram } from "../stats/histogram.ts";
import { overdispersion } from "../stats/overdispersion.ts";
import type { ReadStore, RollupRow, TenantId } from "../store/port.ts";
import { type KnownPolicies, readKnownPolicy } from "./lab-known.ts";
import { parseWindow } from "./window.ts";

const HOUR_MS = 3_600_000;

type Hour = {
  completed: number;
  full: number;
  byTicket: number;
  otherwise: number;
  unknown: number;
  savedUs: number;
};
const noHour = (): Hour => ({ completed: 0, full: 0, byTicket: 0, otherwise: 0, unknown: 0, savedUs: 0 });

/** Answers /api/policy-lab: ticket ages, resumptions by what, the policy at work and its bounds. Throws ParameterProblem. */
export async function readLab(
  store: ReadStore,
  tenant: TenantId,
  request: { readonly params: z.infer<typeof labParams>; readonly nowMs: number; readonly costs: CostTable },
): Promise<LabReply> {
  const { params, nowMs, costs } = request;
  const window = parseWindow({ from: "now-7d", ...params, step: "1h" }, nowMs);
  const endpoint = params.endpoint || null;
  const filter = endpoint === null ? {} : { endpoint: [endpoint] };
  const counted = await store.readRollups(tenant, { ...window, filter, by: ["endpoint", "protocol"] });
  const hours = hoursOf(counted.rows, costs);
  const sums = [...hours.values()].reduce(addHour, noHour());
  const known: KnownPolicies = await readKnownPolicy(store, tenant, { endpoint, window, nowMs });
  return {
    fromMs: window.fromMs,
    toMs: window.toMs,
    nowMs,
    endpoint,
    ages: ageBins(await readAges(store, tenant, { window, filter })),
    completed: sums.completed,
    byTicket: sums.byTicket,
    otherwise: sums.otherwise,
    unknownMechanism: sums.unknown,
    spread: overdispersion(
      [...hours.values()].map(({ completed, byTicket, otherwise }) => ({
        k: byTicket + otherwise,
        n: completed,
      })),
    ),
    ...known,
    load: loadsOf(hours, nowMs),
  };
}

/** Times are told by one view of a node only, whichever is counted. */
async function readAges(
  store: ReadStore,
  tenant: TenantId,
  { window, filter }: { window: { fromMs: number; toMs: number; stepMs: number }; filter: object },
): Promise<Histogram> {
  const { rows } = await store.readRollups(tenant, {
    ...window,
    filter,
    outcomes: ["resumed"],
    histograms: ["ticketAgeS"],
    views: "all",
  });
  const ages = new Histogram();
  for (const row of rows) if (row.ticketAgeS && !row.excluded) ages.merge(row.ticketAgeS);
  return ages;
}

function hoursOf(rows: readonly RollupRow[], costs: CostTable): Map<number, Hour> {
  const hours = new Map<number, Hour>();
  for (const row of rows) {
    if (row.excluded || (row.outcome !== "full" && row.outcome !== "resumed")) continue;
    const hour = hours.get(row.bucketStartMs) ?? noHour();
    hours.set(row.bucketStartMs, hour);
    hour.completed += row.count;
    if (row.outcome === "full") hour.full += row.count;
    else addResumed(hour, row, costs);
  }
  return hours;
}

function addResumed(hour: Hour, row: RollupRow, costs: CostTable): void {
  const { endpoint = null, protocol = null } = row.group;
  // TLS 1.3 resumes by PSK alone, also where nobody says so.
  const mechanism = row.mechanism ?? (protocol === "TLSv1.3" ? "psk" : null);
  if (mechanism === "ticket" || mechanism === "psk") {
    hour.byTicket += row.count;
    hour.savedUs += row.count * savedUs({ endpoint, protocol: protocol as Costed }, costs);
    return;
  }
  hour.otherwise += row.count;
  if (mechanism === null) hour.unknown += row.count;
}
type Costed = Parameters<typeof savedUs>[0]["protocol"];

function addHour(sum: Hour, hour: Hour): Hour {
  for (const name of Object.keys(sum) as (keyof Hour)[]) sum[name] += hour[name];
  return sum;
}

/** Whole hours only: the one that goes on would look quiet. */
function loadsOf(hours: ReadonlyMap<number, Hour>, nowMs: number): LabReply["load"] {
  const whole = [...hours].filter(([t]) => t + HOUR_MS <= nowMs).sort((a, b) => a[0] - b[0]);
  const last = whole.at(-1);
  const busiest = [...whole].sort((a, b) => b[1].full + b[1].byTicket - (a[1].full + a[1].byTicket))[0];
  return { last: last ? loadOf(last) : null, busiest: busiest ? loadOf(busiest) : null };
}

function loadOf([fromMs, hour]: readonly [number, Hour]): LoadView {
  const seconds = HOUR_MS / 1_000;
  return {
    fromMs,
    toMs: fromMs + HOUR_MS,
    completedPerS: hour.completed / seconds,
    fullPerS: hour.full / seconds,
    ticketPerS: hour.byTicket / seconds,
    ticketCores: hour.savedUs / 1_000_000 / seconds,
  };
}
