import { expect, it } from "vitest";
import { HostLoad, withLoad } from "./load.ts";

it("tells the mean since the reading before, every half minute", () => {
  let [busyMs, totalMs] = [1_000, 10_000];
  const load = new HostLoad("edge-1", () => ({ busyMs, totalMs, cores: 4 }));
  expect(load.take(0)).toBeNull();
  expect(load.take(10_000)).toBeNull();
  [busyMs, totalMs] = [31_000, 130_000];
  expect(load.take(30_000)).toEqual({ atMs: 30_000, node: "edge-1", cores: 4, busyCores: 1 });
  expect(load.take(45_000)).toBeNull();
  // A host that was started again counts from the beginning: nothing is known of the time between.
  [busyMs, totalMs] = [10, 100];
  expect(load.take(60_000)).toBeNull();
});

it("reads this host", () => {
  const load = new HostLoad("here");
  load.take(0);
  const until = performance.now() + 30;
  while (performance.now() < until) Math.sqrt(until);
  const told = load.take(30_000);
  if (told) expect(told.busyCores).toBeLessThanOrEqual(told.cores);
});

it("goes with rows where there are some, alone where lines are sent, and never by itself", () => {
  const load = { atMs: 5, node: "edge-1", cores: 4, busyCores: 1.5 };
  const told = '{"ts":5,"node":"edge-1","cores":4,"busyCores":1.5}';
  const rows = { target: "/v1/rollups?source=nginx", body: "{}" };
  const lines = { target: "/v1/lines/nginx?node=edge-1", body: "a line" };
  expect(withLoad([], load)).toEqual([]);
  expect(withLoad([rows], null)).toEqual([rows]);
  expect(withLoad([lines, rows], load)).toEqual([lines, { ...rows, body: `{}\n{"load":${told}}` }]);
  expect(withLoad([lines], load)).toEqual([lines, { target: "/v1/nodes?node=edge-1&via=agent", body: told }]);
});
