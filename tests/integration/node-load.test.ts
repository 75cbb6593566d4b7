import { expect, it } from "vitest";
import { headroomOf } from "../../lib/domain/load.ts";
import { startCollector } from "../support/collector.ts";

it("keeps the newest CPU reading of each node, from /v1/nodes and beside rollup rows", async () => {
  const nowMs = Date.now();
  const collector = await startCollector();
  try {
    const push = async (path: string, body: string) => {
      const answer = await fetch(`${collector.url}${path}`, { method: "POST", body });
      return [answer.status, await answer.json()] as const;
    };
    const line = (node: string, ageMs: number, busyCores: unknown, cores: unknown = 4) =>
      JSON.stringify({ ts: nowMs - ageMs, node, cores, busyCores });
    const body = [
      line("a", 1_000, 1.5),
      line("a", 60_000, 3),
      line("b", 2_000, 6),
      line("c", 0, -1),
      line("d", 0, 0, 0),
    ];
    const [status, reply] = await push("/v1/nodes", body.join("\n"));
    expect(status).toBe(200);
    expect(reply).toMatchObject({ accepted: 3, rejected: 2 });
    const carried = `{"load":${line("e", 500, 0.5)}}`;
    expect((await push("/v1/rollups?source=nginx&node=e&via=agent", carried))[1]).toMatchObject({
      accepted: 1,
    });
    const loads = await collector.store.readNodeLoads(1);
    expect(loads.map(({ node, busyCores }) => [node, busyCores])).toEqual([
      ["a", 1.5],
      ["b", 6],
      ["e", 0.5],
    ]);
    expect(headroomOf(loads, { nowMs, nodes: null })).toEqual({ freeCores: 6, cores: 12, nodes: 3 });
    expect(await collector.store.readNodeLoads(2)).toEqual([]);
  } finally {
    await collector.destroy();
  }
});
