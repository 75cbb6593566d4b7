/** What happens when every ticket dies at once: how the load comes and goes (DOMAIN 4.0, Law 2: R(t0 + u) = R0 x F_age(u)). */
import { ageModel, OLDEST_S } from "../detect/ticket-age.ts";
import { inCores, inLength, inWhole } from "../domain/words.ts";
import { inverseOf, weightedQuantiles } from "../stats/cumulative.ts";
import { binOf, Histogram } from "../stats/histogram.ts";
import type { LabFacts } from "./lab.ts";

/** Handshakes a second of an hour, and the CPU that ticket resumptions save in it, cores. */
export type Load = {
  readonly completedPerS: number;
  readonly fullPerS: number;
  readonly ticketPerS: number;
  readonly ticketCores: number;
};
export type LoadPoint = {
  /** Since the tickets died, milliseconds. */
  readonly t: number;
  readonly fullPerS: number;
  readonly low: number;
  readonly high: number;
  readonly cores: number;
};
export type LoadForecast = {
  readonly basis: "measured" | "estimated";
  readonly points: readonly LoadPoint[];
  /** When 90 % of the lost resumptions should be back, seconds, with a 95 % interval. */
  readonly backS: { readonly value: number; readonly low: number; readonly high: number };
};

const POINTS = 60;
const BACK = 0.9;

/** Full handshakes a second and extra cores from the moment on at which all tickets die, at a given load. */
export function loadAfter(facts: LabFacts, load: Load): LoadForecast {
  const model = ageModel(histogramOf(facts));
  const lengths = model.hypotheses.map(({ shareYounger, weight }) => ({
    value: Math.min(OLDEST_S, inverseOf(shareYounger, BACK, OLDEST_S)),
    weight,
  }));
  const [low = 0, value = 0, high = 0] = weightedQuantiles(lengths, [0.025, 0.5, 0.975]);
  const spanS = Math.min(OLDEST_S, Math.max(600, 1.5 * value));
  return {
    basis: model.basis,
    backS: { value, low, high },
    points: Array.from({ length: POINTS + 1 }, (_, i) => {
      // Most of it happens at first.
      const ageS = (i / POINTS) ** 2 * spanS;
      const lost = model.hypotheses.map(({ shareYounger, weight }) => ({
        value: 1 - shareYounger(ageS),
        weight,
      }));
      const total = lost.reduce((sum, { weight }) => sum + weight, 0);
      const mean = lost.reduce((sum, of) => sum + (of.value * of.weight) / total, 0);
      const [least = 0, most = 0] = weightedQuantiles(lost, [0.025, 0.975]);
      const fullAt = (share: number): number => load.fullPerS + share * load.ticketPerS;
      return {
        t: Math.round(ageS * 1_000),
        fullPerS: fullAt(mean),
        low: fullAt(least),
        high: fullAt(most),
        cores: mean * load.ticketCores,
      };
    }),
  };
}

function histogramOf({ ages }: LabFacts): Histogram {
  const histogram = new Histogram();
  for (const { lowS, highS, count } of ages) histogram.addBin(binOf(Math.floor((lowS + highS) / 2)), count);
  return histogram;
}

const perSecond = (value: number): string => (value < 10 ? value.toFixed(2) : inWhole(value));

/** The load in words: how much more, for how long, and whether that fits what is free. `headroomCores` null: not known. */
export function loadWords(forecast: LoadForecast, load: Load, headroomCores: number | null): string {
  const factor = load.fullPerS > 0 ? (load.fullPerS + load.ticketPerS) / load.fullPerS : null;
  const times = factor === null ? "" : `, ${factor.toFixed(1)} times as many`;
  const more = `Full handshakes rise from ${perSecond(load.fullPerS)} to ${perSecond(load.fullPerS + load.ticketPerS)} a second${times}: ${inCores(load.ticketCores)} more by the cost table`;
  const { value, low, high } = forecast.backS;
  const [at, from, to] = [value, low, high].map((seconds) => inLength(seconds * 1_000));
  const basis = forecast.basis === "measured" ? "" : ", estimated since ticket ages are not known here";
  const until = `90 % of it is over after ${at} (${from} to ${to}${basis})`;
  const fits =
    headroomCores === null
      ? "Whether that fits is not known: no source tells free CPU."
      : headroomCores >= load.ticketCores
        ? `That fits into ${inCores(headroomCores)} that are free.`
        : `That does not fit into ${inCores(headroomCores)} that are free: revoke endpoint by endpoint, or add capacity first.`;
  return `${more}; ${until}. ${fits}`;
}
