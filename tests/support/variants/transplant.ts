/** Writes faults into the quiet times of a scenario, and tells of them in its labels. */
import { KINDS, type Kind, type Moment } from "./kinds.ts";
import { between, type Dice, pick } from "./random.ts";
import { resumedBy } from "./resample.ts";
import { type Change, type Fault, outcomeOf, type Row, type Scenario, total } from "./scenario.ts";

const HOUR_S = 3600;
/** Quiet time that is kept about each label. */
const MARGIN_S = 4 * HOUR_S;
/** Below this much evidence (nats, in the first six hours) nobody can find a fault. */
const LEAST_NATS = 25;

type Plant = {
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
  readonly endpoints: readonly string[];
  readonly nodes: readonly string[] | null;
  readonly family: string | null;
  readonly depth: number;
  moved: number;
  resumed: number;
  full: number;
};

/** Plants kinds one after another, each where it fits; answers how many found a place. */
export function transplant(of: Scenario, kinds: readonly string[], random: Dice): number {
  const plants: Plant[] = [];
  for (const name of kinds) {
    const kind = KINDS.find((one) => one.kind === name);
    const plant = kind && placeFor(of, kind, plants, random);
    if (plant) plants.push(plant);
  }
  for (const row of of.rows) for (const plant of plants) hit(row, plant, of, random);
  of.rows = of.rows.filter(({ c }) => Object.keys(c).length > 0);
  for (const plant of plants) note(of, plant, random);
  return plants.length;
}

function placeFor(of: Scenario, kind: Kind, plants: readonly Plant[], random: Dice): Plant | null {
  const { meta, labels } = of;
  const bucket = meta.bucket_s;
  const usable = meta.endpoints.map(({ name }) => name).filter((name) => has(of, name, kind.needs));
  if (usable.length === 0 || (kind.nodes !== "all" && meta.nodes.length < 2)) return null;
  const endpoints = kind.everyEndpoint ? usable : [pick(random, usable)];
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const length = between(random, kind.hours[0], kind.hours[1]) * HOUR_S;
    const latest = labels.score_to - length - MARGIN_S;
    if (latest <= labels.score_from) continue;
    const start = Math.floor(between(random, labels.score_from + HOUR_S, latest) / bucket) * bucket;
    const end = Math.floor((start + length) / bucket) * bucket;
    const taken = [...labels.faults, ...labels.nonfaults, ...labels.ignore, ...plants].some(
      (one) => one.start - MARGIN_S < end && one.end + MARGIN_S > start,
    );
    if (taken) continue;
    const all = meta.nodes.map(({ name }) => name);
    const some = kind.nodes === "one" ? 1 : Math.max(1, Math.floor(all.length * between(random, 0.3, 0.7)));
    const shuffled = all.map((name) => ({ name, at: random() })).sort((a, b) => a.at - b.at);
    const nodes = kind.nodes === "all" ? null : shuffled.slice(0, some).map(({ name }) => name);
    const depth = between(random, kind.depth[0], kind.depth[1]);
    const family = kind.family ? familyOf(of, endpoints[0] ?? "", random) : null;
    return { kind, start, end, endpoints, nodes, family, depth, moved: 0, resumed: 0, full: 0 };
  }
  return null;
}

/** Whether enough of an endpoint's resumptions are by these mechanisms. */
function has({ rows }: Scenario, endpoint: string, needs: readonly string[]): boolean {
  if (needs.length === 0) return true;
  let by = 0;
  let all = 0;
  for (let i = 0; i < rows.length; i += 37) {
    const row = rows[i];
    if (row?.endpoint !== endpoint || row.platform === "bot") continue;
    for (const [key, n] of Object.entries(row.c)) {
      if (outcomeOf(key) === "resumed") all += n;
      if (resumedBy(key, needs)) by += n;
    }
  }
  return by > 0.05 * all && by > 0;
}

function familyOf({ meta }: Scenario, endpoint: string, random: Dice): string {
  const { segments = [] } = meta.endpoints.find(({ name }) => name === endpoint) ?? {};
  return pick(
    random,
    segments.map(({ platform }) => platform).filter((name) => name !== "bot"),
  );
}

function hit(row: Row, plant: Plant, of: Scenario, random: Dice): void {
  const { kind, start, end, nodes, family } = plant;
  if (row.ts < start || row.ts >= end || !plant.endpoints.includes(row.endpoint)) return;
  if ((nodes && !nodes.includes(row.node)) || row.platform === "bot") return;
  if (family !== null && row.platform !== family) return;
  const at: Moment = {
    hours: (row.ts - start) / HOUR_S,
    lengthHours: (end - start) / HOUR_S,
    depth: plant.depth,
    nodes: of.meta.nodes.length,
    rich: of.meta.telemetry === "rich",
    random,
  };
  const before = total(row, "resumed");
  const full = total(row, "full");
  kind.effect(row, at);
  if (at.hours > 6 && !kind.slow) return;
  plant.resumed += before;
  plant.full += full;
  plant.moved += Math.max(0, before - total(row, "resumed"));
}

