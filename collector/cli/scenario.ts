import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import type {
  CacheReading,
  DetectorChange,
  KeyReading,
  Silence,
  TelemetryRow,
} from "../../lib/detect/types.ts";
import type { Result } from "../../lib/domain/handshake.ts";
import {
  type ChangeKind,
  type Mechanism,
  type Offer,
  PROTOCOLS,
  type Protocol,
  type RejectionReason,
} from "../../lib/domain/vocabulary.ts";

/** Something that arrives. Rows are made when they are fed, so that a scenario fits into memory. */
export type ScenarioEvent = { readonly arrivedMs: number } & (
  | { readonly type: "rows"; readonly rows: () => TelemetryRow[] }
  | { readonly type: "change"; readonly change: DetectorChange }
  | { readonly type: "cache"; readonly reading: CacheReading }
  | { readonly type: "key"; readonly reading: KeyReading }
  | { readonly type: "silence"; readonly silence: Silence }
);

export type Scenario = {
  readonly name: string;
  readonly bucketMs: number;
  readonly startMs: number;
  readonly endMs: number;
  /** In order of arrival. */
  readonly events: readonly ScenarioEvent[];
  /** The scenario's own name of a protocol. */
  readonly protocolName: (protocol: string) => string;
};

const META = z.object({
  scenario: z.string(),
  bucket_s: z.number(),
  start: z.number(),
  end: z.number(),
  /** "rich" telemetry tells what was offered and why it was refused; "basic" does not. */
  telemetry: z.string(),
});
const NAMES = z.array(z.string()).nullish();
const ROW = z.object({
  ts: z.number(),
  arr: z.number().optional(),
  endpoint: z.string(),
  node: z.string(),
  region: z.string().nullish(),
  platform: z.string(),
  protocol: z.string(),
  c: z.record(z.string(), z.number()),
  ms: z.tuple([z.number(), z.number(), z.number()]).optional(),
});
type Row = z.infer<typeof ROW>;
const CHANGE = z.object({
  id: z.string(),
  ts: z.number(),
  type: z.string(),
  scope: z.object({ endpoints: NAMES, nodes: NAMES, platforms: NAMES, domain: z.string().nullish() }),
  attrs: z.object({ component: z.string().nullish() }).loose(),
});
const CACHE = z.object({
  ts: z.number(),
  type: z.literal("session_cache"),
  endpoint: z.string(),
  cache: z.string(),
  entries: z.number(),
  capacity: z.number(),
  hits: z.number(),
  misses: z.number(),
  evictions: z.number(),
});
const KEY = z.object({
  ts: z.number(),
  type: z.literal("stek"),
  domain: z.string(),
  node: z.string(),
  key_id: z.string(),
});
const SILENCE = z.object({
  id: z.string(),
  start: z.number(),
  end: z.number(),
  announced_at: z.number(),
  scope: z.object({ endpoints: NAMES, nodes: NAMES }).loose(),
});

/** Reads a scenario's folder: never its labels. Throws with the file's name where a line cannot be read. */
export function readScenario(folder: string): Scenario {
  const meta = META.parse(JSON.parse(readFileSync(join(folder, "meta.json"), "utf8")));
  const bucketMs = meta.bucket_s * 1000;
  const protocolNames = new Map<string, string>();
  const events = [
    ...rowEvents(folder, { bucketMs, offersSeen: meta.telemetry === "rich" }, protocolNames),
    ...lines(folder, "cache.ndjson.gz").flatMap(readingOf),
    ...lines(folder, "changes.ndjson").map(changeOf),
    ...lines(folder, "silences.ndjson").map(silenceOf),
  ].sort((a, b) => a.arrivedMs - b.arrivedMs);
  return {
    name: meta.scenario,
    bucketMs,
    startMs: meta.start * 1000,
    endMs: meta.end * 1000,
    events,
    protocolName: (protocol) => protocolNames.get(protocol) ?? protocol,
  };
}

