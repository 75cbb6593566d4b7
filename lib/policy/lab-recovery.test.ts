import { expect, it } from "vitest";
import { logNormalAges } from "../detect/ticket-age.ts";
import { Histogram } from "../stats/histogram.ts";
import { ageBins, type LabFacts } from "./lab.ts";
import { loadAfter, loadWords } from "./lab-recovery.ts";

const HOUR = 3_600;
const LOAD = { completedPerS: 100, fullPerS: 40, ticketPerS: 60, ticketCores: 1.5 };

function facts(count: number): LabFacts {
  const younger = logNormalAges(600, 2, 24 * HOUR);
  const histogram = new Histogram();
  for (let ageS = 2; ageS < 24 * HOUR; ageS *= 1.02) {
    const weight = Math.round(count * (younger(ageS) - younger(ageS / 1.02)));
    if (weight > 0) histogram.add(Math.round(ageS), weight);
  }
  const today = { lifetimeS: 24 * HOUR, periodS: 12 * HOUR, retained: 2 };
  return { ages: ageBins(histogram), completed: 100, byTicket: 60, otherwise: 0, spread: 1, today };
}

it("begins with every ticket lost and follows F_age (Law 2's example: 90 % back after two hours)", () => {
  const forecast = loadAfter(facts(100_000), LOAD);
  expect(forecast.basis).toBe("measured");
  expect(forecast.points[0]?.fullPerS).toBeCloseTo(100, 1);
  expect(forecast.points[0]?.cores).toBeCloseTo(1.5, 1);
  expect(forecast.backS.value / HOUR).toBeGreaterThan(1.8);
  expect(forecast.backS.value / HOUR).toBeLessThan(2.2);
  const [back] = forecast.points.filter(({ t }) => t >= forecast.backS.value * 1_000);
  expect(back?.fullPerS).toBeGreaterThan(44);
  expect(back?.fullPerS).toBeLessThan(48);
  for (const [i, point] of forecast.points.entries()) {
    expect(point.low).toBeLessThanOrEqual(point.fullPerS + 1e-9);
    expect(point.high).toBeGreaterThanOrEqual(point.fullPerS - 1e-9);
    expect(point.fullPerS).toBeLessThanOrEqual(forecast.points[i - 1]?.fullPerS ?? 200);
  }
});

it("guesses where ages are not known, and says whether it fits only where somebody knows what is free", () => {
  const guess = loadAfter(facts(10), LOAD);
  expect(guess.basis).toBe("estimated");
  expect(guess.backS.high).toBeGreaterThan(3 * guess.backS.low);
  expect(loadWords(guess, LOAD, null)).toContain("estimated since ticket ages are not known here");
  expect(loadWords(guess, LOAD, null)).toContain("not known: no source tells free CPU");
  expect(loadWords(guess, LOAD, 2)).toContain("That fits into 2.0 cores");
  const said = loadWords(guess, LOAD, 1);
  expect(said).toContain("from 40 to 100 a second, 2.5 times as many: 1.5 cores more");
  expect(said).toContain("does not fit into 1.0 cores");
});
