import { expect, it } from "vitest";
import { Limiter } from "./limiter.ts";

/** A limiter under a clock that only moves when somebody sleeps. */
function limited(limits: { atOnce: number; perMinute: number }) {
  let nowMs = 0;
  const limiter = new Limiter(
    {
      now: () => nowMs,
      sleep: async (ms) => {
        const untilMs = nowMs + ms;
        await Promise.resolve();
        nowMs = Math.max(nowMs, untilMs);
      },
    },
    limits,
  );
  return { limiter, now: () => nowMs };
}

const signal = new AbortController().signal;

it("lets no more handshakes through in a minute than a target's budget", async () => {
  const { limiter, now } = limited({ atOnce: 10, perMinute: 100_000 });
  const atMs: number[] = [];
  for (let n = 0; n < 200; n += 1)
    await limiter.run({ id: "a", perMinute: 60, signal }, async () => {
      atMs.push(now());
    });
  // A quarter of a minute's budget at once, then one a second.
  expect(atMs.filter((ms) => ms === 0)).toHaveLength(15);
  expect(now()).toBeCloseTo(185_000, -2);
  for (const begin of atMs)
    expect(atMs.filter((ms) => ms >= begin && ms < begin + 60_000).length).toBeLessThanOrEqual(75);
});

it("shares one budget between all targets", async () => {
  const { limiter, now } = limited({ atOnce: 10, perMinute: 120 });
  for (let n = 0; n < 150; n += 1)
    await limiter.run({ id: `target ${n % 5}`, perMinute: 60_000, signal }, async () => undefined);
  expect(now()).toBeGreaterThan(59_000);
});

it("holds few connections at once, also when work throws", async () => {
  const limiter = new Limiter(
    { now: () => 0, sleep: async () => undefined },
    { atOnce: 3, perMinute: 1_000_000 },
  );
  let running = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    if (most % 2) throw new Error("broken");
  };
  const target = { id: "a", perMinute: 1_000_000, signal };
  await Promise.allSettled(Array.from({ length: 40 }, () => limiter.run(target, work)));
  expect(most).toBe(3);
  expect(running).toBe(0);
});

it("does not wait when everything stops", async () => {
  const stopped = AbortSignal.abort();
  const sleeps: number[] = [];
  const limiter = new Limiter(
    {
      now: () => 0,
      sleep: async (ms) => {
        sleeps.push(ms);
      },
    },
    { atOnce: 1, perMinute: 1 },
  );
  for (let n = 0; n < 5; n += 1)
    await limiter.run({ id: "a", perMinute: 1, signal: stopped }, async () => undefined);
  expect(sleeps).toEqual([]);
});
