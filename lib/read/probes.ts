import { nodeProbe, type ProbesReply, type ProbeTargetView } from "../contract/probe.ts";
import { type AgreementPair, judgeAgreement } from "../domain/agreement.ts";
import type { ProbeSpec } from "../domain/probe.ts";
import { MECHANISMS, type Mechanism } from "../domain/vocabulary.ts";
import type { ReadStore, TenantId } from "../store/port.ts";
import type { Agreement, StoredProbeResult, StoredProbeTarget } from "../store/port-probe.ts";

/** How far back an observation of a pair may lie to stand in the matrix: big pools take many rounds. */
const AGREEMENT_MS = 86_400_000;
const MOST_AGREEMENTS = 50_000;
/** A target is late when its newest result is older than this many intervals. */
const LATE_INTERVALS = 3;
const LATE_AT_LEAST_MS = 120_000;

/** The prober's targets with what was found last at each node, and how nodes agree. */
export async function readProbeTargets(
  store: Pick<ReadStore, "probes">,
  tenant: TenantId,
  nowMs: number,
): Promise<ProbesReply> {
  const window = { fromMs: nowMs - AGREEMENT_MS, toMs: nowMs + 60_000, limit: MOST_AGREEMENTS };
  const [targets, newest, agreements] = await Promise.all([
    store.probes.readProbeTargets(tenant),
    store.probes.readNewestProbes(tenant),
    store.probes.readAgreements(tenant, window),
  ]);
  return {
    nowMs,
    targets: targets.map((target) => {
      const own = <T extends { readonly targetId: string }>(list: readonly T[]): T[] =>
        list.filter(({ targetId }) => targetId === target.id);
      return viewOf(target, { newest: own(newest), agreements: own(agreements), nowMs });
    }),
  };
}

function viewOf(
  target: StoredProbeTarget,
  found: {
    readonly newest: readonly StoredProbeResult[];
    readonly agreements: readonly Agreement[];
    readonly nowMs: number;
  },
): ProbeTargetView {
  const spec = target.spec as ProbeSpec;
  const { id, origin, endpoint, paused } = target;
  const nodes = spec.nodes.map(({ name, address }) => {
    const newest = found.newest.find(({ node }) => node === name);
    const probe = newest ? (nodeProbe.safeParse(newest.result).data ?? null) : null;
    return { node: name, address, atMs: newest?.atMs ?? null, probe };
  });
  const moments = nodes.flatMap(({ atMs }) => atMs ?? []);
  const lastMs = moments.length > 0 ? Math.max(...moments) : null;
  return {
    ...{ id, origin, endpoint, paused, lastMs, nodes },
    spec: { ...spec, alpn: [...spec.alpn], nodes: [...spec.nodes], protocols: [...spec.protocols] },
    state: stateOf({ paused, lastMs, nodes, intervalMs: spec.intervalMs, nowMs: found.nowMs }),
    nextMs: paused || lastMs === null ? null : Math.max(lastMs + spec.intervalMs, found.nowMs),
    lastError: lastErrorOf(nodes),
    agreements: MECHANISMS.flatMap((mechanism) => agreementOf(mechanism, spec, found.agreements)),
  };
}

type Nodes = ProbeTargetView["nodes"];

function stateOf(target: {
  readonly paused: boolean;
  readonly lastMs: number | null;
  readonly nodes: Nodes;
  readonly intervalMs: number;
  readonly nowMs: number;
}): ProbeTargetView["state"] {
  const { paused, lastMs, nodes, intervalMs, nowMs } = target;
  if (paused) return "paused";
  if (lastMs === null) return "waiting";
  if (nowMs - lastMs > Math.max(LATE_INTERVALS * intervalMs, LATE_AT_LEAST_MS)) return "late";
  const seen = nodes.filter(({ atMs }) => atMs !== null);
  const failed = seen.filter(({ probe }) => probe === null || probe.failure !== null);
  if (failed.length === 0) return "fine";
  return failed.length === seen.length ? "failing" : "partly";
}

/** The newest failure that still stands, with its node. */
function lastErrorOf(nodes: Nodes): string | null {
  const failed = nodes.filter(({ probe }) => probe?.failure).sort((a, b) => (b.atMs ?? 0) - (a.atMs ?? 0));
  const [newest] = failed;
  return newest?.probe?.failure ? `${newest.node}: ${newest.probe.failure.detail}` : null;
}

/** The newest observation of each pair of a mechanism, among nodes that are still configured. */
function agreementOf(
  mechanism: Mechanism,
  spec: ProbeSpec,
  agreements: readonly Agreement[],
): ProbeTargetView["agreements"] {
  const names = new Set(spec.nodes.map(({ name }) => name));
  const newest = new Map<string, Agreement>();
  // They come newest first.
  for (const one of agreements) {
    const key = `${one.fromNode}\u0000${one.toNode}`;
    const counts = one.mechanism === mechanism && names.has(one.fromNode) && names.has(one.toNode);
    if (counts && !newest.has(key)) newest.set(key, one);
  }
  if (newest.size === 0) return [];
  const cells = [...newest.values()].map(({ fromNode: from, toNode: to, accepted, reason, atMs }) => ({
    ...{ from, to, accepted, reason, atMs },
  }));
  const { kind, misfits, sentence } = judgeAgreement(cells.flatMap(pairOf));
  const involved = spec.nodes.map(({ name }) => name);
  return [{ mechanism, nodes: involved, cells, kind, misfits: misfits.map(({ node }) => node), sentence }];
}

function pairOf(cell: {
  readonly from: string;
  readonly to: string;
  readonly accepted: boolean | null;
}): AgreementPair[] {
  const { from, to, accepted } = cell;
  return accepted === null ? [] : [{ from, to, accepted: accepted ? 1 : 0, offered: 1 }];
}
