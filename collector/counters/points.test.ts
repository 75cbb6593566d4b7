import { expect, it } from "vitest";
import { envoyStatsSource } from "../sources/envoy-stats/source.ts";
import { grpcOtelSource } from "../sources/grpc-otel/source.ts";
import type { MetricPoint } from "../sources/metric-source.ts";
import { PointGroups, type Producer } from "./points.ts";

const WINDOW = { nowMs: 1_000_000, maxPastMs: 500_000, maxFutureMs: 1_000 };
const PRODUCER: Producer = { endpoint: null, node: "edge-1", region: "eu", sender: "edge-1", process: "" };
const point = (counter: string, value: number, more: Partial<MetricPoint> = {}): MetricPoint => ({
  name: `envoy.listener.a.ssl.${counter}`,
  labels: {},
  value,
  atMs: 900_000,
  kind: "total",
  startedMs: null,
  ...more,
});
const groups = () => new PointGroups([grpcOtelSource, envoyStatsSource], WINDOW);

it("puts counters of one scope and moment together, and keeps senders, processes and moments apart", () => {
  const push = groups();
  push.add(point("handshake", 10), PRODUCER);
  push.add(point("session_reused", 4), PRODUCER);
  push.add(point("handshake", 12, { atMs: 910_000 }), PRODUCER);
  push.add(point("handshake", 7), { ...PRODUCER, process: "envoy b" });
  push.add(point("handshake", 9), { ...PRODUCER, sender: "edge-2" });
  const told = push
    .groups()
    .map(({ source, sender, observations }) => [
      source.name,
      sender,
      observations.map(({ scope, atMs, region, totals }) => [scope, atMs, region, totals]),
    ]);
  expect(told).toEqual([
    [
      "envoy-stats",
      "edge-1",
      [
        ["listener a", 900_000, "eu", { handshake: 10, session_reused: 4 }],
        ["listener a", 910_000, "eu", { handshake: 12 }],
        ["envoy b listener a", 900_000, "eu", { handshake: 7 }],
      ],
    ],
    ["envoy-stats", "edge-2", [["listener a", 900_000, "eu", { handshake: 9 }]]],
  ]);
});

it("adds increases up, lets the last total stand, and takes the earliest start", () => {
  const push = groups();
  for (const value of [1, 2.5])
    push.add(point("handshake", value, { kind: "increase", startedMs: 800_000 }), PRODUCER);
  push.add(point("session_reused", 3, { startedMs: 850_000 }), PRODUCER);
  push.add(point("session_reused", 4, { startedMs: 850_000 }), PRODUCER);
  expect(push.groups()[0]?.observations).toMatchObject([
    { totals: { session_reused: 4 }, increases: { handshake: 3.5 }, startedMs: 800_000 },
  ]);
});

it("ignores names that nobody counts and values that are none", () => {
  const push = groups();
  expect(push.add(point("handshake", 1, { name: "up" }), PRODUCER)).toEqual({ kind: "ignored" });
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
    expect(push.add(point("handshake", value), PRODUCER)).toEqual({ kind: "ignored" });
  expect(push.groups()).toEqual([]);
});

it("counts what it refuses by reason", () => {
  const push = groups();
  push.add(point("handshake", -1), PRODUCER);
  push.add(point("handshake", 2 ** 60), PRODUCER);
  push.add(point("handshake", 1, { atMs: 1_002_000 }), PRODUCER);
  push.add(point("handshake", 1, { atMs: 1 }), PRODUCER);
  push.add(point("handshake", 1), { ...PRODUCER, region: "x".repeat(300) });
  push.add(point("handshake", 1), PRODUCER, "time_unix_nano is missing");
  push.add(point("other", 1, { name: "up" }), PRODUCER, "time_unix_nano is missing");
  const [group] = push.groups();
  expect(group?.observations).toEqual([]);
  expect([...(group?.refusals ?? [])].map(([, count]) => count)).toEqual([1, 1, 1, 1, 1, 1]);
});

it("has no sender rather than one that cannot be shown", () => {
  const push = groups();
  push.add(point("handshake", 1), { ...PRODUCER, sender: "a\u0000b" });
  expect(push.groups()).toMatchObject([{ sender: "" }]);
});
