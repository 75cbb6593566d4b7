import { expect, it } from "vitest";
import type { AlignedReply } from "@/lib/contract/read-effect.ts";
import { prepareAligned } from "./aligned.ts";
import { modelCsv } from "./model.ts";

const change = (id: string, atMs: number) => ({
  id,
  kind: "key_rotation" as const,
  atMs,
  endMs: null,
  endpoint: "shop.example",
  node: null,
  region: null,
  title: id,
  detail: null,
  ref: null,
  actor: null,
  recordedMs: atMs,
  via: "http",
});
const points = (values: readonly (number | null)[]) =>
  values.map((value, i) => ({ t: (i - 1) * 60_000, value, count: value === null ? 0 : 10 }));
const newest = change("newest", Date.UTC(2026, 10, 25, 14, 0));
const reply: AlignedReply = {
  change: newest,
  aroundMs: 120_000,
  stepMs: 60_000,
  courses: [
    { change: newest, points: points([0.8, 0.3, null]) },
    { change: change("older", Date.UTC(2026, 10, 24, 14, 0)), points: points([0.8, 0.5, 0.6]) },
  ],
  mean: points([0.8, 0.4, 0.6]),
  sentence: "",
};

it("lays the courses over the time from the change, this one uppermost, all together beside them", () => {
  const model = prepareAligned(reply);
  expect(model?.columns.map(({ label }) => label)).toEqual([
    "2026-11-24 14:00 UTC",
    "This one",
    "All together",
  ]);
  expect(model).toMatchObject({ fromMs: -120_000, toMs: 120_000, from: "the change" });
  expect(model?.rows[2]?.values).toEqual({ "change newest": null, "change older": 0.6, mean: 0.6 });
});

it("gives its times in the CSV as milliseconds from the change", () => {
  const model = prepareAligned(reply);
  expect(model && modelCsv(model).split("\r\n")[1]).toBe("-60000,0.8,0.8,0.8,10");
});

it("needs something measured, and no sum of one", () => {
  expect(prepareAligned({ ...reply, mean: points([null, null, null]) })).toBeNull();
  const one = prepareAligned({ ...reply, courses: reply.courses.slice(0, 1) });
  expect(one?.columns.map(({ label }) => label)).toEqual(["This one"]);
});
