/** What a receiver is told, and when: telemetry at one time, a notification between two others, and nothing else. */
import { expect, it } from "vitest";
import { between, MINUTE_MS, offers, playScript, type Script } from "../support/alert-script.ts";

const LOW = {
  ...{
    id: "low",
    title: "Accept rate is low",
    severity: "page",
    by: ["endpoint"],
    for: "2m",
    keepFiringFor: "5m",
  },
  condition: { kind: "threshold", metric: "accept_rate", direction: "below", value: 0.8, window: "5m" },
} as const;
const expectations = async (script: Script): Promise<string[]> => (await playScript(script)).problems;
/** Good until a minute, bad until another, good again. */
const broken = (from: number, to: number) => (minute: number) =>
  offers(minute >= from && minute < to ? 0.3 : 0.95);

it("tells of a fault once, and of its end once", async () => {
  const problems = await expectations({
    rules: [LOW],
    ...{ minutes: 50, arrives: broken(10, 25) },
    expect: [
      between(13, 16).told("first", ({ title }) => title === "Accept rate is low (shop)"),
      between(31, 37).told("resolved"),
    ],
  });
  expect(problems).toEqual([]);
}, 120_000);

it("a dip that is shorter than the rule wants is told to nobody", async () => {
  const rule = { ...LOW, for: "10m" };
  const problems = await expectations({ rules: [rule], minutes: 40, arrives: broken(10, 13), expect: [] });
  expect(problems).toEqual([]);
}, 120_000);

it("silence of telemetry is no recovery, and no second alert when it comes back", async () => {
  const problems = await expectations({
    rules: [LOW],
    minutes: 60,
    arrives: (minute) => (minute >= 20 && minute < 40 ? [] : broken(10, 45)(minute)),
    expect: [between(13, 16).told("first"), between(50, 58).told("resolved")],
  });
  expect(problems).toEqual([]);
}, 120_000);

it("repeats until somebody acknowledges", async () => {
  const { heard, problems } = await playScript({
    rules: [LOW],
    route: { repeatInterval: "10m" },
    ...{ minutes: 60, arrives: broken(5, 60) },
    acts: {
      30: async ({ fleet, nowMs }) => {
        const thread = (await fleet.reader.alerting.readAlertThreads(1))[0]?.thread ?? "";
        await fleet.writer.alerting.acknowledgeThread(1, { thread, actor: "ann", nowMs });
      },
    },
    expect: [between(8, 11).told("first"), between(18, 22).told("repeat"), between(28, 30).told("repeat")],
  });
  expect(problems).toEqual([]);
  expect(new Set(heard.map(({ message }) => message.thread)).size).toBe(1);
  expect(new Set(heard.map(({ message }) => message.id)).size).toBe(3);
}, 120_000);

it("two endpoints are two threads; grouped by nothing they are one", async () => {
  const arrives = (minute: number) =>
    ["shop", "api"].flatMap((endpoint) => offers(minute < 5 ? 0.95 : 0.3, { endpoint }));
  const apart = await expectations({
    ...{ rules: [LOW], minutes: 15, arrives },
    expect: [between(8, 11).told("first"), between(8, 11).told("first")],
  });
  expect(apart).toEqual([]);
  const together = await expectations({
    ...{ rules: [LOW], minutes: 15, arrives, route: { groupBy: [] } },
    expect: [between(8, 11).told("first", ({ alerts }) => alerts.length === 2)],
  });
  expect(together).toEqual([]);
}, 120_000);

it("a silenced alert is told to nobody, and told when the silence ends", async () => {
  const problems = await expectations({
    rules: [LOW],
    ...{ minutes: 40, arrives: broken(5, 40) },
    acts: {
      0: async ({ fleet, nowMs }) => {
        await fleet.writer.alerting.saveSilence(1, {
          ...{ id: "s", startsMs: nowMs, endsMs: nowMs + 20 * MINUTE_MS, author: "ann", reason: "move" },
          ...{
            createdMs: nowMs,
            endedMs: null,
            matchers: [{ label: "endpoint", operator: "like", value: "sh*" }],
          },
        });
      },
    },
    expect: [between(20, 22).told("first")],
  });
  expect(problems).toEqual([]);
}, 120_000);

it("what is told stays told when it is silenced, and its end too", async () => {
  const problems = await expectations({
    rules: [LOW],
    ...{ minutes: 45, arrives: broken(5, 25), route: { repeatInterval: "5m" } },
    acts: {
      10: async ({ fleet, nowMs }) => {
        await fleet.writer.alerting.saveSilence(1, {
          ...{ id: "s", startsMs: nowMs, endsMs: nowMs + 60 * MINUTE_MS, author: "ann", reason: "known" },
          ...{
            createdMs: nowMs,
            endedMs: null,
            matchers: [{ label: "endpoint", operator: "is", value: "shop" }],
          },
        });
      },
    },
    expect: [between(8, 10).told("first"), between(31, 38).told("resolved")],
  });
  expect(problems).toEqual([]);
}, 120_000);

it("announced work keeps its scope quiet for its time, and not longer", async () => {
  const problems = await expectations({
    rules: [LOW],
    ...{ minutes: 40, arrives: broken(5, 40) },
    acts: {
      0: async ({ fleet, nowMs }) => {
        const scope = { endpoint: "shop", node: null, region: null, detail: null, ref: null, actor: null };
        const change = {
          ...{ id: "d", kind: "drill" as const, atMs: nowMs, endMs: nowMs + 15 * MINUTE_MS },
          ...scope,
        };
        await fleet.writer.recordChange(1, { ...change, title: "Drill" }, { nowMs, via: "test" });
      },
    },
    expect: [between(15, 17).told("first")],
  });
  expect(problems).toEqual([]);
}, 120_000);

it("a restart at any minute forgets nothing and repeats nothing", async () => {
  for (const minute of [12, 14, 31]) {
    const problems = await expectations({
      rules: [LOW],
      ...{ minutes: 40, arrives: broken(10, 25) },
      acts: { [minute]: async (stage) => stage.restart() },
      expect: [between(13, 16).told("first"), between(31, 37).told("resolved")],
    });
    expect(problems, `restart at ${minute}`).toEqual([]);
  }
}, 240_000);

it("a receiver that is down hears everything later, in order, once", async () => {
  const { heard, problems } = await playScript({
    rules: [LOW],
    ...{ minutes: 70, arrives: broken(5, 15) },
    answers: (minute) => (minute < 45 ? { ok: false, status: 503, retryable: true, error: "busy" } : {}),
    expect: [between(45, 60).told("first"), between(45, 60).told("resolved")],
  });
  expect(problems).toEqual([]);
  expect(new Set(heard.map(({ message }) => message.id)).size).toBe(2);
}, 120_000);

it("a receiver that refuses for good gets nothing again until somebody sends it", async () => {
  const { heard } = await playScript({
    rules: [LOW],
    ...{ minutes: 20, arrives: broken(5, 20) },
    answers: (minute) =>
      minute < 15 ? { ok: false, status: 400, retryable: false, error: "bad request" } : {},
    acts: {
      15: async ({ fleet, nowMs }) => {
        const [dead] = await fleet.reader.alerting.readMessages(1, {
          fromMs: 0,
          toMs: nowMs,
          limit: 9,
          states: ["dead"],
        });
        expect(dead?.lastError).toBe("bad request");
        expect(await fleet.writer.alerting.resendMessage(1, { id: dead?.id ?? "", nowMs })).toBe(true);
      },
    },
    expect: [],
  });
  expect(heard.map(({ minute, message }) => [Math.floor(minute), message.reason])).toEqual([[15, "first"]]);
}, 120_000);