function lines(folder: string, name: string): unknown[] {
  const path = join(folder, name);
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const text = (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

type Telemetry = { readonly bucketMs: number; readonly offersSeen: boolean };

function rowEvents(folder: string, telemetry: Telemetry, names: Map<string, string>): ScenarioEvent[] {
  return lines(folder, "handshakes.ndjson.gz").map((line): ScenarioEvent => {
    const row = ROW.parse(line);
    const protocol = protocolOf(row.protocol);
    if (protocol !== null) names.set(protocol, row.protocol);
    const arrivedMs = row.arr === undefined ? row.ts * 1000 + telemetry.bucketMs : row.arr * 1000;
    return { type: "rows", arrivedMs, rows: () => telemetryOf(row, protocol, telemetry.offersSeen) };
  });
}

function protocolOf(text: string): Protocol | null {
  return (
    PROTOCOLS.find((name) => name.toLowerCase() === text.toLowerCase().replace(/^tlsv?/, "tlsv")) ?? null
  );
}

/** The rows of a line: one for each result, latency sums shared by count. */
function telemetryOf(row: Row, protocol: Protocol | null, offersSeen: boolean): TelemetryRow[] {
  const segment = {
    endpoint: row.endpoint,
    node: row.node,
    region: row.region ?? null,
    family: row.platform,
    protocol,
  };
  const parts = Object.entries(row.c).map(([text, count]) => ({ result: resultOf(text, offersSeen), count }));
  const total = (outcome: string) =>
    parts.reduce((sum, { result, count }) => sum + (result.outcome === outcome ? count : 0), 0);
  const perHandshakeUs = {
    full: row.ms ? (row.ms[0] * 1000) / total("full") : null,
    resumed: row.ms ? (row.ms[1] * 1000) / total("resumed") : null,
  };
  return parts.map(({ result, count }) => {
    const each =
      result.outcome === "full" || result.outcome === "resumed" ? perHandshakeUs[result.outcome] : null;
    return {
      atMs: row.ts * 1000,
      segment,
      result,
      count,
      handshakeUsSum: each === null ? null : each * count,
      timedCount: each === null ? 0 : count,
    };
  });
}

const RESULTS = new Map<string, Result>();
const REASONS: Readonly<Record<string, RejectionReason>> = {
  unknown_key: "unknown_key",
  expired: "expired",
  context_mismatch: "cert_changed",
  disabled: "policy_off",
  cache_miss: "cache_miss",
  replay_suspected: "replay",
};

/**
 * "mechanism|outcome[|miss_reason]" in the product's words. Where full handshakes do not tell what was offered, offers are
 * not known at all: resumed ones alone would make every offer accepted.
 */
function resultOf(text: string, offersSeen: boolean): Result {
  const cacheKey = `${offersSeen}|${text}`;
  const known = RESULTS.get(cacheKey);
  if (known) return known;
  const [mechanism = "none", outcome = "", reason = null] = text.split("|");
  const used: Mechanism | null =
    mechanism === "0rtt"
      ? "psk"
      : mechanism === "session_id" || mechanism === "ticket" || mechanism === "psk"
        ? mechanism
        : null;
  const offer: Offer | null = used ?? (reason === "none_offered" ? "none" : null);
  const early = mechanism === "0rtt" && outcome === "resumed" ? "accepted" : null;
  const result: Result = {
    outcome: outcome === "resumed" || outcome === "failed" ? outcome : "full",
    offer: offersSeen ? offer : null,
    mechanism: outcome === "resumed" ? used : null,
    reason: reason === null ? null : (REASONS[reason] ?? null),
    earlyData: reason === "early_data_rejected" ? "rejected" : early,
    earlyDataReason: null,
  };
  RESULTS.set(cacheKey, result);
  return result;
}

/** Kind of a change by its type, and for configuration by the part that it touched. */
const KINDS: Readonly<Record<string, ChangeKind>> = {
  key_rotation: "key_rotation",
  deploy: "deploy",
  cert_renewal: "certificate",
  cache_restart: "cache",
  client_release: "client_release",
  config_change: "config",
};

function changeOf(line: unknown): ScenarioEvent {
  const { id, ts, type, scope, attrs } = CHANGE.parse(line);
  return {
    type: "change",
    arrivedMs: ts * 1000,
    change: {
      id,
      atMs: ts * 1000,
      kind: KINDS[type] ?? "other",
      component: attrs.component ?? null,
      endpoints: scope.endpoints ?? null,
      nodes: scope.nodes ?? null,
      regions: null,
      families: scope.platforms ?? null,
      keyGroup: scope.domain ?? null,
    },
  };
}

function readingOf(line: unknown): ScenarioEvent[] {
  const key = KEY.safeParse(line);
  if (key.success) {
    const { ts, domain, node, key_id } = key.data;
    return [
      {
        type: "key",
        arrivedMs: ts * 1000,
        reading: { atMs: ts * 1000, node, keyGroup: domain, keyName: key_id },
      },
    ];
  }
  const cache = CACHE.safeParse(line);
  if (!cache.success) return [];
  const { ts, type: _type, ...rest } = cache.data;
  return [{ type: "cache", arrivedMs: ts * 1000, reading: { atMs: ts * 1000, ...rest } }];
}

function silenceOf(line: unknown): ScenarioEvent {
  const { id, start, end, announced_at, scope } = SILENCE.parse(line);
  return {
    type: "silence",
    arrivedMs: announced_at * 1000,
    silence: {
      id,
      startMs: start * 1000,
      endMs: end * 1000,
      endpoints: scope.endpoints ?? null,
      nodes: scope.nodes ?? null,
    },
  };
}
