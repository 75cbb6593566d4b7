import { Lru } from "../../lib/runtime/lru.ts";
import type { CounterState, SourceKey } from "../../lib/store/port.ts";
import type { Observation } from "../sources/metric-source.ts";
import { Parts } from "./parts.ts";

/** Senders remembered; the one not heard from for longest is forgotten, and begins with a baseline when it comes back. */
const MAX_SENDERS = 10_000;
/** Scopes (frontends, listeners, caches) of one sender. */
const MAX_SCOPES = 5_000;

/** What is known of one sender's statistics. */
type Sender = {
  readonly states: Map<string, CounterState>;
  /** The newest reading of anything, and the one before it; null when there was none. */
  lastMs: number | null;
  earlierMs: number | null;
};

type Sending = Pick<SourceKey, "source" | "sender">;

/** One sender as a delivery sees it: its own new readings lie over what is known, until they are kept. */
export class SenderView {
  readonly #known: Sender;
  readonly #changed = new Map<string, CounterState>();
  #lastMs: number | null;
  #earlierMs: number | null;

  constructor(known: Sender) {
    this.#known = known;
    this.#lastMs = known.lastMs;
    this.#earlierMs = known.earlierMs;
  }

  /** Why a scope is not taken; null when it is. */
  problem(scope: string): string | null {
    const isKnown = this.#known.states.has(scope) || this.#changed.has(scope);
    return isKnown || this.#known.states.size + this.#changed.size < MAX_SCOPES
      ? null
      : `more than ${MAX_SCOPES} frontends, listeners or caches of one sender`;
  }

  /** What was known before an observation. */
  before({ scope, atMs }: Observation): { state: CounterState | null; lastReadMs: number | null } {
    const state = this.#changed.get(scope) ?? this.#known.states.get(scope) ?? null;
    return {
      state,
      lastReadMs: this.#lastMs !== null && this.#lastMs >= atMs ? this.#earlierMs : this.#lastMs,
    };
  }

  remember(state: CounterState): void {
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
  readonly #senders = new Lru<string, Sender>(MAX_SENDERS);

  /** Begins with what the store kept. */
  constructor(states: Iterable<CounterState>) {
    this.keep(states);
  }

  /** A sender as it is known now, to be read over. */
  view(key: Sending): SenderView {
    return new SenderView(this.#senders.get(nameOf(key)) ?? unknownSender());
  }

  /** Keeps states that became durable. */
  keep(states: Iterable<CounterState>): void {
    for (const state of states) {
      const name = nameOf(state);
      const sender = this.#senders.get(name) ?? unknownSender();
      sender.states.set(state.scope, state);
      if (sender.lastMs === null || state.atMs > sender.lastMs) {
        sender.earlierMs = sender.lastMs;
        sender.lastMs = state.atMs;
      }
      this.#senders.set(name, sender);
    }
  }
}

const unknownSender = (): Sender => ({ states: new Map(), lastMs: null, earlierMs: null });
const nameOf = ({ source, sender }: Sending): string => JSON.stringify([source, sender]);
