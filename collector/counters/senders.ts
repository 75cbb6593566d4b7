import { Lru } from "../../lib/runtime/lru.ts";
import type { CounterState, SourceKey } from "../../lib/store/port.ts";
import type { Observation } from "../sources/metric-source.ts";
import type { Moment } from "./late.ts";
import { Parts } from "./parts.ts";

/** Senders remembered; the one not heard from for longest is forgotten, and begins with a baseline when it comes back. */
const MAX_SENDERS = 10_000;
/** Scopes (frontends, listeners, caches) of one sender that are alive. */
const MAX_SCOPES = 5_000;
/** A scope that is not told of for this long makes room for a new one, milliseconds. */
const STALE_MS = 3_600_000;

/** What is known of one sender's statistics. */
type Sender = {
  readonly states: Map<string, CounterState>;
  /** The newest reading of anything, and the one before it; null when there was none. */
  lastMs: number | null;
  earlierMs: number | null;
};

/** Of states read in this process; what was told of an older one is not known. */
type Moments = WeakMap<CounterState, Moment>;
type Sending = Pick<SourceKey, "source" | "sender">;

/** One sender as a delivery sees it: its own new readings lie over what is known, until they are kept. */
export class SenderView {
  readonly #known: Sender;
  readonly #moments: Moments;
  readonly #changed = new Map<string, CounterState>();
  /** Scopes that take a place; looked up only when there are many. */
  #alive: Set<string> | null = null;
  #lastMs: number | null;
  #earlierMs: number | null;

  constructor(known: Sender, moments: Moments) {
    this.#known = known;
    this.#moments = moments;
    this.#lastMs = known.lastMs;
    this.#earlierMs = known.earlierMs;
  }

  /** Why a scope is not taken; null when it is. */
  problem({ scope, atMs }: Observation): string | null {
    const isKnown = this.#known.states.has(scope) || this.#changed.has(scope);
    if (isKnown || this.#known.states.size + this.#changed.size < MAX_SCOPES) return null;
    this.#alive ??= this.#aliveAt(atMs);
    return this.#alive.size < MAX_SCOPES
      ? null
      : `more than ${MAX_SCOPES} frontends, listeners or caches of one sender`;
  }

  /** What was known before an observation. */
  before({ scope, atMs }: Observation): {
    state: CounterState | null;
    moment: Moment | null;
    lastReadMs: number | null;
  } {
    const state = this.#changed.get(scope) ?? this.#known.states.get(scope) ?? null;
    return {
      state,
      moment: state && (this.#moments.get(state) ?? null),
      lastReadMs: this.#lastMs !== null && this.#lastMs >= atMs ? this.#earlierMs : this.#lastMs,
    };
  }

  #aliveAt(atMs: number): Set<string> {
    const alive = new Set(this.#changed.keys());
    for (const state of this.#known.states.values()) if (!isStale(state, atMs)) alive.add(state.scope);
    return alive;
  }

  /** `moment`: what the state was made of, for parts of the same reading that come later. */
  remember(state: CounterState, moment: Moment): void {
    this.#moments.set(state, moment);
    this.#alive?.add(state.scope);
    this.#changed.set(state.scope, state);
    if (this.#lastMs !== null && state.atMs <= this.#lastMs) return;
    this.#earlierMs = this.#lastMs;
    this.#lastMs = state.atMs;
  }

  changed(): IterableIterator<CounterState> {
    return this.#changed.values();
  }
}

/** The last totals of every sender's counters. Bounded. */
export class Senders {
  /** Readings of which a part has not come yet. */
  readonly parts = new Parts();
  readonly #moments: Moments = new WeakMap();
  readonly #senders = new Lru<string, Sender>(MAX_SENDERS);

  /** Begins with what the store kept. */
  constructor(states: Iterable<CounterState>) {
    // The freshest last: they are the ones that stay when there are too many.
    this.keep([...states].sort((a, b) => a.atMs - b.atMs));
  }

  /** A sender as it is known now, to be read over. */
  view(key: Sending): SenderView {
    return new SenderView(this.#senders.get(nameOf(key)) ?? unknownSender(), this.#moments);
  }

  /** Keeps states that became durable. */
  keep(states: Iterable<CounterState>): void {
    for (const state of states) {
      const name = nameOf(state);
      const sender = this.#senders.get(name) ?? unknownSender();
      if (sender.states.size >= MAX_SCOPES && !sender.states.has(state.scope))
        forgetStale(sender, state.atMs);
      sender.states.set(state.scope, state);
      if (sender.lastMs === null || state.atMs > sender.lastMs) {
        sender.earlierMs = sender.lastMs;
        sender.lastMs = state.atMs;
      }
      this.#senders.set(name, sender);
    }
  }
}

const isStale = (state: CounterState, nowMs: number): boolean => state.atMs < nowMs - STALE_MS;

function forgetStale({ states }: Sender, nowMs: number): void {
  for (const state of states.values()) if (isStale(state, nowMs)) states.delete(state.scope);
}

const unknownSender = (): Sender => ({ states: new Map(), lastMs: null, earlierMs: null });
const nameOf = ({ source, sender }: Sending): string => JSON.stringify([source, sender]);
