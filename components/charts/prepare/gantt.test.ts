import { expect, it } from "vitest";
import type { KeyAtPlaceView, KeyRowView, KeysReply } from "@/lib/contract/read-keys.ts";
import { nodesText, prepareGantt } from "./gantt.ts";
import { tableCsv } from "./table.ts";

const HOUR = 3_600_000;

function place(node: string, bars: KeyAtPlaceView["bars"]): KeyAtPlaceView {
  const unseen = { issued: null, accepted: null, refused: null, loaded: null };
  return { endpoint: "shop", node, state: "current", basis: "issued", sinceMs: 0, bars, ...unseen };
}

function key(keyName: string, places: KeyRowView["places"], group: number | null = 4): KeyRowView {
  const none = { lastMs: null, firstIssuedMs: null, lastIssuedMs: null, ageMs: null, lifetimeS: null };
  return { keyName, group, firstMs: 0, state: "current", places, ...none };
}

const bar = (fromMs: number, toMs: number, state: "current" | "previous" = "current", open = false) => ({
  state,
  fromMs,
  toMs,
  open,
});

function reply(keys: KeyRowView[]): KeysReply {
  const groups = [{ group: 4, title: "shop" }] as unknown as KeysReply["groups"];
  const revocations = [{ keyName: "b".repeat(16), revokedMs: 50 * HOUR }] as KeysReply["revocations"];
  return { fromMs: 0, toMs: 100 * HOUR, keys, groups, revocations } as unknown as KeysReply;
}

const old = key("a".repeat(16), [
  place("n10", [bar(-9 * HOUR, 10 * HOUR), bar(10 * HOUR, 20 * HOUR, "previous")]),
  place("n2", [bar(-9 * HOUR, 10.5 * HOUR), bar(10.5 * HOUR, 20 * HOUR, "previous")]),
  place("stale", [bar(-9 * HOUR, 100 * HOUR, "current", true)]),
]);

it("puts nodes whose bars are alike into one row, in the order of their numbers, and others beside it", () => {
  const [group] = prepareGantt(reply([old]), { apart: false }).groups;
  expect(group?.title).toBe("shop");
  expect(group?.rows.map(({ nodes }) => nodes)).toEqual([["n2", "n10"], ["stale"]]);
  expect(prepareGantt(reply([old]), { apart: true }).groups[0]?.rows).toHaveLength(3);
});

it("cuts bars at the window and leaves out what lies outside", () => {
  const [first] = prepareGantt(reply([old]), { apart: false }).groups[0]?.rows ?? [];
  expect(first?.bars[0]).toMatchObject({ left: 0, width: 0.1, clipped: true });
  expect(first?.bars[1]).toMatchObject({ left: 0.1, width: 0.1, clipped: false });
  const gone = key("c".repeat(16), [place("n1", [bar(-9 * HOUR, -HOUR)])]);
  expect(prepareGantt(reply([gone]), { apart: false }).groups).toEqual([]);
});

it("knows revoked keys, keys without a group, and gives all of it as a table and CSV", () => {
  const revoked = key("b".repeat(16), [place("n1", [bar(HOUR, 2 * HOUR)])], null);
  const model = prepareGantt(reply([old, revoked]), { apart: false });
  expect(model.groups.map(({ title }) => title)).toEqual(["shop", "Seen in offers only"]);
  expect(model.groups[1]?.rows[0]?.revokedMs).toBe(50 * HOUR);
  expect(model.table.rows).toHaveLength(6);
  expect(model.table.rows.at(-1)?.cells).toContain("bbbbbbbb");
  expect(tableCsv(model.table).split("\r\n")).toHaveLength(8);
});

it("draws at most sixty rows of a group and says how many are left", () => {
  const many = Array.from({ length: 70 }, (_, i) =>
    key(`${i}`.padStart(16, "0"), [place("n1", [bar(0, HOUR)])]),
  );
  const [group] = prepareGantt(reply(many), { apart: false }).groups;
  expect([group?.rows.length, group?.left]).toEqual([60, 10]);
  expect([nodesText(["a", "b"]), nodesText(["a", "b", "c"])]).toEqual(["a, b", "3 nodes"]);
});
