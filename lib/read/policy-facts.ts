/** The facts that hygiene rules judge, filled from whatever the store holds; the rest stays null. */

import type { KeyFleet } from "../domain/key-fleet.ts";
import type { NodeProbe } from "../domain/probe.ts";
import { OVERFLOW_NAME } from "../domain/vocabulary.ts";
import { type Fact, type FindingFact, NO_FACTS, type PolicyFacts } from "../policy/facts.ts";
import type { ReadStore, RollupRow, StoredChange, StoredSample, TenantId } from "../store/port.ts";
import type { StoredFinding } from "../store/port-findings.ts";
import type { Agreement, StoredProbeResult } from "../store/port-probe.ts";
import { type Intents, readIntents } from "./intents.ts";
import { OBSERVED, readKeyFleet } from "./key-fleet.ts";
import { fleetFactsOf } from "./policy-fleet.ts";
import { keyFactsOf } from "./policy-keys.ts";
import { probeFactsOf } from "./policy-probes.ts";
import { readStarts } from "./policy-starts.ts";
import { trafficFactsOf } from "./policy-traffic.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Windows of what is judged: traffic of a day, findings of a week, keys and rotations of a month. */
const TRAFFIC_MS = DAY_MS;
const FINDINGS_MS = 7 * DAY_MS;
const KEYS_MS = 30 * DAY_MS;
const PROBES_MS = DAY_MS;

/** Endpoints that are judged at once. */
export const MOST_ENDPOINTS = 50;
const MOST_SIGHTINGS = 20_000;
const MOST_SAMPLES = 2_000;
const MOST_ROWS = 2_000;
const OLD_PROTOCOLS = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"];

export type EndpointFacts = {
  readonly endpoint: string;
  /** Of the last day. */
  readonly handshakes: number;
  readonly facts: PolicyFacts;
};
export type AllFacts = {
  readonly fromMs: number;
  readonly endpoints: readonly EndpointFacts[];
  /** Endpoints that are known, before the cap. */
  readonly endpointsTotal: number;
  readonly intents: Intents;
};

