import { classesIn, type When } from "./carriers.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Finding } from "./judge.ts";
import { sumOver } from "./measure.ts";
import { RESUME } from "./streams.ts";
import { HOUR_MS, MINUTE_MS } from "./time.ts";

/** The volume just before is what is compared with for so long. */
const NEAR_H = 6;
const NEAR_MS = 30 * MINUTE_MS;
/** Relative spread of the volume against what came just before, beyond sampling. */
const NEAR_SPREAD = 0.05;
/** Nats from which it is the clients who come less: near the onset, and later, when the volume may have strayed by itself. */
const NEAR_NATS = 1;
const LATER_NATS = 4;

/**
 * Whether clients keep their connections longer (DOMAIN FM-26): those that would have resumed do not come, and full handshakes
 * are no more than before. In a fault as many come, and what is not resumed is a full handshake.
 */
export function fewerCame(endpoint: Endpoint, finding: Finding, when: When): boolean {
  const { onsetMs, nowMs, bucketMs } = when;
  const hours = (nowMs - onsetMs) / HOUR_MS;
  let came = 0;
  let usual = 0;
  let full = 0;
  let usuallyFull = 0;
  let squares = 0;
  for (const { traffic, group } of classesIn(endpoint, finding)) {
    const rate = traffic.baseline.expected(RESUME, (onsetMs + nowMs) / 2, -1);
    const sums = sumOver([group], RESUME, { fromMs: onsetMs, toMs: nowMs, nowMs });
    if (rate === null || sums.trials * rate <= sums.seen) continue;
    const before = sumOver([group], RESUME, { fromMs: onsetMs - NEAR_MS, toMs: onsetMs, nowMs });
    const usuallyBefore = traffic.volume.usualBetween(onsetMs - NEAR_MS, onsetMs, bucketMs);
    const near = hours <= NEAR_H && usuallyBefore > 0 && before.trials > 0;
    const scale = near ? before.trials / usuallyBefore : 1;
    const usually = scale * traffic.volume.usualBetween(onsetMs, nowMs, bucketMs);
    const strays = traffic.volume.spread * (near ? hours / NEAR_H : 1);
    came += sums.trials;
    usual += usually;
    full += sums.trials - sums.seen;
    usuallyFull += usually * (1 - rate);
    squares +=
      (usually * Math.hypot(NEAR_SPREAD, strays)) ** 2 + usually + (near ? usually ** 2 / before.trials : 0);
  }
  if (usual <= 0 || came >= usual) return false;
  const spread = Math.sqrt(squares) / usual;
  const moreFull = Math.max(0, full / usuallyFull - 1) / spread;
  const fewer = (1 - came / usual) / spread;
  return (fewer ** 2 - moreFull ** 2) / 2 > (hours <= NEAR_H ? NEAR_NATS : LATER_NATS);
}
