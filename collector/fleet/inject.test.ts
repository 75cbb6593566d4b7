import { beforeEach, expect, it } from "vitest";
import type { Told } from "./faults.ts";
import { Fleet } from "./fleet.ts";
import { inject, ORDERS, type OrderError } from "./inject.ts";
import { LabClock } from "./lab-clock.ts";
import { TOPOLOGY } from "./topology.ts";

const MINUTE = 60_000;
let nowMs: number;
let fleet: Fleet;
let told: Told[];
const record = async (each: Told): Promise<void> => void told.push(each);
const order = (name: string, scope = {}, forMinutes: number | null = null): Promise<void> =>
  inject(fleet, { name, scope, forMinutes }, record);

beforeEach(() => {
  nowMs = Date.UTC(2026, 10, 24, 12);
  told = [];
  fleet = new Fleet({
    collectorUrl: "http://127.0.0.1:9",
    topology: TOPOLOGY,
    perMinute: 40,
    clock: new LabClock({ system: () => nowMs, startMs: nowMs, tempo: 1 }),
    random: Math.random,
  });
});

it.each([
  ["no-such-fault", {}, null, "Unknown fault"],
  ["desync-node", { node: "edge-eu-9" }, null, 'no node "edge-eu-9" in the lab. It has edge-eu-1,'],
  ["cache-flush", { endpoint: "www.example" }, null, 'no endpoint "www.example"'],
  ["clear", { node: "edge-eu-9" }, null, "no node"],
  ["rotate-overlap", { node: "edge-eu-1" }, null, "cannot be confined to one node"],
  ["rotate-overlap", {}, 5, "is over at once"],
  ["tickets-off", {}, -5, "minutes above 0"],
  ["tickets-off", {}, Number.NaN, "minutes above 0"],
])("%s %o for %s: refused with a sentence, nothing done or recorded", async (name, scope, minutes, why) => {
  const keys = fleet.nodes.map((node) => node.currentKeyName);
  await expect(order(name, scope, minutes)).rejects.toMatchObject({
    name: "OrderError" satisfies OrderError["name"],
    message: expect.stringContaining(why),
  });
  expect(told).toEqual([]);
  expect(fleet.nodes.map((node) => node.currentKeyName)).toEqual(keys);
  expect(fleet.nodes.every((node) => node.hasTickets && !node.isDesynchronised)).toBe(true);
});

it("clear records what it put back, and nothing where nothing lasted", async () => {
  await order("clear");
  expect(told).toEqual([]);
  await order("desync-node", { endpoint: "api.example", node: "edge-us-1" });
  await order("tickets-off");
  told = [];
  await order("clear");
  expect(told).toEqual([
    {
      kind: "reload",
      title: "Handed out the shared keys again",
      scope: { endpoint: "api.example", node: "edge-us-1" },
    },
    { kind: "config", title: "ssl_session_tickets on", scope: { endpoint: "shop.example" } },
  ]);
  told = [];
  await order("clear");
  expect(told).toEqual([]);
});

it("clear of a part leaves the rest as it is", async () => {
  await order("desync-node", { node: "edge-us-1" });
  await order("desync-node", { node: "edge-eu-4" });
  await order("clear", { node: "edge-us-1" });
  const apart = fleet.nodes.filter((node) => node.isDesynchronised).map(({ options }) => options.node);
  expect(new Set(apart)).toEqual(new Set(["edge-eu-4"]));
});

it("ends by itself after its time, and the end is recorded", async () => {
  await order("tickets-off", { endpoint: "login.example" }, 30);
  const off = () => fleet.nodes.filter((node) => !node.hasTickets).length;
  fleet.agenda.due(nowMs + 29 * MINUTE);
  expect(off()).toBe(TOPOLOGY.machines.length);
  fleet.agenda.due(nowMs + 30 * MINUTE);
  expect(off()).toBe(0);
  expect(told.map(({ title }) => title)).toEqual(["ssl_session_tickets off", "ssl_session_tickets on"]);
});

it("what nobody would know of is not recorded: a flood, a shipper that died", async () => {
  await order("bot-flood");
  await order("mute-node");
  expect([fleet.isFlooded, fleet.nodes.filter(({ muted }) => muted).length]).toEqual([true, 3]);
  await order("clear");
  expect([fleet.isFlooded, fleet.nodes.some(({ muted }) => muted)]).toEqual([false, false]);
  expect(told).toEqual([]);
});

it("every fault says what it does in a line", () => {
  for (const { name, about } of ORDERS) expect(`${name} ${about}`.length).toBeLessThan(180);
});
