/**
 * The wire contract of `POST /v1/rollups?source=…`: NDJSON, each line a rollup row (handshakes already folded on the
 * sender's host), or a change, cache reading, use of a key, refusal, breach or sample. Nothing in it identifies a client.
 */
import { z } from "zod";
import { INVARIANTS } from "../domain/invariants.ts";
import {
  EARLY_DATA,
  MECHANISMS,
  OFFERS,
  OUTCOMES,
  PROTOCOLS,
  REJECTION_REASONS,
  VANTAGES,
} from "../domain/vocabulary.ts";
import { MAX_COUNT, MAX_NAME } from "./ingest.ts";

/** Width of a row's bucket, milliseconds. */
export const ROLLUP_BUCKET_MS = 10_000;
/** Longest line of a push of rollups: a row with three histograms of every bin stays below half of it. */
export const MAX_ROLLUP_LINE_BYTES = 65_536;

const name = z.string().max(MAX_NAME).nullish();
/** A histogram as lib/stats/histogram.ts encodes it, in base64; absent or null where nothing was measured. */
const histogram = z
  .string()
  .max(MAX_ROLLUP_LINE_BYTES)
  .regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, "base64 is expected")
  .nullish();

/** So many handshakes of one result in one segment in one bucket of ten seconds. */
export const wireRollup = z.object({
  /** Start of the bucket, epoch ms, a multiple of 10,000. */
  bucketStartMs: z.number().int().multipleOf(ROLLUP_BUCKET_MS),
  endpoint: name,
  node: name,
  region: name,
  family: name,
  protocol: z.enum(PROTOCOLS).nullish(),
  /** null, said expressly: completed, full or resumed not known. */
  outcome: z.enum(OUTCOMES).nullable(),
  offer: z.enum(OFFERS).nullish(),
  mechanism: z.enum(MECHANISMS).nullish(),
  reason: z.enum(REJECTION_REASONS).nullish(),
  earlyData: z.enum(EARLY_DATA).nullish(),
  earlyDataReason: name,
  count: z.number().int().min(1).max(MAX_COUNT),
  handshakeUs: histogram,
  ttfbUs: histogram,
  ticketAgeS: histogram,
});
export type WireRollup = z.infer<typeof wireRollup>;

/** Lines that the sender refused, by reason, with one of them shortened and without addresses. */
export const wireRefusal = z.object({
  refused: z.string().min(1).max(160),
  count: z.number().int().min(1).max(MAX_COUNT),
  sample: z.string().max(200).nullish(),
});

/** Lines that contradict themselves, by invariant (lib/domain/invariants.ts), with one instance in words. */
export const wireBreach = z.object({
  breach: z.enum(Object.keys(INVARIANTS) as [keyof typeof INVARIANTS, ...(keyof typeof INVARIANTS)[]]),
  count: z.number().int().min(1).max(MAX_COUNT),
  detail: z.string().max(200),
});

/** Failed handshakes of one alert within a minute, which are counted in rows already: rows do not say how they failed. */
export const wireTlsAlert = z.object({
  /** Start of the minute, epoch ms. */
  ts: z.number().int().multipleOf(60_000),
  endpoint: name,
  vantage: z.enum(VANTAGES),
  alert: z.string().min(1).max(MAX_NAME),
  count: z.number().int().min(1).max(MAX_COUNT),
});

/**
 * With `?hashed=1` names of keys are what a collector's own hash made of them (16 hexadecimal digits), or its name for those
 * beyond its limit; they are kept as they are.
 */
export const HASHED_KEY_NAME = /^(?:[0-9a-f]{16}|\(other\))$/;

/** What collectors that forward call themselves where something is of no source: readings, samples, alerts. */
export const SITE_SOURCE = "site";

/**
 * Lines that carry one thing whole, each by the contract of its own in lib/contract/ingest.ts. The handshake of a
 * `sample` is counted in a row already, so it is kept to be looked at and not counted again.
 */
export const CARRIED = ["change", "cache", "key", "load", "sample"] as const;
export type Carried = (typeof CARRIED)[number];
