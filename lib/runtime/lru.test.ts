import fc from "fast-check";
import { expect, it } from "vitest";
import { Lru } from "./lru.ts";

it("behaves as a list in the order of use, cut at its capacity", () => {
  const step = fc.record({
    what: fc.constantFrom("get", "set", "delete"),
    key: fc.integer({ min: 0, max: 12 }),
    value: fc.integer(),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 200 }), (capacity, steps) => {
      const lru = new Lru<number, number>(capacity);
      let list: [number, number][] = [];
      for (const { what, key, value } of steps) {
        const found = list.find(([known]) => known === key);
        const others = list.filter((entry) => entry !== found);
        if (what === "get") {
          expect(lru.get(key)).toBe(found?.[1]);
          if (found) list = [...others, found];
        } else if (what === "delete") {
          lru.delete(key);
          list = others;
        } else {
          list = [...others, [key, value]];
          const gone = list.length > capacity ? list.shift() : undefined;
          expect(lru.set(key, value)).toBe(gone?.[1]);
        }
        expect([...lru.values()]).toEqual(list.map((entry) => entry[1]));
        expect(lru.size).toBe(list.length);
      }
    }),
  );
});

it("finds what is oldest at once, however much was forgotten before", () => {
  const lru = new Lru<number, true>(50_000);
  // Walking over deleted entries to the oldest takes minutes here, and so the test's time runs out.
  for (let key = 0; key < 500_000; key += 1) lru.set(key, true);
  expect([lru.size, lru.get(449_999), lru.get(450_000)]).toEqual([50_000, undefined, true]);
});
