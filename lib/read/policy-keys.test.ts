import { expect, it } from "vitest";
import { type Intent, mergeIntents, NO_INTENT } from "../domain/intent.ts";
import type { StoredSighting } from "../store/port-keys.ts";
import { keyFactsOf } from "./policy-keys.ts";

const HOUR = 3_600_000;
const sighting = (part: Partial<StoredSighting>): StoredSighting => ({
  ...{ endpoint: "shop", node: "n1", keyName: "k1", use: "issued", firstMs: 0, lastMs: HOUR, count: 10 },
  ...{ source: "tap", lifetimeHintS: null },
  ...part,
});
const intentsOf = (by: Readonly<Record<string, Partial<Intent>>>) => ({
  rows: [],
  of: (endpoint: string | null) => mergeIntents(NO_INTENT, { ...NO_INTENT, ...by[endpoint ?? ""] }),
});
const facts = (sightings: readonly StoredSighting[], by = {}) =>
  keyFactsOf("shop", { sightings, events: [], intents: intentsOf(by) });

it("no sighting is no fact, and sightings of elsewhere are not of here", () => {
  expect(facts([])).toEqual({ keys: null, sharedKeys: null, lifetimeTls12S: null });
  expect(facts([sighting({ endpoint: "api" }), sighting({ endpoint: null })]).keys).toBeNull();
});

it("several sources' sightings of a key at a node are one", () => {
  const { keys } = facts([
    sighting({ firstMs: 5, lastMs: 9, count: 2 }),
    sighting({ source: "prober", firstMs: 3, lastMs: 7, count: 1, lifetimeHintS: 300 }),
    sighting({ use: "refused", firstMs: 20, lastMs: 30 }),
  ]);
  expect(keys?.value.keys).toHaveLength(1);
  expect(keys?.value.keys[0]).toMatchObject({
    ...{
      firstIssuedMs: 3,
      lastIssuedMs: 9,
      issued: 3,
      basis: "issued",
      firstRefusedMs: 20,
      lastRefusedMs: 30,
    },
  });
  expect([keys?.value.observedFromMs, keys?.value.observedToMs]).toEqual([3, 30]);
});

it("where no issuing is seen, keys took turns as their tickets came back", () => {
  const { keys } = facts([
    sighting({ use: "accepted", keyName: "k1", firstMs: 0, lastMs: 30 * HOUR }),
    sighting({ use: "accepted", keyName: "k2", firstMs: 24 * HOUR, lastMs: 40 * HOUR }),
    sighting({ use: "refused", keyName: "k0", firstMs: HOUR, lastMs: HOUR }),
  ]);
  const by = Object.fromEntries((keys?.value.keys ?? []).map((key) => [key.keyName, key]));
  expect(by.k1).toMatchObject({ firstIssuedMs: 0, lastIssuedMs: 24 * HOUR, basis: "accepted", issued: 0 });
  expect(by.k2).toMatchObject({ firstIssuedMs: 24 * HOUR, lastIssuedMs: 40 * HOUR, basis: "accepted" });
  expect(by.k0).toMatchObject({ firstIssuedMs: null, lastIssuedMs: null });
});

it("a key that works elsewhere too is shared, with what was declared of there", () => {
  const list = [
    sighting({}),
    sighting({ endpoint: "bank", use: "accepted" }),
    sighting({ endpoint: "api", use: "refused" }),
    sighting({ endpoint: "mail", keyName: "k9" }),
  ];
  expect(facts(list, { bank: { trustDomain: "money", clientAuth: true } }).sharedKeys?.value).toEqual([
    { keyName: "k1", endpoint: "bank", trustDomain: "money", clientAuth: true },
  ]);
});

it("the longest hint is the lifetime", () => {
  expect(
    facts([sighting({ lifetimeHintS: 300 }), sighting({ lifetimeHintS: 7_200 })]).lifetimeTls12S?.value,
  ).toBe(7_200);
  expect(facts([sighting({ lifetimeHintS: 0 })]).lifetimeTls12S).toBeNull();
});
