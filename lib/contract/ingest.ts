/** The wire contracts of the ingest routes. Unknown fields are dropped; unknown values are refused with what is allowed. */
import { z } from "zod";
import {
  CHANGE_KINDS,
  EARLY_DATA,
  MECHANISMS,
  OFFERS,
  OUTCOMES,
  PROTOCOLS,
  REJECTION_REASONS,
} from "../domain/vocabulary.ts";

/** Longest name of anything (endpoint, node, …) in characters. */
export const MAX_NAME = 253;
/** Largest `count` that one line may stand for. */
export const MAX_COUNT = 1_000_000_000;

const name = z.string().max(MAX_NAME).nullish();
const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullish();

/** Epoch milliseconds or RFC 3339. */
export const timestamp = z.union(
  [z.number().finite(), z.iso.datetime({ offset: true })],
  "ts must be epoch milliseconds or an RFC 3339 time",
);

/** One handshake on the wire; all but ts and outcome optional, absent or null = not known. */
export const wireHandshake = z.object({
  ts: timestamp,
  endpoint: name,
  node: name,
  region: name,
  family: name,
  userAgent: z.string().max(2048).nullish(),
  protocol: z.enum(PROTOCOLS).nullish(),
  cipher: name,
  group: name,
  /** null, said expressly: completed, full or resumed not known. */
  outcome: z.enum(OUTCOMES).nullable(),
  offer: z.enum(OFFERS).nullish(),
  mechanism: z.enum(MECHANISMS).nullish(),
  reason: z.enum(REJECTION_REASONS).nullish(),
  earlyData: z.enum(EARLY_DATA).nullish(),
  earlyDataReason: name,
  handshakeUs: whole,
  ttfbUs: whole,
  keyName: name,
  ticketId: z.string().max(4096).nullish(),
  ticketAgeS: whole,
  client: name,
  alert: name,
  count: z.number().int().min(1).max(MAX_COUNT).nullish(),
});
export type WireHandshake = z.infer<typeof wireHandshake>;

/** One change on the wire. */
export const wireChange = z.object({
  id: z.string().min(1).max(128).nullish(),
  ts: timestamp,
  endTs: timestamp.nullish(),
  kind: z.enum(CHANGE_KINDS),
  title: z.string().min(1).max(300),
  detail: z.string().max(10_000).nullish(),
  endpoint: name,
  node: name,
  region: name,
  ref: z.string().max(500).nullish(),
  actor: name,
});
export type WireChange = z.infer<typeof wireChange>;

/** One cache reading on the wire. */
export const wireCache = z.object({
  ts: timestamp,
  endpoint: name,
  node: name,
  cache: name,
  hits: whole,
  misses: whole,
  inserts: whole,
  evictions: whole,
  entries: whole,
  capacity: whole,
  timeoutS: whole,
});
export type WireCache = z.infer<typeof wireCache>;

/** One reading of a node's CPU on the wire (POST /v1/nodes): cores that it may use, and that are in use. */
export const wireLoad = z.object({
  ts: timestamp,
  node: z.string().min(1).max(MAX_NAME),
  cores: z.number().positive().max(1e6),
  busyCores: z.number().min(0).max(1e6),
});
export type WireLoad = z.infer<typeof wireLoad>;

/** The answer to every push. `errors` holds the first 100. */
export const ingestReply = z.object({
  accepted: z.number().int(),
  rejected: z.number().int(),
  duplicate: z.number().int(),
  errors: z.array(z.object({ index: z.number().int(), reason: z.string() })),
});
export type IngestReply = z.infer<typeof ingestReply>;
