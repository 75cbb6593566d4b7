import { ofSameHandshakes } from "../domain/truth.ts";
import { VANTAGES, type Vantage } from "../domain/vocabulary.ts";
import type { Coverage } from "../store/port-views.ts";

/** A product on a node that is seen from more than one vantage: what tells of it from each. */
export type SharedProduct = {
  readonly node: string | null;
  readonly system: string | null;
  readonly views: ReadonlyMap<Vantage, readonly Coverage[]>;
};

/**
 * Where several kinds of truth tell of the same handshakes. A view that speaks for any product counts with each that is
 * known on its node.
 */
export function sharedProducts(coverage: readonly Coverage[]): SharedProduct[] {
  const products = new Map<string, Pick<Coverage, "node" | "system">>();
  for (const { node, system } of coverage)
    if (system !== null || !coverage.some((other) => other.node === node && other.system !== null))
      products.set(JSON.stringify([node, system]), { node, system });
  return [...products.values()].flatMap((product) => {
    const same = coverage.filter((view) => ofSameHandshakes(view, product));
    const views = new Map(
      VANTAGES.map((vantage) => [vantage, same.filter((view) => view.vantage === vantage)] as const).filter(
        ([, list]) => list.length > 0,
      ),
    );
    return views.size > 1 ? [{ ...product, views }] : [];
  });
}
