import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packTable } from "../cell-block.ts";
import { CellTable } from "../cell-table.ts";
import { openWriteStore } from "../open-writer.ts";
import { EMPTY_COMMIT, type WriteStore } from "../port.ts";

const DAY_MS = 86_400_000;
const BUCKET_MS = 10_000;
const NOW_MS = 1_800_000_000_000;
const PUSHES = 4;
const EACH = 5_000;

/** A handshake in each of so many moments, spread over [fromMs, toMs). */
async function commit(
  store: WriteStore,
  events: number,
  [fromMs, toMs]: readonly [number, number],
): Promise<void> {
  const unknown = { offer: null, mechanism: null, reason: null, earlyData: null, earlyDataReason: null };
  const resultId = store.internResult({ ...unknown, outcome: "full" });
  const where = { endpoint: "shop.example", node: "a", region: null, family: null, protocol: null };
  const origin = { source: "native", system: null, vantage: "log" } as const;
  const segmentId = store.internSegment(1, where, origin);
  const table = new CellTable();
  for (let event = 0; event < events; event += 1) {
    const atMs = fromMs + (event / events) * (toMs - fromMs);
    table.addCount(table.cell(Math.floor(atMs / BUCKET_MS), 0, segmentId, resultId), 1);
  }
  const cells = Array.from({ length: table.size }, (_, cell) => cell);
  const packed = { bytes: packTable(table, cells), fromMs, toMs };
  await store.commit(1, { ...EMPTY_COMMIT, packed }, NOW_MS);
}

it("sums a year of scattered history, and lets commits in meanwhile", async () => {
  const folder = await mkdtemp(join(tmpdir(), "reprise-upkeep-"));
  const store = await openWriteStore({ file: join(folder, "reprise.db"), clock: () => NOW_MS });
  const beganMs = NOW_MS - 360 * DAY_MS;
  for (let push = 0; push < PUSHES; push += 1) {
    const fromMs = beganMs + push * 80 * DAY_MS;
    await commit(store, EACH, [fromMs, fromMs + 80 * DAY_MS]);
  }
  let isOver = false;
  const compacted = store.compact(NOW_MS).then((report) => {
    isOver = true;
    return report;
  });
  const between: boolean[] = [];
  for (let push = 0; push < 3; push += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await commit(store, 1, [NOW_MS - BUCKET_MS, NOW_MS]);
    between.push(isOver);
  }
  expect(between).toEqual([false, false, false]);
  expect((await compacted).cellsRead).toBe(PUSHES * EACH);
  const window = { fromMs: beganMs, toMs: NOW_MS, stepMs: 360 * DAY_MS };
  const { rows } = await store.readRollups(1, window);
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(PUSHES * EACH + 3);
  await store.close();
  await rm(folder, { recursive: true });
});
