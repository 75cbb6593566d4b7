import { describe, expect, it } from "vitest";
import type { CounterState } from "../../lib/store/port.ts";
import type { Observation } from "../sources/metric-source.ts";
import { type Before, compare } from "./reading.ts";

const T = 1_764_000_000_000;
const observed = (told: Partial<Observation>): Observation => ({
  scope: "frontend web",
  atMs: T,
  endpoint: null,
  node: null,
  region: null,
  protocol: null,
  startedMs: null,
  totals: {},
  increases: {},
  gauges: {},
  ...told,
});
const stateOf = (told: Partial<CounterState>): CounterState => ({
  source: "s",
  sender: "n",
  scope: "frontend web",
  atMs: T - 15_000,
  startedMs: null,
  totals: { full: 10, resumed: 20 },
  ...told,
});
const compared = (
  observation: Partial<Observation>,
  state: CounterState | null,
  more: Partial<Before> = {},
) => {
  const before = {
    source: "s",
    sender: "n",
    state,
    lastReadMs: state?.atMs ?? null,
    keepsCounters: false,
    generation: null,
    ...more,
  };
  const reading = compare(observed(observation), before);
  if (reading.kind === "nothing") return "nothing";
  const { increases, breach, state: after, fromMs } = reading;
  return { increases, breach, totals: after.totals, secondsBefore: (T - fromMs) / 1000 };
};

describe("a running process", () => {
  it("increased by what its totals grew since the last reading", () => {
    expect(compared({ totals: { full: 13, resumed: 20 } }, stateOf({}))).toEqual({
      increases: { full: 3 },
      breach: null,
      totals: { full: 13, resumed: 20 },
      secondsBefore: 15,
    });
  });

  it("said it before, where a reading is equal or older", () => {
    expect(compared({ totals: { full: 99 }, atMs: T - 15_000 }, stateOf({}))).toBe("nothing");
    expect(compared({ increases: { full: 5 }, atMs: T - 16_000 }, stateOf({}))).toBe("nothing");
  });

  it("is a baseline at first sight, also of a single counter", () => {
    expect(compared({ totals: { full: 500 } }, null)).toMatchObject({ increases: {}, totals: { full: 500 } });
    expect(compared({ totals: { full: 11, failed: 7 } }, stateOf({}))).toMatchObject({
      increases: { full: 1 },
      totals: { full: 11, resumed: 20, failed: 7 },
    });
  });

  it("takes increases as they are, from the first on", () => {
    expect(compared({ increases: { full: 4, resumed: 0 } }, null)).toMatchObject({ increases: { full: 4 } });
    expect(compared({ increases: { full: 4 } }, stateOf({ totals: {} }))).toMatchObject({
      increases: { full: 4 },
    });
  });

  it("leaves out what can be no count", () => {
    const totals = { full: Number.NaN, resumed: Number.POSITIVE_INFINITY, failed: -1, some: 5.7 };
    expect(compared({ totals }, stateOf({ totals: { some: 3 } }))).toMatchObject({
      increases: { some: 2 },
      totals: { some: 5 },
    });
    expect(compared({ totals: { full: 5_000_000_000 } }, stateOf({}))).toMatchObject({
      increases: {},
      breach: "full rose by 4999999990",
      totals: { full: 5_000_000_000 },
    });
  });
});

describe("a restart", () => {
  it("is a total that fell: all new totals are the increase", () => {
    expect(compared({ totals: { full: 12, resumed: 3 } }, stateOf({}))).toEqual({
      increases: { full: 12, resumed: 3 },
      breach: null,
      totals: { full: 12, resumed: 3 },
      secondsBefore: 15,
    });
  });

  it("is a later start: the increase happened since then, also where no total fell", () => {
    const state = stateOf({ startedMs: T - 900_000 });
    expect(compared({ totals: { full: 11, resumed: 25 }, startedMs: T - 4_000 }, state)).toMatchObject({
      increases: { full: 11, resumed: 25 },
      breach: null,
      secondsBefore: 4,
    });
    // A proxy whose clock is behind seems to have begun before the last reading.
    expect(compared({ totals: { full: 1, resumed: 2 }, startedMs: T - 30_000 }, state)).toMatchObject({
      increases: { full: 1, resumed: 2 },
      breach: null,
      secondsBefore: 15,
    });
  });

  it("counts a frontend that came with it, and not one of a process that was there before", () => {
    const lastReadMs = T - 15_000;
    expect(compared({ totals: { full: 8 }, startedMs: T - 6_000 }, null, { lastReadMs })).toMatchObject({
      increases: { full: 8 },
      secondsBefore: 6,
    });
    const old = compared({ totals: { full: 8 }, startedMs: T - 60_000 }, null, { lastReadMs });
    expect(old).toMatchObject({ increases: {} });
    expect(compared({ totals: { full: 8 }, startedMs: T - 6_000 }, null)).toMatchObject({ increases: {} });
  });

  it("starts every counter of the scope at zero, also those that come later", () => {
    const reading = compared({ totals: { full: 2 } }, stateOf({}));
    expect(reading).toMatchObject({ increases: { full: 2 }, totals: { full: 2, resumed: 0 } });
  });

  it("is another generation, where one is told, whichever way the totals went", () => {
    const state = stateOf({ totals: { generation: 2, hits: 39 } });
    const generation = "generation";
    expect(compared({ totals: { generation: 3, hits: 66 } }, state, { generation })).toMatchObject({
      increases: { generation: 3, hits: 66 },
    });
    expect(compared({ totals: { generation: 2, hits: 66 } }, state, { generation })).toMatchObject({
      increases: { hits: 27 },
    });
  });

  it("loses a little where counters are kept over it: a new baseline", () => {
    expect(
      compared({ totals: { full: 9, resumed: 21 } }, stateOf({}), { keepsCounters: true }),
    ).toMatchObject({
      increases: {},
      breach: null,
      totals: { full: 9, resumed: 21 },
    });
  });
});

describe("what cannot be of one process", () => {
  it("is a fall without a restart: told, and a new baseline", () => {
    const startedMs = T - 900_000;
    expect(compared({ totals: { full: 4, resumed: 30 }, startedMs }, stateOf({ startedMs }))).toMatchObject({
      increases: {},
      breach: "full fell from 10 to 4, though its process was not started again",
      totals: { full: 4, resumed: 30 },
    });
  });

  it("is two processes that answer in turn", () => {
    const [older, newer] = [T - 900_000, T - 500_000];
    const totals = { full: 400, resumed: 300 };
    expect(compared({ totals, startedMs: newer }, stateOf({ startedMs: older }))).toMatchObject({
      increases: {},
      breach: expect.stringContaining("another process"),
    });
    expect(compared({ totals, startedMs: older }, stateOf({ startedMs: newer }))).toMatchObject({
      increases: {},
      breach: expect.stringContaining("an older process"),
    });
  });
});
