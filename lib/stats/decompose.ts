import { rateOf, type Share } from "../domain/rates.ts";

/** O and A of one side; both over handshakes whose offers are known. */
export type OfferAccept = { readonly o: Share; readonly a: Share };

/**
 * How much of a change of R came from what clients offered and how much from what the server accepted:
 * dR = A0 dO + O1 dA (DOMAIN 5.2), in ratio points. The two add up to the change of O x A, which is R among handshakes whose
 * offers are known. Null where a side has no such handshakes, or nothing was offered before, so that A0 is not known.
 */
export function offersAndAcceptance(
  before: OfferAccept,
  after: OfferAccept,
): { readonly byOffers: number; readonly byAcceptance: number } | null {
  const [o0, a0, o1] = [rateOf(before.o), rateOf(before.a), rateOf(after.o)];
  if (o0 === null || a0 === null || o1 === null) return null;
  // Where nothing is offered any more, no acceptance is known and none is needed: O1 dA is 0.
  const a1 = rateOf(after.a) ?? a0;
  return { byOffers: a0 * (o1 - o0), byAcceptance: o1 * (a1 - a0) };
}

/** One part of the traffic (a family, a protocol, a cell of both) on both sides of a change. */
export type Part = { readonly before: Share; readonly after: Share };

/**
 * How much of a change of a rate came from who came (mix) and how much from what happened to them (rate), in ratio points:
 * dR = sum (w1 - w0)(r0 + r1)/2 + sum (r1 - r0)(w0 + w1)/2 over parts with weight w and rate r (DOMAIN 5.3). A part that is
 * there on one side only has no change of its own rate, so all of it is mix. The two add up to the change of the
 * whole. Null where a side is empty.
 */
export function mixAndRate(parts: readonly Part[]): { readonly mix: number; readonly rate: number } | null {
  const n0 = parts.reduce((sum, { before }) => sum + before.n, 0);
  const n1 = parts.reduce((sum, { after }) => sum + after.n, 0);
  if (n0 === 0 || n1 === 0) return null;
  let mix = 0;
  let rate = 0;
  for (const { before, after } of parts) {
    const known = rateOf(before) ?? rateOf(after) ?? 0;
    const [r0, r1] = [rateOf(before) ?? known, rateOf(after) ?? known];
    const [w0, w1] = [before.n / n0, after.n / n1];
    mix += ((w1 - w0) * (r0 + r1)) / 2;
    rate += ((r1 - r0) * (w0 + w1)) / 2;
  }
  return { mix, rate };
}

/** The sum of shares: parts of one whole. */
export function sumShares(shares: Iterable<Share>): Share {
  let [k, n] = [0, 0];
  for (const share of shares) {
    k += share.k;
    n += share.n;
  }
  return { k, n };
}
