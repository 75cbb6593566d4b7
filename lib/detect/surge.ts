import { classesIn, type When } from "./carriers.ts";
import type { Endpoint } from "./endpoint.ts";
import { fewerCame } from "./fewer.ts";
import type { Sums } from "./group.ts";
import type { Finding } from "./judge.ts";
import { sumOver } from "./measure.ts";
import { relabelled } from "./relabelled.ts";
import { ACCEPT, RESUME, STREAM } from "./streams.ts";
import { loadFactor } from "./surges.ts";
import { HOUR_MS, MINUTE_MS } from "./time.ts";

/** Evidence for a fault over a surge that a falling resume rate alone needs to be paged, nats: much at once, less once it lasts. */
const AT_ONCE_NATS = 5;
const LASTING_NATS = 1;
/** And while more come than usual anyway. */
const SURGING_NATS = 6;
/** Volume over usual from which a cache is crowded, and how much more misses each further time as many may bring. */
const CROWDED = 1.15;
const CROWDING = 2.5;
const AFTERWARDS = 1.5;
/** Storms of retries are over by then. */
const LASTING_MS = 30 * MINUTE_MS;
/** Below this it is a surge; between, it is waited. */
const SURGE_NATS = -1;
/** Part of the missing resumptions that have to be seen as rejections to call it the server's. */
const REJECTED_PART = 0.35;
/** How long before the onset the volume is compared with, and its relative spread over that time beyond sampling. */
const NEAR_MS = 20 * MINUTE_MS;
const NEAR_SPREAD = 0.05;
/** Hours over which the volume strays to one side. */
const STRAY_H = 3;

const empty = (): Sums => ({ seen: 0, expected: 0, trials: 0, variance: 0 });

/** Resumptions: of all that came at the usual rate, of those that usually come, and those seen. */
type Tally = { came: number; usually: number; resumed: number; squares: number };

/**
 * Fault or surge (DOMAIN FM-24, FM-25): in a surge more come and as many resume as ever, in a fault as many come and fewer
 * resume. Answers nats for the fault: half the difference of the squared distances, in spreads of the volume, of "resumed"
 * from usual and of "came" from usual, over the classes that carry the drop. "Usual" is what came just before and what comes
 * at this hour of day; the one that speaks less for a fault counts.
 */
export function natsForFault(endpoint: Endpoint, finding: Finding, when: When): number {
  const near: Tally = { came: 0, usually: 0, resumed: 0, squares: 0 };
  const long: Tally = { came: 0, usually: 0, resumed: 0, squares: 0 };
  for (const { traffic, group } of classesIn(endpoint, finding)) {
    const sums = sumOver([group], RESUME, { fromMs: when.onsetMs, toMs: when.nowMs, nowMs: when.nowMs });
    const rate = traffic.baseline.expected(RESUME, (when.onsetMs + when.nowMs) / 2, -1);
    if (rate === null || sums.trials * rate <= sums.seen) continue;
    const usual = traffic.volume.usualBetween(when.onsetMs, when.nowMs, when.bucketMs);
    if (usual <= 0) continue;
    // What the volume strays by lasts for hours, so over many of them less of it is left.
    const hours = (when.nowMs - when.onsetMs) / HOUR_MS;
    const spread = traffic.volume.spread / Math.sqrt(Math.max(1, hours / STRAY_H));
    tally(long, { rate, sums, usual, spread });
    const fromMs = when.onsetMs - NEAR_MS;
    const before = traffic.volume.usualBetween(fromMs, when.onsetMs, when.bucketMs);
    const cameBefore = group.buckets.sum(RESUME, fromMs, when.onsetMs, empty()).trials;
    const known = before > 0 && cameBefore > 0 && when.nowMs - when.onsetMs <= HOUR_MS;
    const scaled = known ? (usual * cameBefore) / before : usual;
    const nearSpread = known ? Math.hypot(NEAR_SPREAD, 1 / Math.sqrt(cameBefore)) : spread;
    tally(near, { rate, sums, usual: scaled, spread: nearSpread });
  }
  return Math.min(natsOf(near), natsOf(long));
}

