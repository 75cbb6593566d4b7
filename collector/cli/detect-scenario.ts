import { Detector } from "../../lib/detect/detector.ts";
import type { DetectorEvent, Explanation } from "../../lib/detect/types.ts";
import { readScenario, type Scenario, type ScenarioEvent } from "./scenario.ts";

/** After so long an alarm's explanation is frozen, as an operator would have acted on it. Seconds. */
const REFINE_S = 3600;

/** Modes that the benchmark has a name for (its dev/README.md); the product knows more of them. */
const KINDS = new Set([
  "stek_desync",
  "rotation_no_retain",
  "rotation_stopped",
  "cache_flush",
  "cache_undersized",
  "cache_partition",
  "reload_drops_keys",
  "tickets_disabled",
  "lifetime_shortened",
  "stickiness_lost",
  "client_release",
  "cert_context",
  "early_data_rejected",
  "latency_regression",
  "ticket_replay",
  "slow_leak",
]);

/** A detection in the words of the benchmark; times in epoch seconds. */
export type Detection = {
  readonly scenario: string;
  readonly start: number;
  end: number | null;
  scope: Record<string, readonly string[] | null>;
  cause_change_id: string | null;
  kind: string;
  readonly class: "page" | "info";
  /** Probabilities that the explanation carries, for those who check calibration. */
  confidence: { kind: number; cause: number };
};

export type ScenarioResult = { readonly detections: readonly Detection[]; readonly rows: number };

/** Feeds a scenario to the product's detector, every line when it arrived, and ticks at the end of every bucket. */
export function detectScenario(folder: string): ScenarioResult {
  const scenario = readScenario(folder);
  const detector = new Detector({ bucketMs: scenario.bucketMs });
  const detections = new Map<string, Detection>();
  const events = scenario.events;
  let at = 0;
  let rows = 0;
  for (
    let nowMs = scenario.startMs + scenario.bucketMs;
    nowMs <= scenario.endMs;
    nowMs += scenario.bucketMs
  ) {
    for (let event = events[at]; event && event.arrivedMs <= nowMs; event = events[at]) {
      rows += give(detector, event);
      at += 1;
    }
    for (const event of detector.tick(nowMs)) note(scenario, detections, event);
  }
  return { detections: [...detections.values()], rows };
}

function give(detector: Detector, event: ScenarioEvent): number {
  if (event.type === "rows") {
    for (const row of event.rows()) detector.feed(row);
    return 1;
  }
  if (event.type === "change") detector.change(event.change);
  else if (event.type === "cache") detector.cache(event.reading);
  else if (event.type === "key") detector.key(event.reading);
  else detector.silence(event.silence);
  return 0;
}

function note(scenario: Scenario, detections: Map<string, Detection>, event: DetectorEvent): void {
  const known = detections.get(event.id);
  const atS = event.atMs / 1000;
  if (event.type === "resolved") {
    if (known) known.end ??= atS;
    return;
  }
  const said = explanationOf(scenario, event.explanation);
  if (!known)
    detections.set(event.id, { scenario: scenario.name, start: atS, end: null, class: event.class, ...said });
  else if (atS - known.start <= REFINE_S) Object.assign(known, said);
}

function explanationOf(scenario: Scenario, explanation: Explanation) {
  const [diagnosis] = explanation.diagnoses;
  const [suspect] = explanation.suspects;
  const { scope } = explanation;
  return {
    scope: {
      endpoint: scope.endpoints,
      node: scope.nodes,
      region: scope.regions,
      platform: scope.families,
      protocol: scope.protocols?.map(scenario.protocolName) ?? null,
    },
    cause_change_id: suspect?.changeId ?? null,
    kind: KINDS.has(diagnosis?.mode ?? "") ? (diagnosis?.mode ?? "unknown") : "unknown",
    confidence: { kind: diagnosis?.probability ?? 0, cause: suspect?.probability ?? 0 },
  };
}
