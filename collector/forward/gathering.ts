import { SITE_SOURCE, type WireRollup } from "../../lib/contract/rollup.ts";
import type { KeySight } from "../../lib/domain/keys.ts";
import { getOrMake } from "../../lib/read/get-or-make.ts";
import { Histogram } from "../../lib/stats/histogram.ts";
import type { Part } from "../agent/gatherer.ts";
import { LocalFold } from "../agent/local-fold.ts";
import { wireOfCache, wireOfChange, wireOfKey, wireOfSample } from "../agent/wire-lines.ts";
import { AlertFold } from "../pipeline/alert-fold.ts";
import { KeyFold } from "../pipeline/key-fold.ts";
import { Samples } from "../pipeline/samples.ts";
import { findMetricSource } from "../sources/metric-registry.ts";
import type { Bundle, Shipment } from "./shipment.ts";

/** Bytes (about) of a row or another line on its way out. */
const ITEM_BYTES = 250;
/** Characters of one push before compression: far below what a collector takes. */
const PART_CHARACTERS = 2_000_000;

type Told = {
  readonly fold: LocalFold;
  readonly keys: KeyFold;
  readonly refusals: Map<string, { count: number; sample: string | null }>;
  readonly breaches: Map<string, { count: number; detail: string }>;
  /** Changes and what was said of keys, as they go out. */
  readonly lines: object[];
  newestMs: number;
};

/** Merges shipments until they are taken as pushes for a central collector: what is in many of them goes out once, summed. */
export class Gathering {
  readonly #site: string;
  #sources = new Map<string, Told>();
  /** Of no source. */
  #lines: object[] = [];
  #loads = new Map<string, object>();
  #samples = new Samples();
  #alerts = new AlertFold();
  #otherBytes = 0;

  /** `site`: the sender's name at the centre. */
  constructor(site: string) {
    this.#site = site;
  }

