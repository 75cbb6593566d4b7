import { expect, it } from "vitest";
import type { Sql } from "./client.ts";
import { Interner } from "./interner.ts";

it("reads more segments than a function takes arguments", async () => {
  const count = 300_000;
  const answers = [
    Array.from({ length: count }, (_, i) => [
      16 + i,
      1,
      1,
      `node-${i}`,
      null,
      null,
      null,
      0,
      "nginx",
      "nginx",
      "log",
    ]),
    [[1, 1, "shop.example"]],
    [[1, "full", null, null, null, null, null]],
  ];
  const sql = {
    $queryRawUnsafe: async () => [{ json: JSON.stringify(answers.shift()) }],
  } as unknown as Sql;
  const interner = new Interner();
  await interner.refresh(sql);
  const where = { endpoint: "shop.example", region: null, family: null, protocol: null };
  const origin = { source: "nginx", system: "nginx", vantage: "log" } as const;
  expect(interner.find(1, { ...where, node: `node-${count - 1}` }, origin)).toBe(15 + count);
  expect(interner.segmentId(1, { ...where, node: "new" }, origin)).toBe(16 + count);
});
