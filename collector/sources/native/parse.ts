import {
  MAX_COUNT,
  MAX_NAME,
  type WireCache,
  type WireChange,
  type WireHandshake,
  type WireLoad,
  wireCache,
  wireChange,
  wireHandshake,
  wireLoad,
} from "../../../lib/contract/ingest.ts";
import type { CacheSample, Change, Handshake } from "../../../lib/domain/handshake.ts";
import type { Invariant } from "../../../lib/domain/invariants.ts";
import type { NodeLoad } from "../../../lib/domain/load.ts";
import {
  EARLY_DATA,
  MECHANISMS,
  OFFERS,
  OUTCOMES,
  PROTOCOLS,
  REJECTION_REASONS,
} from "../../../lib/domain/vocabulary.ts";
import { familyOf } from "../family.ts";
import type { Decoded } from "../source.ts";
import { type DecodedKey, decodeWireKey } from "./parse-key.ts";
import { type Parsed, readFlat, toEpochMs } from "./read-flat.ts";

/** One handshake from a parsed JSON value, or the field and the reason why not. */
export function parseWireHandshake(value: unknown): Parsed<Handshake> {
  return fits(value) ? checked(value) : parseByContract(value);
}

/** The same by the contract alone: slower, and the one that can say what is wrong. */
export function parseByContract(value: unknown): Parsed<Handshake> {
  const parsed = readFlat(wireHandshake, value);
  return parsed.ok ? checked(parsed.value) : parsed;
}

function checked(wire: WireHandshake): Parsed<Handshake> {
  const contradiction = contradictionOf(wire);
  return contradiction ? { ok: false, ...contradiction } : { ok: true, value: toHandshake(wire) };
}

const NAMES = [
  "endpoint",
  "node",
  "region",
  "family",
  "cipher",
  "group",
  "earlyDataReason",
  "keyName",
  "client",
  "alert",
] as const;
const WHOLE = ["handshakeUs", "ttfbUs", "ticketAgeS"] as const;
const LONGER = { userAgent: 2048, ticketId: 4096 } as const;
const WORDS = {
  protocol: new Set<unknown>(PROTOCOLS),
  offer: new Set<unknown>(OFFERS),
  mechanism: new Set<unknown>(MECHANISMS),
  reason: new Set<unknown>(REJECTION_REASONS),
  earlyData: new Set<unknown>(EARLY_DATA),
} as const;
const OUTCOME_WORDS = new Set<unknown>([...OUTCOMES, null]);

/** Whether a value is plainly a handshake with `ts` in epoch ms: the common case, without the contract's cost. */
function fits(value: unknown): value is WireHandshake {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const wire = value as Record<string, unknown>;
  if (typeof wire.ts !== "number" || !Number.isFinite(wire.ts) || !OUTCOME_WORDS.has(wire.outcome))
    return false;
  for (const name of NAMES) if (!textFits(wire[name], MAX_NAME)) return false;
  if (!textFits(wire.userAgent, LONGER.userAgent) || !textFits(wire.ticketId, LONGER.ticketId)) return false;
  for (const name of WHOLE) if (!wholeFits(wire[name], 0, Number.MAX_SAFE_INTEGER)) return false;
  if (!wholeFits(wire.count, 1, MAX_COUNT)) return false;
  return (
    wordFits(wire.protocol, WORDS.protocol) &&
    wordFits(wire.offer, WORDS.offer) &&
    wordFits(wire.mechanism, WORDS.mechanism) &&
    wordFits(wire.reason, WORDS.reason) &&
    wordFits(wire.earlyData, WORDS.earlyData)
  );
}

const textFits = (value: unknown, longest: number): boolean =>
  value === undefined || value === null || (typeof value === "string" && value.length <= longest);
const wholeFits = (value: unknown, least: number, most: number): boolean =>
  value === undefined ||
  value === null ||
  (Number.isInteger(value) && (value as number) >= least && (value as number) <= most);
const wordFits = (value: unknown, words: ReadonlySet<unknown>): boolean =>
  value === undefined || value === null || words.has(value);

/** One change; `id` is null where the sender gave none. */
export function parseWireChange(value: unknown): Parsed<Omit<Change, "id"> & { readonly id: string | null }> {
  const parsed = readFlat(wireChange, value);
  if (!parsed.ok) return parsed;
  const wire: WireChange = parsed.value;
  const atMs = toEpochMs(wire.ts);
  const endMs = wire.endTs == null ? null : toEpochMs(wire.endTs);
  if (endMs !== null && endMs < atMs) return { ok: false, reason: "endTs lies before ts" };
  const { id = null, kind, title, detail = null, endpoint = null, node = null, region = null } = wire;
  const { ref = null, actor = null } = wire;
  return { ok: true, value: { id, kind, atMs, endMs, endpoint, node, region, title, detail, ref, actor } };
}