  /** Bytes (about) gathered. */
  get weight(): number {
    let rows = 0;
    for (const { fold } of this.#sources.values()) rows += fold.size;
    return rows * ITEM_BYTES + this.#otherBytes;
  }

  /** Adds a shipment. */
  add(shipment: Shipment): void {
    for (const bundle of shipment.bundles) this.#addBundle(bundle);
    for (const cache of shipment.caches) this.#lines.push({ cache: wireOfCache(cache) });
    // Of a node's readings only the newest is ever looked at.
    for (const { atMs, ...load } of shipment.loads)
      this.#loads.set(load.node, { load: { ts: atMs, ...load } });
    for (const sample of shipment.samples) this.#samples.consider(sample);
    for (const { bucketStartMs, ...alert } of shipment.tlsAlerts)
      this.#alerts.add({ ...alert, atMs: bucketStartMs }, alert);
    this.#otherBytes += (shipment.caches.length + shipment.tlsAlerts.length) * ITEM_BYTES;
  }

  /** Everything gathered, as pushes; nothing is left. */
  take(): Part[] {
    const parts = [...this.#sources].flatMap(([source, told]) =>
      partsOf(this.#target(source, told.newestMs), linesOf(told)),
    );
    const others = [
      ...this.#lines,
      ...this.#loads.values(),
      ...this.#alerts.take().map(({ bucketStartMs: ts, ...alert }) => ({ tlsAlert: { ts, ...alert } })),
      ...this.#samples.take().map(({ handshake }) => ({ sample: wireOfSample(handshake) })),
    ];
    this.#sources = new Map();
    this.#lines = [];
    this.#loads = new Map();
    this.#otherBytes = 0;
    return [...parts, ...partsOf(this.#target(SITE_SOURCE, 0), others.map(textOf))];
  }

  #addBundle({ source, newestMs, rows, keys, keyEvents, changes, refusals, breaches }: Bundle): void {
    const told = getOrMake(this.#sources, source, nothingTold);
    told.newestMs = Math.max(told.newestMs, newestMs ?? 0);
    for (const row of rows) told.fold.addRow(foldedRow(row));
    for (const sight of keys) addSight(told.keys, sight);
    for (const { atMs, ...event } of keyEvents) told.lines.push({ key: { ts: atMs, ...event } });
    for (const change of changes) told.lines.push({ change: wireOfChange(change) });
    for (const { refused, count, sample = null } of refusals) {
      const sum = getOrMake(told.refusals, refused, () => ({ count: 0, sample }));
      sum.count += count;
    }
    for (const { breach, count, detail } of breaches) {
      const sum = getOrMake(told.breaches, breach, () => ({ count: 0, detail }));
      sum.count += count;
    }
    this.#otherBytes += (keys.length + keyEvents.length + changes.length) * ITEM_BYTES;
    for (const { detail } of changes) this.#otherBytes += detail?.length ?? 0;
  }

  #target(source: string, newestMs: number): string {
    const query = new URLSearchParams({
      source,
      ...(findMetricSource(source) ? { vantage: "counters" } : {}),
      ...{ node: this.#site, via: "forward", hashed: "1" },
      ...(newestMs > 0 ? { newest: String(newestMs) } : {}),
    });
    return `/v1/rollups?${query}`;
  }
}

function nothingTold(): Told {
  return {
    fold: new LocalFold(),
    keys: new KeyFold(),
    refusals: new Map(),
    breaches: new Map(),
    lines: [],
    newestMs: 0,
  };
}

/** Between the first moment and the last one are all that were counted. */
function addSight(fold: KeyFold, sight: KeySight): void {
  const { firstMs, lastMs, count } = sight;
  if (count > 1) fold.add({ ...sight, atMs: firstMs, count: count - 1 }, "");
  fold.add({ ...sight, atMs: lastMs, count: 1 }, "");
}

function foldedRow(row: WireRollup): Parameters<LocalFold["addRow"]>[0] {
  const { endpoint = null, node = null, region = null, family = null, protocol = null, ...rest } = row;
  const { offer = null, mechanism = null, reason = null, earlyData = null, earlyDataReason = null } = rest;
  return {
    ...{ bucketStartMs: row.bucketStartMs, count: row.count, outcome: row.outcome },
    ...{ endpoint, node, region, family, protocol },
    ...{ offer, mechanism, reason, earlyData, earlyDataReason },
    handshakeUs: decoded(row.handshakeUs),
    ttfbUs: decoded(row.ttfbUs),
    ticketAgeS: decoded(row.ticketAgeS),
  };
}

function decoded(text: string | null | undefined): Histogram | null {
  return text == null ? null : Histogram.decode(Buffer.from(text, "base64"));
}

/** Rows in the order of their text: neighbours are alike, which is half of what compression finds. */
function linesOf({ fold, keys, refusals, breaches, lines }: Told): string[] {
  const rows = fold.take().map(lean).sort();
  const told = [
    ...keys.take().flatMap(wireOfKey),
    ...lines,
    ...[...refusals].map(([refused, sum]) => ({ refused, ...sum })),
    ...[...breaches].map(([breach, sum]) => ({ breach, ...sum })),
  ];
  return [...rows, ...told.map(textOf)];
}

/** A row without what is null: absent says the same. An outcome has to be said. */
function lean(row: WireRollup): string {
  const said: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(row))
    if (value !== null || field === "outcome") said[field] = value;
  return JSON.stringify(said);
}

const textOf = (line: object): string => JSON.stringify(line);

function partsOf(target: string, lines: readonly string[]): Part[] {
  const parts: Part[] = [];
  let from = 0;
  let size = 0;
  for (const [at, { length }] of lines.entries()) {
    if (size > 0 && size + length > PART_CHARACTERS) {
      parts.push({ target, body: lines.slice(from, at).join("\n") });
      [from, size] = [at, 0];
    }
    size += length;
  }
  if (size > 0) parts.push({ target, body: lines.slice(from).join("\n") });
  return parts;
}
