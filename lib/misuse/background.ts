/** Levels that are told apart; whatever is higher counts as the highest. */
export const MOST_LEVEL = 64;
/** Fewer tickets than this at a level say nothing about the next. */
const SUPPORT = 10;
/** So many usual tickets a day may reach the threshold by chance. */
const CHANCE_A_DAY = 0.01;
/** Share of tickets at a level that go on to the next, at least and at most, for looking beyond what was seen. */
const LEAST_GOING_ON = 0.1;
const MOST_GOING_ON = 0.85;
const DAY_MS = 86_400_000;
/** What was learnt is half forgotten after a day. */
const HALF_LIFE_MS = DAY_MS;
const FADE_EVERY_MS = 60_000;

/**
 * How far tickets usually spread here: how many reached each level (networks, weighted families) within a time. Its tail is
 * looked beyond geometrically, as far as one in a hundred days: so where clients leave through many networks (egress pools,
 * roaming) the threshold is high, and where they do not it is low.
 */
export class SpreadBackground {
  readonly #reached = new Float64Array(MOST_LEVEL + 1);
  #fadedMs = Number.NaN;

  /** A ticket was seen more than once (level 1), or reached a level above. */
  reach(fromLevel: number, toLevel: number): void {
    for (let level = fromLevel; level <= Math.min(toLevel, MOST_LEVEL); level += 1)
      this.#reached[level] = (this.#reached[level] as number) + 1;
  }

  /** Tickets that were seen more than once, in the memory of about a day. */
  get tickets(): number {
    return this.#reached[1] as number;
  }

  /** Lets what was learnt fade with time. */
  fade(nowMs: number): void {
    if (Number.isNaN(this.#fadedMs)) this.#fadedMs = nowMs;
    const passedMs = nowMs - this.#fadedMs;
    if (passedMs < FADE_EVERY_MS) return;
    const kept = 0.5 ** (passedMs / HALF_LIFE_MS);
    for (let level = 0; level <= MOST_LEVEL; level += 1)
      this.#reached[level] = (this.#reached[level] as number) * kept;
    this.#fadedMs = nowMs;
  }

  /** The level that a usual ticket reaches once in a hundred days, at least `least`. */
  threshold(least: number): number {
    let level = 1;
    while (level < MOST_LEVEL && (this.#reached[level + 1] as number) >= SUPPORT) level += 1;
    const here = Math.max(1, this.#reached[level] as number);
    const next = (this.#reached[level + 1] ?? 0) as number;
    const goingOn = Math.min(MOST_GOING_ON, Math.max(LEAST_GOING_ON, (next + 1) / (here + 2)));
    return Math.max(least, Math.ceil(level + Math.log(here / CHANCE_A_DAY) / -Math.log(goingOn)));
  }

  /** Share of the tickets that were seen more than once which reached a level; null where none was. */
  shareAt(level: number): number | null {
    const all = this.tickets;
    return all < 1 ? null : (this.#reached[Math.min(level, MOST_LEVEL)] as number) / all;
  }
}