/** One cache reading. */
export function parseWireCache(value: unknown): Parsed<CacheSample> {
  const parsed = readFlat(wireCache, value);
  if (!parsed.ok) return parsed;
  const wire: WireCache = parsed.value;
  const { endpoint = null, node = null, cache = null, hits = null, misses = null } = wire;
  const { inserts = null, evictions = null, entries = null, capacity = null, timeoutS = null } = wire;
  const counts = { hits, misses, inserts, evictions, entries, capacity, timeoutS };
  return { ok: true, value: { atMs: toEpochMs(wire.ts), endpoint, node, cache, ...counts } };
}

/** One reading of a node's CPU. */
export function parseWireLoad(value: unknown): Parsed<NodeLoad> {
  const parsed = readFlat(wireLoad, value);
  if (!parsed.ok) return parsed;
  const { ts, node, cores, busyCores }: WireLoad = parsed.value;
  return { ok: true, value: { atMs: toEpochMs(ts), node, cores, busyCores } };
}

/** What the wire contract knows. */
export type WireKind = "handshake" | "change" | "cache" | "key" | "load";
/** What came of a value of the wire contract; a change or an event of a key may still need an id. */
export type DecodedWire =
  | Exclude<Decoded, { readonly kind: "ignored" | "change" }>
  | { readonly kind: "change"; readonly change: Omit<Change, "id"> & { readonly id: string | null } }
  | DecodedKey
  | { readonly kind: "load"; readonly load: NodeLoad };

/** One handshake, change or cache reading from a parsed JSON value. */
export function decodeWire(kind: WireKind, value: unknown): DecodedWire {
  if (kind === "handshake") {
    const parsed = parseWireHandshake(value);
    return parsed.ok ? { kind, handshake: parsed.value } : { ...parsed, kind: "refused" };
  }
  if (kind === "change") {
    const parsed = parseWireChange(value);
    return parsed.ok ? { kind, change: parsed.value } : { ...parsed, kind: "refused" };
  }
  if (kind === "key") return decodeWireKey(value);
  if (kind === "load") {
    const parsed = parseWireLoad(value);
    return parsed.ok ? { kind, load: parsed.value } : { ...parsed, kind: "refused" };
  }
  const parsed = parseWireCache(value);
  return parsed.ok ? { kind, cache: parsed.value } : { ...parsed, kind: "refused" };
}

function toHandshake(wire: WireHandshake): Handshake {
  return {
    atMs: toEpochMs(wire.ts),
    endpoint: nonEmpty(wire.endpoint),
    node: nonEmpty(wire.node),
    region: nonEmpty(wire.region),
    family: nonEmpty(wire.family) ?? familyOf(wire.userAgent),
    protocol: wire.protocol ?? null,
    outcome: wire.outcome,
    offer: wire.offer ?? null,
    mechanism: wire.mechanism ?? null,
    reason: wire.reason ?? null,
    earlyData: wire.earlyData ?? null,
    earlyDataReason: nonEmpty(wire.earlyDataReason),
    cipher: nonEmpty(wire.cipher),
    group: nonEmpty(wire.group),
    handshakeUs: wire.handshakeUs ?? null,
    ttfbUs: wire.ttfbUs ?? null,
    ticketAgeS: wire.ticketAgeS ?? null,
    keyName: nonEmpty(wire.keyName),
    ticketId: nonEmpty(wire.ticketId),
    client: nonEmpty(wire.client),
    alert: nonEmpty(wire.alert),
    count: wire.count ?? 1,
  };
}

function nonEmpty(text: string | null | undefined): string | null {
  return text ? text : null;
}

type Contradiction = { readonly reason: string; readonly invariant?: Invariant };

/** What cannot be true of one handshake (DOMAIN 5.1, invariants); null when nothing contradicts. */
export function contradictionOf(h: WireHandshake): Contradiction | null {
  if (h.mechanism && h.outcome !== "resumed")
    return { reason: `mechanism is given but outcome is "${h.outcome}"` };
  if (h.reason && h.outcome === "resumed")
    return {
      reason: 'reason (of a refused offer) is given but outcome is "resumed"',
      invariant: "reason_needs_full",
    };
  if (h.outcome === "resumed" && h.offer === "none")
    return { reason: 'outcome is "resumed" but offer is "none"', invariant: "accepted_within_offered" };
  const old = h.protocol && h.protocol !== "TLSv1.3";
  if (old && (h.mechanism === "psk" || h.offer === "psk"))
    return { reason: `psk needs TLSv1.3, but protocol is "${h.protocol}"`, invariant: "psk_needs_tls13" };
  if (!h.earlyData || h.earlyData === "none") return null;
  if (old)
    return {
      reason: `early data needs TLSv1.3, but protocol is "${h.protocol}"`,
      invariant: "early_needs_psk",
    };
  return h.offer && h.offer !== "psk"
    ? { reason: `early data needs a psk offer, but offer is "${h.offer}"`, invariant: "early_needs_psk" }
    : null;
}
