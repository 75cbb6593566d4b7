import type { Feed } from "./feed.ts";

/** Readings aside that are given up for one in turn. */
const TRIES = 3;

type Window = { readonly fromMs: number; readonly toMs: number };
export type Readings<T> = {
  /** Reads beside the writer, which goes on meanwhile. */
  readonly aside: () => Promise<T>;
  /** Resolves when every commit that was under way has been heard of. */
  readonly barrier: () => Promise<unknown>;
  /** Reads through the writer's own opening: no commit gets in between. */
  readonly inTurn: () => Promise<T>;
};

/**
 * Reads a window of the store while it is written to, so that what is read and what the feed hears of from then on are
 * everything, once. A commit that came between shows in the feed: then what was read may hold it or not, and is read again;
 * in the writer's turn where commits come too fast.
 */
export async function readExactly<T>(
  feed: Pick<Feed, "touches" | "forget">,
  { fromMs, toMs }: Window,
  { aside, barrier, inTurn }: Readings<T>,
): Promise<T> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const touches = feed.touches(fromMs, toMs);
    const read = await aside();
    await barrier();
    if (touches !== feed.touches(fromMs, toMs)) continue;
    feed.forget(fromMs, toMs);
    return read;
  }
  const read = await inTurn();
  feed.forget(fromMs, toMs);
  return read;
}
