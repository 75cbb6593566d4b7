import { expect, it } from "vitest";
import { LabClock } from "./lab-clock.ts";

const NOW = Date.UTC(2026, 10, 24, 12);
const HOUR = 3_600_000;

it("hurries from the past until it meets real time, and is real time from then on", () => {
  let realMs = NOW;
  const clock = new LabClock({ system: () => realMs, startMs: NOW - HOUR, tempo: 601 });
  clock.allow(Number.POSITIVE_INFINITY);
  expect(clock.now()).toBe(NOW - HOUR);
  realMs += 1_000;
  expect(clock.now()).toBe(NOW - HOUR + 601_000);
  expect(clock.live).toBe(false);
  realMs += 5_000;
  expect(clock.now()).toBe(realMs);
  expect(clock.live).toBe(true);
  realMs += 7;
  expect(clock.now()).toBe(realMs);
});

it("stands where it may not go on, and does not make up for it", () => {
  let realMs = NOW;
  const clock = new LabClock({ system: () => realMs, startMs: NOW - HOUR, tempo: 100 });
  realMs += 50;
  expect(clock.now()).toBe(NOW - HOUR);
  clock.allow(NOW - HOUR + 1_000);
  realMs += 5;
  expect(clock.now()).toBe(NOW - HOUR + 500);
  realMs += 1_000;
  expect(clock.now()).toBe(NOW - HOUR + 1_000);
  clock.allow(NOW - HOUR + 9_000);
  realMs += 10;
  expect(clock.now()).toBe(NOW - HOUR + 2_000);
});

it("is real time where it does not begin in the past", () => {
  const clock = new LabClock({ system: () => NOW, startMs: NOW + 5, tempo: 600 });
  expect(clock.live).toBe(true);
  expect(clock.now()).toBe(NOW);
});

it("goes on from where it is at another tempo, which real time that was met ignores", () => {
  let realMs = NOW;
  const clock = new LabClock({ system: () => realMs, startMs: NOW - HOUR, tempo: 601 });
  clock.allow(Number.POSITIVE_INFINITY);
  realMs += 1_000;
  clock.pace(20);
  expect(clock.now()).toBe(NOW - HOUR + 601_000);
  realMs += 1_000;
  expect(clock.now()).toBe(NOW - HOUR + 621_000);
  clock.pace(100_000);
  realMs += 1_000;
  expect(clock.now()).toBe(realMs);
  clock.pace(20);
  expect(clock.live).toBe(true);
  realMs += 7;
  expect(clock.now()).toBe(realMs);
});
