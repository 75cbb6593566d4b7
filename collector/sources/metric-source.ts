/**
 * The contract of a source of counters. It reads what a proxy's statistics say and tells what an increase means; keeping
 * the last totals, telling restarts from increases and spreading an increase over its interval is done once for all, in
 * collector/counters. Adding one = a folder beside this file + a line in metric-registry.ts.
 */
import type { CacheSample, Origin, Result } from "../../lib/domain/handshake.ts";
import type { Invariant } from "../../lib/domain/invariants.ts";
import type { ChangeKind, Protocol } from "../../lib/domain/vocabulary.ts";
import type { SourceDescription } from "./source.ts";

/** What the configuration of a target (or the push) says where the statistics are silent. */
export type MetricDefaults = {
  readonly endpoint: string | null;
  readonly node: string | null;
  readonly region: string | null;
};

/** Numbers of one thing (a frontend, a listener, a cache) at one moment. */
export type Observation = {
  /** What they are of, unique within one sender and source; counters of one scope start again together. */
  readonly scope: string;
  readonly atMs: number;
  readonly endpoint: string | null;
  readonly node: string | null;
  readonly region: string | null;
  readonly protocol: Protocol | null;
  /**
   * When the counters began, epoch ms; null where it is not told. The same in every reading of one process: a later one
   * says that the process was started again.
   */
  readonly startedMs: number | null;
  /** Totals since the start, whole numbers, by the source's own names. */
  readonly totals: Readonly<Record<string, number>>;
  /** Increases since the sender's last message (statsd, OTLP delta), by the same names. */
  readonly increases: Readonly<Record<string, number>>;
  /** Readings that may go up and down (cache entries, capacity), by name. */
  readonly gauges: Readonly<Record<string, number>>;
};

/** So many handshakes of one result, as an increase of counters tells. */
export type Counted = Result & { readonly protocol?: Protocol; readonly count: number };

/** What an increase means, and what about it cannot be true. */
export type Meaning = {
  readonly handshakes: readonly Counted[];
  readonly breaches: readonly { readonly invariant: Invariant; readonly detail: string }[];
  /**
   * Parts of the increases that were not used yet, by name: counters that move at different moments of a handshake are
   * read in the middle of some. They come again with the next reading.
   */
  readonly heldBack?: Readonly<Record<string, number>>;
  /** Things done to the proxy that the increases show. */
  readonly changes?: readonly { readonly kind: ChangeKind; readonly title: string }[];
};

/** A meaning without handshakes: counters that tell of a cache only. */
export const NO_MEANING: Meaning = { handshakes: [], breaches: [] };

/** Who asks: taken from the address of a target (`tcp://user:password@host:port`), null where it has none. */
export type Login = { readonly user: string; readonly password: string };

/** How a target is asked over a stream socket (`unix:/path`, `tcp://host:port`). */
export type SocketQuestion = {
  /** What is sent; the answer ends when the other side closes. */
  ask(login: Login | null): string;
  /** Whether this is the only way; otherwise HTTP serves as well. */
  readonly only: boolean;
};

/** Where and when a body was read; `target` is a short name of what was asked (host:port or a path). */
export type ReadAt = MetricDefaults & { readonly atMs: number; readonly target: string };

/** A number with a name and labels, as Prometheus text, remote write, OTLP and statsd carry it. */
export type MetricPoint = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly atMs: number;
  /** `increase`: since the sender's last message. Otherwise a total or a gauge: the source knows which by the name. */
  readonly kind: "total" | "increase";
  readonly startedMs: number | null;
};

/** Where a named point belongs. */
export type Placement = {
  readonly scope: string;
  readonly endpoint: string | null;
  readonly node: string | null;
  readonly protocol: Protocol | null;
  /** Name among the observation's totals (or gauges). */
  readonly counter: string;
  readonly gauge: boolean;
};

export type ReadResult =
  | { readonly ok: true; readonly observations: readonly Observation[] }
  | { readonly ok: false; readonly reason: string };

export interface MetricSource extends SourceDescription {
  /** Reads a scraped body in this source's own format. Never throws. */
  read(body: string, at: ReadAt): ReadResult;
  /** How it answers on a stats socket; absent where it is asked over HTTP only. */
  readonly socket?: SocketQuestion;
  /** Counters are kept over a restart of the process, so one that fell lost a few seconds and did not begin at zero. */
  readonly keepsCounters?: boolean;
  /**
   * Groups of totals that mean something only when they are read at one moment. A reading that tells some of a group is
   * kept until the others come (a push may be cut in two); without them it is refused.
   */
  readonly together?: readonly (readonly string[])[];
  /** Name of a total that numbers the beginnings: whenever it is another, the others began again at zero. */
  readonly generation?: string;
  /** Where a point with one of this source's names belongs; null for all others. Never throws. */
  place?(point: MetricPoint, defaults: MetricDefaults): Placement | null;
  /** What an increase of the totals of one scope means; names that did not move are absent. Pure. */
  interpret(increases: Readonly<Record<string, number>>): Meaning;
  /** The cache reading in an observation, where it has one. */
  cacheOf?(observation: Observation): CacheSample | null;
}

/** The origin of handshakes that a source's counters tell of. */
export function counterOrigin(source: SourceDescription): Origin {
  return { source: source.name, system: source.system, vantage: "counters" };
}