function tally(into: Tally, of: { rate: number; sums: Sums; usual: number; spread: number }): void {
  const usually = of.usual * of.rate;
  into.came += of.sums.trials * of.rate;
  into.resumed += of.sums.seen;
  into.usually += usually;
  into.squares += usually ** 2 * (of.spread ** 2 + 1 / Math.max(1, usually));
}

function natsOf({ came, usually, resumed, squares }: Tally): number {
  if (usually <= 0) return 0;
  // Fewer than usual came: that tells nothing of a surge, and those who did not come are not missed.
  const spread = Math.sqrt(squares);
  const missing = (Math.min(came, usually) - resumed) / spread;
  const more = Math.max(0, came - usually) / spread;
  return (missing * Math.abs(missing) - more * Math.abs(more)) / 2;
}

/** Whether rejections explain the missing resumptions: then the server refuses, however many came. */
export function rejected(
  finding: Finding,
  span: { readonly onsetMs: number; readonly nowMs: number },
): boolean {
  const { group } = finding;
  const resume = group.buckets.sum(RESUME, span.onsetMs, span.nowMs, empty());
  const accept = group.buckets.sum(ACCEPT, span.onsetMs, span.nowMs, empty());
  const missing = resume.expected - resume.seen;
  return accept.trials > 0 && accept.expected - accept.seen > REJECTED_PART * missing;
}

function offersSeen({ group }: Finding, { onsetMs, nowMs }: When): boolean {
  return group.buckets.sum(ACCEPT, onsetMs, nowMs, empty()).trials > 0;
}

/**
 * What a finding is: a fault, a surge, or something to wait for. Rejections are the server's doing however many came, and a
 * surge comes to all nodes alike; a falling resume rate alone has to be told from more clients than usual.
 */
export function verdictOf(
  endpoint: Endpoint,
  finding: Finding,
  when: When,
): "fault" | "surge" | "wait" | "relabelled" {
  if (relabelled(finding, when)) return "relabelled";
  if (finding.s === STREAM.cache_miss || finding.s === STREAM.accept)
    return crowdedOut(endpoint, finding, when);
  if (
    finding.group.machines &&
    finding.stream.family === "latency" &&
    crowd(endpoint, finding, when) >= CROWDED
  )
    return "wait";
  if (finding.s !== RESUME) return "fault";
  if (finding.yardstick === "peers" && finding.group.kind !== "class") return "fault";
  if (rejected(finding, when)) return "fault";
  if (!when.slow && fewerCame(endpoint, finding, when)) return "wait";
  const nats = natsForFault(endpoint, finding, when);
  const lasts = when.nowMs - when.onsetMs >= LASTING_MS;
  const enough = when.surging ? SURGING_NATS : lasts ? LASTING_NATS : AT_ONCE_NATS;
  // Where offers are seen and none is refused, clients have come without one: retries do so, for minutes.
  if (nats > enough && (lasts || !offersSeen(finding, when))) return "fault";
  return nats < SURGE_NATS ? "surge" : "wait";
}

/** How much more than usual comes in the time of a finding, in the class where that is most. */
function crowd(endpoint: Endpoint, { windowMs }: Finding, when: When): number {
  const fromMs = Math.min(when.onsetMs, when.nowMs - windowMs);
  return loadFactor(endpoint, Math.max(fromMs, when.nowMs - HOUR_MS), when.nowMs, when.bucketMs);
}

/** More misses in a session cache are no fault of their own while more clients crowd it (DOMAIN 4.0, law 4). */
function crowdedOut(endpoint: Endpoint, finding: Finding, when: When): "fault" | "surge" {
  const { group, s } = finding;
  const now = crowd(endpoint, finding, when);
  // What was crowded out comes back only with its clients.
  const load = when.surging ? Math.max(now, AFTERWARDS) : now;
  if (load < CROWDED) return "fault";
  const span = { fromMs: when.onsetMs, toMs: when.nowMs, nowMs: when.nowMs };
  const misses = sumOver([group], STREAM.cache_miss ?? s, span);
  if (s === STREAM.accept) {
    const accept = sumOver([group], ACCEPT, span);
    if (misses.seen - misses.expected < 0.6 * (accept.expected - accept.seen)) return "fault";
  }
  return misses.seen < misses.expected * (1 + CROWDING * (load - 1)) ? "surge" : "fault";
}
