import type { CauseRule, Mode } from "./modes/mode.ts";
import { MINUTE_MS } from "./time.ts";
import type { DetectorChange, Evidence } from "./types.ts";

/** Changes further back than this many mean lags are no cause. */
const MOST_LAGS = 6;
const HOUR_MIN = 60;

/** What a change is compared with. */
export type Case = {
  readonly endpoint: string;
  /** null = all. */
  readonly nodes: readonly string[] | null;
  readonly nodesAll: number;
  readonly families: readonly string[] | null;
  readonly onsetMs: number;
  /** How far the onset may be off, milliseconds. */
  readonly onsetErrorMs: number;
  readonly changes: readonly DetectorChange[];
  /** Over how long changes are known. */
  readonly observedMs: number;
};

/** How much likelier a change is where and when it was if it is the cause than if it is not: a factor, with its reasons. */
export type CauseFactor = {
  readonly change: DetectorChange;
  readonly factor: number;
  readonly evidence: readonly Evidence[];
};

/** Changes that may have caused a case by one mode, each with its factor. */
export function causesBy(mode: Mode, of: Case): CauseFactor[] {
  const found: CauseFactor[] = [];
  const longest = Math.max(...mode.causes.map(({ lagMin }) => lagMin)) * MOST_LAGS * MINUTE_MS;
  for (const change of of.changes) {
    const lagMs = of.onsetMs - change.atMs;
    if (lagMs < -of.onsetErrorMs || lagMs > longest + of.onsetErrorMs) continue;
    const rules = mode.causes.filter((rule) => fits(rule, change));
    let best: CauseFactor | null = null;
    for (const rule of rules) {
      const judged = judge(rule, change, of, lagMs);
      if (judged.factor > (best?.factor ?? 0)) best = judged;
    }
    if (best) found.push(best);
  }
  return found;
}

function fits({ kinds, components }: CauseRule, { kind, component }: DetectorChange): boolean {
  return (
    kinds.includes(kind) && (components === null || component === null || components.includes(component))
  );
}

function judge(rule: CauseRule, change: DetectorChange, of: Case, lagMs: number): CauseFactor {
  const scope = scopeFactor(rule, change, of);
  const like = of.changes.filter((other) => fits(rule, other) && touches(other, of.endpoint)).length;
  // Such changes an hour, as if one more had been seen: how often one lies here by chance.
  const perHour = (like + 1) / (of.observedMs / (HOUR_MIN * MINUTE_MS));
  const errorMin = of.onsetErrorMs / MINUTE_MS;
  const meanMin = rule.lagMin + errorMin / 2;
  const lagMin = Math.max(0, lagMs / MINUTE_MS - errorMin / 2);
  const density = Math.exp(-lagMin / meanMin) / meanMin;
  const lag = (density * HOUR_MIN) / perHour;
  const minutes = Math.round(lagMs / MINUTE_MS);
  return {
    change,
    factor: rule.part * scope * lag,
    evidence: [
      { text: `${minutes} min before the onset`, weight: Math.log(lag) },
      { text: scopeText(change, of), weight: Math.log(scope) },
      { text: `${like} such changes in ${Math.round(of.observedMs / MINUTE_MS / HOUR_MIN)} h`, weight: 0 },
    ],
  };
}

function touches({ endpoints }: DetectorChange, endpoint: string): boolean {
  return endpoints === null || endpoints.includes(endpoint);
}

/** How well what a change touched agrees with what was hit. */
function scopeFactor(rule: CauseRule, change: DetectorChange, of: Case): number {
  if (!touches(change, of.endpoint)) return 0.003;
  const endpoint = change.endpoints === null ? 0.5 : 1;
  return endpoint * nodeFactor(rule, change, of) * familyFactor(change, of);
}

function nodeFactor(rule: CauseRule, { nodes }: DetectorChange, of: Case): number {
  if (rule.anyNodes) return nodes === null ? 1 : 0.7;
  if (nodes === null) return of.nodes === null ? 1 : 0.35;
  const hit = of.nodes;
  if (hit === null) return 0.12 * (nodes.length / Math.max(1, of.nodesAll)) + 0.03;
  const common = nodes.filter((node) => hit.includes(node)).length;
  const all = new Set([...nodes, ...hit]).size;
  const chance = common / all;
  // Naming just the nodes that were hit is the more telling the more there were to choose from.
  return common === 0 ? 0.01 : 0.05 + chance * chance * Math.min(4, of.nodesAll);
}

function familyFactor({ families }: DetectorChange, of: Case): number {
  if (families === null) return 1;
  if (of.families === null) return 0.15;
  const common = families.filter((family) => of.families?.includes(family)).length;
  return common === 0 ? 0.01 : 0.3 + (2.7 * common) / new Set([...families, ...of.families]).size;
}

function scopeText({ endpoints, nodes, families }: DetectorChange, of: Case): string {
  if (endpoints !== null && !endpoints.includes(of.endpoint)) return "touched other endpoints";
  const parts = [
    endpoints === null ? "touched every endpoint" : "touched this endpoint",
    nodes === null ? "all nodes" : `nodes ${nodes.join(", ")}`,
  ];
  return [...parts, ...(families === null ? [] : [`clients ${families.join(", ")}`])].join(", ");
}
