import fc from "fast-check";
import { expect, it } from "vitest";
import { joinSpan, MAX_SPANS, type Span } from "./spans.ts";

const join = (list: readonly Span[], joinMs: number): Span[] =>
  list.reduce<Span[]>((spans, span) => joinSpan(spans, span, joinMs), []);
const of = (fromMs: number, toMs: number): Span => ({ fromMs, toMs });

it("joins what is close, keeps apart what is not, and bridges when the middle arrives late", () => {
  expect(join([of(0, 10), of(15, 20)], 5)).toEqual([of(0, 20)]);
  expect(join([of(0, 10), of(30, 40)], 5)).toEqual([of(0, 10), of(30, 40)]);
  expect(join([of(30, 40), of(0, 10), of(12, 28)], 5)).toEqual([of(0, 40)]);
});

it("is the same in any order, stays in order and apart, and covers all that was added", () => {
  const span = fc.tuple(fc.nat(2_000), fc.nat(30)).map(([fromMs, length]) => of(fromMs, fromMs + length));
  fc.assert(
    fc.property(fc.array(span, { maxLength: 40 }), (list) => {
      const spans = join(list, 7);
      expect(join([...list].reverse(), 7)).toEqual(spans);
      for (const [i, one] of spans.slice(1).entries())
        expect(one.fromMs).toBeGreaterThan((spans[i]?.toMs ?? 0) + 7);
      for (const added of list)
        expect(spans.some(({ fromMs, toMs }) => fromMs <= added.fromMs && added.toMs <= toMs)).toBe(true);
    }),
  );
});

it("stays bounded by making the oldest past coarser", () => {
  const many = Array.from({ length: 200 }, (_, i) => of(i * 100, i * 100 + 10));
  const spans = join(many, 5);
  expect(spans).toHaveLength(MAX_SPANS);
  expect(spans.at(-1)).toEqual(of(19_900, 19_910));
  expect(spans[0]?.fromMs).toBe(0);
});
