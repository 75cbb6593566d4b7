import type { CSSProperties } from "react";

/** Closer to an end of the axis than this, a label stands beside its moment instead of in the middle below it. */
const NEAR_END = 0.04;

/** Where the label of a moment stands on an axis, so that it does not stick out over its ends; `share` is the moment's place, 0 to 1. */
export function tickStyle(share: number): CSSProperties {
  const back = share < NEAR_END ? 0 : share > 1 - NEAR_END ? 100 : 50;
  return { left: `${share * 100}%`, transform: `translateX(-${back}%)` };
}
