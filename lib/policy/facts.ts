/**
 * What hygiene rules judge: plain facts of one endpoint, each with where it came from. A fact that nobody could see is
 * null: it makes a rule unknown, never passed and never failed.
 */
import type { AgreementPair } from "../domain/agreement.ts";
import type { FindingKind, Severity } from "../domain/findings.ts";
import { type Intent, NO_INTENT } from "../domain/intent.ts";
import type { KeyAction } from "../domain/keys.ts";
import type { Mechanism, Protocol } from "../domain/vocabulary.ts";

/** Who told a fact. */
export const FACT_ORIGINS = ["telemetry", "samples", "keys", "prober", "findings", "changes"] as const;
export type FactOrigin = (typeof FACT_ORIGINS)[number];

/** A fact: its value, who told it, and how many handshakes, probes or sightings stand behind it. */
export type Fact<T> = { readonly value: T; readonly from: FactOrigin; readonly count: number };

/** What a key was seen doing at one node, epoch ms; null: never seen in that use. */
export type KeyFact = {
  readonly keyName: string;
  readonly node: string | null;
  readonly firstIssuedMs: number | null;
  readonly lastIssuedMs: number | null;
  readonly firstAcceptedMs: number | null;
  readonly lastAcceptedMs: number | null;
  readonly firstRefusedMs: number | null;
  readonly lastRefusedMs: number | null;
  readonly lastLoadedMs: number | null;
  /**
   * How the times of issue are known: `issued`, tickets were seen being made; `accepted`, where that cannot be seen (TLS 1.3 on
   * the wire), they are from when its tickets first came back until the next key's did, one visit late.
   */
  readonly basis: "issued" | "accepted";
  /** Tickets that were seen being issued under it here. */
  readonly issued: number;
  readonly accepted: number;
};

/** Something that was said to be done with a key. */
export type KeyEventFact = {
  readonly keyName: string;
  readonly node: string | null;
  readonly atMs: number;
  readonly action: KeyAction;
  readonly actor: string | null;
};

/** Keys of an endpoint, since observation began. */
export type KeyFacts = {
  readonly keys: readonly KeyFact[];
  readonly events: readonly KeyEventFact[];
  /** First and last sighting of any key here, epoch ms. */
  readonly observedFromMs: number;
  readonly observedToMs: number;
};

/** A key name of this endpoint that was also seen at another. */
export type SharedKey = {
  readonly keyName: string;
  readonly endpoint: string;
  readonly trustDomain: string | null;
  readonly clientAuth: boolean | null;
};

export type CertificateFact = {
  readonly node: string;
  readonly validToMs: number | null;
  readonly keyType: string | null;
  readonly keyBits: number | null;
};

/** Nodes by what was found there; a node on which it could not be tried is in neither list. */
export type NodeSplit = { readonly yes: readonly string[]; readonly no: readonly string[] };

export type FindingFact = {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly node: string | null;
  readonly count: number;
  readonly lastMs: number;
};

/** A process began, and the early data that was accepted in the seconds after. */
export type StartFact = {
  readonly node: string | null;
  readonly atMs: number;
  /** By step: from and to when after the start, seconds. */
  readonly accepted: readonly { readonly fromS: number; readonly toS: number; readonly count: number }[];
};

export type PolicyFacts = {
  /** What people declared, the endpoint's own before those for all. */
  readonly intent: Intent;
  /** Completed handshakes of known outcome by what they were; `count` is all of them. */
  readonly resumed: Fact<Readonly<Record<Mechanism | "unknown", number>>> | null;
  /** Completed handshakes by protocol, where known. */
  readonly protocols: Fact<Readonly<Partial<Record<Protocol, number>>>> | null;
  /** Handshakes with accepted and rejected early data; `count` is all handshakes of which early data is known. */
  readonly earlyData: Fact<{ readonly accepted: number; readonly rejected: number }> | null;
  /** Longest ticket age at a TLS 1.2 resumption, seconds (upper bound of its histogram bin). */
  readonly oldestTls12S: Fact<number> | null;
  /** TLS 1.3 resumptions without a key share (psk_ke). */
  readonly withoutKeyShare: Fact<number> | null;
  /** Suites that were negotiated. */
  readonly ciphers: Fact<readonly string[]> | null;
  readonly keys: Fact<KeyFacts> | null;
  readonly sharedKeys: Fact<readonly SharedKey[]> | null;
  /** Pairs of nodes, tried by the prober or else seen in the use of keys. */
  readonly agreement: Fact<readonly AgreementPair[]> | null;
  /** Whether old keys were seen to cover the lifetime (`bad` needs a refusal that shows it). */
  readonly coverage: Fact<{
    readonly verdict: "ok" | "bad" | "unknown";
    readonly sentence: string;
  }> | null;
  /** Longest lifetime that servers told clients, seconds; by version of the protocol. */
  readonly lifetimeTls12S: Fact<number> | null;
  readonly lifetimeTls13S: Fact<number> | null;
  /** Tickets that came with one full TLS 1.3 handshake, by node. */
  readonly ticketsPerHandshake: Fact<readonly { readonly node: string; readonly tickets: number }[]> | null;
  /** Nodes that resumed the prober's own session, by mechanism. */
  readonly probedResumption: Fact<Readonly<Record<Mechanism, NodeSplit>>> | null;
  /** Nodes that speak each protocol. */
  readonly probedProtocols: Fact<Readonly<Partial<Record<Protocol, NodeSplit>>>> | null;
  /** Nodes whose tickets allow early data. */
  readonly probedEarlyData: Fact<NodeSplit> | null;
  /** Nodes that accepted the same early data twice. */
  readonly replayed: Fact<NodeSplit> | null;
  /** Nodes that resumed a session under another server name. */
  readonly otherName: Fact<NodeSplit> | null;
  /** Nodes whose tickets were opened with a guessed key; `count` is the tickets tried. */
  readonly weakKeys: Fact<NodeSplit> | null;
  readonly certificates: Fact<readonly CertificateFact[]> | null;
  /** Findings of the last week; null where nothing that finds them was at work. */
  readonly findings: Fact<readonly FindingFact[]> | null;
  readonly starts: Fact<readonly StartFact[]> | null;
  /** Recorded key rotations (changes); null: none were ever recorded. */
  readonly recordedRotations: Fact<
    readonly { readonly atMs: number; readonly actor: string | null }[]
  > | null;
};

/** Nothing is known at all. */
export const NO_FACTS: PolicyFacts = {
  intent: NO_INTENT,
  resumed: null,
  protocols: null,
  earlyData: null,
  oldestTls12S: null,
  withoutKeyShare: null,
  ciphers: null,
  keys: null,
  sharedKeys: null,
  agreement: null,
  coverage: null,
  lifetimeTls12S: null,
  lifetimeTls13S: null,
  ticketsPerHandshake: null,
  probedResumption: null,
  probedProtocols: null,
  probedEarlyData: null,
  replayed: null,
  otherName: null,
  weakKeys: null,
  certificates: null,
  findings: null,
  starts: null,
  recordedRotations: null,
};
