import type {
  ChangeKind,
  EarlyData,
  Mechanism,
  Offer,
  Outcome,
  Protocol,
  RejectionReason,
  Vantage,
} from "./vocabulary.ts";

/** Where a handshake happened and who came. Every part may be unknown. The tenant is carried beside it. */
export type Segment = {
  readonly endpoint: string | null;
  readonly node: string | null;
  readonly region: string | null;
  readonly family: string | null;
  readonly protocol: Protocol | null;
};

/** Who told of a segment's handshakes, and how. */
export type Origin = {
  /** Name of the source ("nginx"); null for what was stored before sources were kept. */
  readonly source: string | null;
  /** The product that it tells of; null where it speaks for any. */
  readonly system: string | null;
  readonly vantage: Vantage;
};

/** What happened, as far as the source can tell; few distinct values, so it is interned. */
export type Result = {
  /** null: completed, full or resumed not known. */
  readonly outcome: Outcome | null;
  readonly offer: Offer | null;
  readonly mechanism: Mechanism | null;
  readonly reason: RejectionReason | null;
  readonly earlyData: EarlyData | null;
  readonly earlyDataReason: string | null;
};

/**
 * One TLS handshake on one connection (or `count` equal ones). Raw tickets, session ids and client addresses are
 * in here only on the way in; the pipeline hashes them before anything is kept.
 */
export type Handshake = Segment &
  Result & {
    /** When the handshake ended, epoch milliseconds. */
    readonly atMs: number;
    readonly cipher: string | null;
    readonly group: string | null;
    /** Duration as the source's clock sees it, whole microseconds, >= 0. */
    readonly handshakeUs: number | null;
    /** Time to the first response byte of the first request, whole microseconds, >= 0. */
    readonly ttfbUs: number | null;
    /** Age of the ticket or session at resumption, whole seconds, >= 0. */
    readonly ticketAgeS: number | null;
    readonly keyName: string | null;
    readonly ticketId: string | null;
    readonly client: string | null;
    /** The TLS alert or failure text of a failed handshake. */
    readonly alert: string | null;
    /** How many equal handshakes this stands for, >= 1. */
    readonly count: number;
  };

/** Something done to the fleet. Scope parts that are null apply to all. */
export type Change = {
  readonly id: string;
  readonly kind: ChangeKind;
  readonly atMs: number;
  readonly endMs: number | null;
  readonly endpoint: string | null;
  readonly node: string | null;
  readonly region: string | null;
  readonly title: string;
  readonly detail: string | null;
  readonly ref: string | null;
  readonly actor: string | null;
};

/** One reading of a session cache; counters are totals since `startedMs` where the source gives them. */
export type CacheSample = {
  readonly atMs: number;
  readonly endpoint: string | null;
  readonly node: string | null;
  readonly cache: string | null;
  readonly hits: number | null;
  readonly misses: number | null;
  readonly inserts: number | null;
  readonly evictions: number | null;
  readonly entries: number | null;
  readonly capacity: number | null;
  readonly timeoutS: number | null;
};

/** The fields of a handshake that nobody has to give. */
export const UNKNOWN_HANDSHAKE = {
  endpoint: null,
  node: null,
  region: null,
  family: null,
  protocol: null,
  offer: null,
  mechanism: null,
  reason: null,
  earlyData: null,
  earlyDataReason: null,
  cipher: null,
  group: null,
  handshakeUs: null,
  ttfbUs: null,
  ticketAgeS: null,
  keyName: null,
  ticketId: null,
  client: null,
  alert: null,
  count: 1,
} as const satisfies Omit<Handshake, "atMs" | "outcome">;