/** What is known of every endpoint, those with most handshakes first. */
export async function readPolicyFacts(store: ReadStore, tenant: TenantId, nowMs: number): Promise<AllFacts> {
  const known = await readAll(store, tenant, nowMs);
  const handshakes = new Map<string, number>();
  const add = (name: string | null | undefined, count: number): void => {
    if (name != null && name !== OVERFLOW_NAME) handshakes.set(name, (handshakes.get(name) ?? 0) + count);
  };
  for (const { group, count } of known.rows) add(group.endpoint, count);
  for (const { endpoint } of [...known.sightings, ...known.probes, ...known.intents.rows]) add(endpoint, 0);
  const names = [...handshakes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const endpoints: EndpointFacts[] = [];
  for (const [endpoint, count] of names.slice(0, MOST_ENDPOINTS))
    endpoints.push({
      endpoint,
      handshakes: count,
      facts: await factsOf(store, tenant, { endpoint, known, nowMs }),
    });
  return { fromMs: known.fromMs, endpoints, endpointsTotal: names.length, intents: known.intents };
}

type Known = {
  readonly fromMs: number;
  readonly rows: readonly RollupRow[];
  readonly ages: readonly RollupRow[];
  readonly samples: readonly StoredSample[];
  readonly sightings: Awaited<ReturnType<ReadStore["keys"]["readSightings"]>>;
  readonly events: Awaited<ReturnType<ReadStore["keys"]["readKeyEvents"]>>;
  readonly findings: readonly StoredFinding[];
  readonly changes: readonly StoredChange[];
  readonly probes: readonly StoredProbeResult<NodeProbe>[];
  readonly agreements: readonly Agreement[];
  readonly intents: Intents;
  readonly fleet: KeyFleet;
};

async function readAll(store: ReadStore, tenant: TenantId, nowMs: number): Promise<Known> {
  const toMs = Math.ceil((nowMs + 1) / HOUR_MS) * HOUR_MS;
  const fromMs = Math.floor((nowMs - TRAFFIC_MS) / HOUR_MS) * HOUR_MS;
  const day = { fromMs, toMs, stepMs: HOUR_MS };
  const month = { fromMs: nowMs - KEYS_MS, toMs: nowMs + 1, limit: MOST_ROWS };
  const [traffic, ages, samples, sightings, events, findings, changes, intents, probed, { fleet }] =
    await Promise.all([
      store.readRollups(tenant, { ...day, by: ["endpoint", "protocol"] }),
      store.readRollups(tenant, {
        ...day,
        by: ["endpoint"],
        filter: { protocol: OLD_PROTOCOLS },
        outcomes: ["resumed"],
        views: "all",
        histograms: ["ticketAgeS"],
      }),
      store.readSamples(tenant, { fromMs: nowMs - TRAFFIC_MS, toMs: nowMs + 1, limit: MOST_SAMPLES }),
      store.keys.readSightings(tenant, { sinceMs: nowMs - KEYS_MS, limit: MOST_SIGHTINGS }),
      store.keys.readKeyEvents(tenant, month),
      store.findings.readFindings(tenant, {
        ...month,
        fromMs: nowMs - FINDINGS_MS,
        states: ["open", "acknowledged"],
      }),
      store.readChanges(tenant, month),
      readIntents(store, tenant),
      readProbes(store, tenant, nowMs),
      readKeyFleet(store, tenant, { fromMs: nowMs - TRAFFIC_MS, nowMs }),
    ]);
  const rest = { samples, sightings, events, findings, changes, intents, fleet, ...probed };
  return { fromMs, rows: traffic.rows, ages: ages.rows, ...rest };
}

async function readProbes(
  store: ReadStore,
  tenant: TenantId,
  nowMs: number,
): Promise<Pick<Known, "probes" | "agreements">> {
  const window = { fromMs: nowMs - PROBES_MS, toMs: nowMs + 1, limit: MOST_SIGHTINGS };
  const [newest, agreements] = await Promise.all([
    store.probes.readNewestProbes(tenant),
    store.probes.readAgreements(tenant, window),
  ]);
  const probes = newest.filter(({ atMs }) => atMs >= window.fromMs) as StoredProbeResult<NodeProbe>[];
  return { probes, agreements };
}

async function factsOf(
  store: ReadStore,
  tenant: TenantId,
  of: { readonly endpoint: string; readonly known: Known; readonly nowMs: number },
): Promise<PolicyFacts> {
  const { endpoint, known, nowMs } = of;
  const own = <T extends { readonly endpoint: string | null }>(list: readonly T[]): T[] =>
    list.filter((each) => each.endpoint === endpoint);
  const samples = known.samples.filter(({ handshake }) => handshake.endpoint === endpoint);
  const changes = known.changes.filter((change) => change.endpoint === null || change.endpoint === endpoint);
  const traffic = trafficFactsOf(
    known.rows.filter(({ group }) => group.endpoint === endpoint),
    known.ages.filter(({ group }) => group.endpoint === endpoint),
    samples,
  );
  const keys = keyFactsOf(endpoint, known);
  const probed = probeFactsOf(own(known.probes), own(known.agreements));
  const seen = fleetFactsOf(endpoint, known.fleet, { fromMs: nowMs - TRAFFIC_MS, toMs: nowMs + 1 });
  const takesEarlyData = (traffic.earlyData?.value.accepted ?? 0) > 0;
  const starts = takesEarlyData ? await readStarts(store, tenant, { endpoint, changes, nowMs }) : [];
  return {
    ...NO_FACTS,
    ...traffic,
    ...probed,
    ...keys,
    coverage: seen.coverage,
    // What the prober tried goes before what clients happened to offer.
    agreement: probed.agreement ?? seen.agreement,
    lifetimeTls12S: longer(probed.lifetimeTls12S, keys.lifetimeTls12S),
    ciphers: withProbed(traffic.ciphers, own(known.probes)),
    findings: findingsOf(own(known.findings), samples),
    starts: starts.length ? { value: starts, from: "changes", count: starts.length } : null,
    recordedRotations: rotationsOf(changes),
    intent: known.intents.of(endpoint),
  };
}

function longer(a: Fact<number> | null, b: Fact<number> | null): Fact<number> | null {
  if (!a || !b) return a ?? b;
  return a.value >= b.value ? a : b;
}

/** Suites of traffic and of the prober together. */
function withProbed(
  seen: PolicyFacts["ciphers"],
  probes: readonly StoredProbeResult<NodeProbe>[],
): PolicyFacts["ciphers"] {
  const probed = probes.flatMap(({ ok, result }) => (ok && result.cipher !== null ? [result.cipher] : []));
  if (probed.length === 0) return seen;
  const names = [...new Set([...(seen?.value ?? []), ...probed])].sort();
  return { value: names, from: seen ? seen.from : "prober", count: (seen?.count ?? 0) + probed.length };
}

/** Findings, and that none was made only where somebody tells tickets apart: otherwise nothing could be found. */
function findingsOf(
  found: readonly StoredFinding[],
  samples: readonly StoredSample[],
): PolicyFacts["findings"] {
  const watched = samples.filter(({ handshake }) => handshake.ticketId !== null).length;
  if (found.length === 0 && watched === 0) return null;
  const value = found.map(
    ({ kind, severity, node, count, lastMs }): FindingFact => ({ kind, severity, node, count, lastMs }),
  );
  return { value, from: "findings", count: Math.max(watched, found.length) };
}

/** Rotations that people or pipelines recorded: what Reprise itself observed is no record. */
function rotationsOf(changes: readonly StoredChange[]): PolicyFacts["recordedRotations"] {
  const value = changes
    .filter(({ kind, via }) => kind === "key_rotation" && via !== OBSERVED)
    .map(({ atMs, actor }) => ({ atMs, actor }));
  return value.length ? { value, from: "changes", count: value.length } : null;
}
