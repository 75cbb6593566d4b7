import { expect, it } from "vitest";
import { CurrentKeys, type KeySeen } from "./current-keys.ts";

const MINUTE = 60_000;
const seen = (part: Partial<KeySeen> = {}): KeySeen => ({
  ...{ atMs: 0, endpoint: "shop", node: "n1", keyName: "a", use: "issued" },
  ...part,
});

it("tells a node's key when it changes, and now and then that it stayed", () => {
  const keys = new CurrentKeys();
  const first = { atMs: 0, node: "n1", keyGroup: "shop", keyName: "a" };
  expect(keys.readings([seen(), seen({ atMs: MINUTE })])).toEqual([first]);
  expect(keys.readings([seen({ atMs: 9 * MINUTE }), seen({ node: "n2" })])).toEqual([
    { ...first, node: "n2" },
  ]);
  expect(keys.readings([seen({ atMs: 10 * MINUTE })])).toEqual([{ ...first, atMs: 10 * MINUTE }]);
  const turned = [seen({ atMs: 12 * MINUTE, keyName: "b" }), seen({ atMs: 11 * MINUTE })];
  expect(keys.readings(turned)).toEqual([{ ...first, atMs: 12 * MINUTE, keyName: "b" }]);
});

it("takes no key that is only opened for the current one, and no place that is not known", () => {
  const keys = new CurrentKeys();
  expect(keys.readings([seen({ use: "accepted" }), seen({ node: null }), seen({ endpoint: null })])).toEqual(
    [],
  );
});