function note(of: Scenario, plant: Plant, random: Dice): void {
  const { kind, start, end, endpoints, nodes } = plant;
  const { labels, meta } = of;
  const id = `${kind.kind}@${start}`;
  const scope = { endpoints: [...endpoints], nodes: nodes && [...nodes] };
  const cause = random() < kind.recorded && kind.changes.length > 0 ? causeOf(of, plant, random) : null;
  decoys(of, plant, random);
  if (kind.harmless) {
    labels.nonfaults.push({ id, kind: kind.kind, start, end, scope });
    return;
  }
  const needed = kind.signal === undefined;
  const p = plant.resumed / Math.max(1, plant.resumed + plant.full);
  const nats = plant.moved ** 2 / (2 * Math.max(1, (plant.resumed + plant.full) * p * (1 - p)));
  const small = needed && (nats < LEAST_NATS || plant.moved < 0.02 * plant.resumed);
  if (small) {
    labels.ignore.push({ id, kind: kind.kind, start, end, scope });
    return;
  }
  const segments = meta.endpoints
    .filter(({ name }) => endpoints.includes(name))
    .flatMap(({ name, segments: all }) => all.map((one) => ({ ...one, endpoint: name })))
    .filter(({ platform }) => platform !== "bot" && (plant.family === null || platform === plant.family))
    .filter((one) => uses(of, one, kind.needs))
    .map(({ endpoint, platform, protocol }) => `${endpoint}|${platform}|${protocol}`);
  const credit = kind.slow ? 48 * HOUR_S : 6 * HOUR_S;
  const fault: Fault = {
    ...{ id, kind: kind.kind, kind_novel: kind.novel === true, signal: kind.signal ?? "resume_rate" },
    ...{ start, end, credit_until: Math.min(end, start + credit), slow: kind.slow === true },
    ...{ scope: { ...scope, segments }, cause_change_id: cause, oracle_delay_min: null, depth: plant.depth },
  };
  labels.faults.push(fault);
}

function uses(
  { rows }: Scenario,
  of: { endpoint: string; platform: string; protocol: string },
  needs: readonly string[],
): boolean {
  let by = 0;
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i];
    if (row?.endpoint !== of.endpoint || row.platform !== of.platform || row.protocol !== of.protocol)
      continue;
    for (const [key, n] of Object.entries(row.c)) if (resumedBy(key, needs)) by += n;
    if (by > 50) return true;
  }
  return false;
}

function causeOf(of: Scenario, { kind, start, endpoints, nodes, family }: Plant, random: Dice): string {
  const [type, component] = pick(random, kind.changes);
  const lag = kind.slow ? between(random, 0, 20 * 60) : between(random, 5, 300);
  const scope = {
    endpoints: random() < 0.15 ? null : [...endpoints],
    nodes: kind.nodes === "all" || type === "key_rotation" ? null : nodes && [...nodes],
    platforms: type === "client_release" && family ? [family] : null,
    domain: type === "key_rotation" ? domainOf(of, endpoints) : null,
  };
  return add(of, { id: `c${start}`, ts: Math.round(start - lag), type, scope, attrs: { component } });
}

/** The key group whose rotations name these endpoints. */
function domainOf({ changes }: Scenario, endpoints: readonly string[]): string | null {
  const rotation = changes.find(
    ({ type, scope }) => type === "key_rotation" && endpoints.some((name) => scope.endpoints?.includes(name)),
  );
  return rotation?.scope.domain ?? null;
}

/** Changes that have nothing to do with it, about its beginning. */
function decoys(of: Scenario, { start, endpoints }: Plant, random: Dice): void {
  const sorts = [
    ["deploy", "app"],
    ["config_change", "waf"],
    ["config_change", "rate_limit"],
    ["deploy", "logging"],
    ["config_change", "routing"],
    ["config_change", "lb"],
    ["deploy", "proxy"],
    ["cert_renewal", "tls"],
  ] as const;
  const many = random() < 0.3 ? 0 : random() < 0.5 ? 1 : 2;
  for (let i = 0; i < many; i += 1) {
    const [type, component] = pick(random, sorts);
    const scope = { endpoints: [...endpoints], nodes: null, platforms: null, domain: null };
    const ts = Math.round(start - between(random, -10, 25) * 60);
    add(of, { id: `d${start}-${i}`, ts, type, scope, attrs: { component } });
  }
}

function add(of: Scenario, change: Change): string {
  of.changes.push(change);
  return change.id;
}
