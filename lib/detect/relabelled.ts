import type { Endpoint } from "./endpoint.ts";
import type { Sums } from "./group.ts";
import type { Finding } from "./judge.ts";
import { sumOver } from "./measure.ts";
import { DURATION_SPREAD, STREAM, STREAMS } from "./streams.ts";
import { HOUR_MS, MINUTE_MS, type Span } from "./time.ts";
import type { DetectorEvent, SignalFamily } from "./types.ts";

/** Resumed handshakes have to be this much quicker than full ones to be recognised among them. */
const QUICKER = 0.15;
/** Part of the time that has to be missing if the missing resumptions are counted as full handshakes, and its sigmas. */
const EXPLAINED = 0.5;
const TOO_MUCH = 2;
const SIGMAS = 2.5;
/** Told refusals beyond the usual, in missing resumptions, that speak of a fault. */
const REFUSED = 0.2;
const REASONS = STREAMS.flatMap(({ name, family }) =>
  family === "resumption" && name !== "resume" && name !== "accept" ? [name] : [],
);
/** Over when it was not seen for so long. */
const CALM_MS = 90 * MINUTE_MS;
const WITHIN_MS = 3 * HOUR_MS;
const MASKED: readonly SignalFamily[] = ["resumption", "latency"];

type When = { readonly onsetMs: number; readonly nowMs: number };

/**
 * Whether resumptions are missing in the counts alone (DOMAIN FM-36): "full" handshakes have become quicker by just what as
 * many resumed ones among them bring. In a fault the handshakes that are no longer resumed take as long as full ones do.
 */
export function relabelled({ group, stream }: Finding, { onsetMs, nowMs }: When): boolean {
  if (stream.name !== "resume" && stream.name !== "accept") return false;
  const fromMs = Math.max(onsetMs, nowMs - WITHIN_MS);
  const of = (name: string, span = { fromMs, toMs: nowMs, nowMs }): Sums =>
    sumOver([group], STREAM[name] ?? 0, span);
  const [resume, full] = [of("resume"), of("full_time")];
  // All of them may be counted as full ones now: how long they take is known from before.
  const resumed = of("resumed_time", { fromMs: onsetMs - WITHIN_MS, toMs: onsetMs, nowMs });
  const missing = resume.expected - resume.seen;
  if (missing <= 0 || full.expected <= 0 || resumed.expected <= 0) return false;
  // An exporter that mislabels outcomes makes up no reasons: refusals that are told are a fault, however quick the rest is.
  const refused = REASONS.map((name) => of(name)).reduce(
    (sum, { seen, expected }) => sum + seen - expected,
    0,
  );
  if (refused > REFUSED * missing) return false;
  const eachFull = usualUs(full);
  const quicker = eachFull - usualUs(resumed);
  const absent = full.expected - full.seen;
  const explained = absent / (missing * quicker);
  return (
    quicker > QUICKER * eachFull &&
    explained > EXPLAINED &&
    explained < TOO_MUCH &&
    absent > SIGMAS * Math.sqrt(full.variance)
  );
}

/** The usual duration of one handshake: sums of means hold it in their variance. */
function usualUs({ variance, expected }: Sums): number {
  return variance / (DURATION_SPREAD * expected);
}

type Open = { readonly id: string; readonly spans: Span[]; readonly onsetMs: number; lastMs: number };

/** Exporters whose results have changed their meaning: told as missing telemetry, once, and never as a fault. */
export class Relabellings {
  readonly #open = new Map<string, Open>();

  /** Whether a finding is of counts that are known to be wrong: rates are muted while they are (DOMAIN FM-36). */
  mutes(endpoint: Endpoint, { stream }: Finding): boolean {
    return MASKED.includes(stream.family) && this.#open.has(endpoint.name);
  }

  /** Notes that it is seen now; told when it is new. */
  tell(
    endpoint: Endpoint,
    finding: Finding,
    at: When & { events: DetectorEvent[]; nextId: () => string },
  ): void {
    const open = this.#open.get(endpoint.name);
    if (open) {
      open.lastMs = at.nowMs;
      return;
    }
    const { onsetMs, nowMs } = at;
    const spans = MASKED.map((family) =>
      endpoint.mask(family).add({ startMs: onsetMs, endMs: Number.POSITIVE_INFINITY }),
    );
    const id = at.nextId();
    this.#open.set(endpoint.name, { id, spans, onsetMs, lastMs: nowMs });
    at.events.push(toldAs(id, endpoint, finding, at));
  }

  /** Ends what was not seen any more. */
  follow(endpoint: Endpoint, nowMs: number, events: DetectorEvent[]): void {
    const open = this.#open.get(endpoint.name);
    if (!open || nowMs - open.lastMs < CALM_MS) return;
    for (const span of open.spans) span.endMs = nowMs;
    for (const group of endpoint.groups.values())
      for (const [s, { family }] of STREAMS.entries())
        if (MASKED.includes(family)) group.wipe(s, open.onsetMs);
    this.#open.delete(endpoint.name);
    events.push({ type: "resolved", id: open.id, atMs: nowMs, reason: "results mean again what they did" });
  }
}

function toldAs(id: string, endpoint: Endpoint, finding: Finding, { onsetMs, nowMs }: When): DetectorEvent {
  const { group, sums, z, windowMs, yardstick } = finding;
  return {
    type: "opened",
    id,
    atMs: nowMs,
    class: "info",
    family: "telemetry",
    departure: {
      ...{ signal: "resume", group: group.key, yardstick, trials: sums.trials, sigmas: z, windowMs },
      ...{ observed: sums.seen / sums.trials, expected: sums.expected / sums.trials },
    },
    explanation: {
      scope: {
        endpoints: [endpoint.name],
        nodes: group.kind === "node" ? [group.name] : null,
        regions: group.kind === "region" ? [group.name] : null,
        ...{ families: null, protocols: null },
      },
      onsetMs,
      diagnoses: [
        {
          mode: "exporter_changed",
          failureModes: ["FM-36"],
          probability: 0.8,
          evidence: [
            {
              text: "full handshakes became quicker by what as many resumed ones among them would bring",
              weight: 2,
            },
          ],
        },
        { mode: "unknown", failureModes: [], probability: 0.2, evidence: [] },
      ],
      suspects: [{ changeId: null, probability: 1, lagMs: null, evidence: [] }],
    },
  };
}
