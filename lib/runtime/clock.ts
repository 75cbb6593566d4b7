/** The present, epoch milliseconds. Passed in wherever time matters, so that tests own it. */
export type Clock = () => number;

/** The machine's clock. */
export const systemClock: Clock = () => Date.now();
