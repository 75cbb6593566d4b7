import type { z } from "zod";
import {
  SITE_SOURCE,
  type WireRollup,
  type wireBreach,
  type wireRefusal,
} from "../../lib/contract/rollup.ts";
import type { CacheSample, Change, Handshake } from "../../lib/domain/handshake.ts";
import type { KeyEvent, KeySight } from "../../lib/domain/keys.ts";
import type { NodeLoad } from "../../lib/domain/load.ts";
import { getOrMake } from "../../lib/read/get-or-make.ts";
import { type CellView, eachCell, histogramOf } from "../../lib/store/cell-block.ts";
import type { Cell, Commit, SourceDelta, WriteStore } from "../../lib/store/port.ts";
import type { TlsAlertCount } from "../../lib/store/port-tls-alerts.ts";

type Refusal = z.infer<typeof wireRefusal>;
type Breach = z.infer<typeof wireBreach>;

/** What one source told in a commit. Names of keys are hashed. */
export type Bundle = {
  readonly source: string;
  /** Newest event, epoch ms; null where none is known. */
  newestMs: number | null;
  readonly rows: WireRollup[];
  readonly keys: KeySight[];
  readonly keyEvents: KeyEvent[];
  readonly changes: Change[];
  readonly refusals: Refusal[];
  readonly breaches: Breach[];
};

/** What is passed on of a commit: by source, and what is of none. */
export type Shipment = {
  readonly bundles: readonly Bundle[];
  readonly caches: readonly CacheSample[];
  readonly loads: readonly NodeLoad[];
  readonly samples: readonly Handshake[];
  readonly tlsAlerts: readonly TlsAlertCount[];
};

/** A bundle with nothing in it. */
export function emptyBundle(source: string): Bundle {
  const lists = { rows: [], keys: [], keyEvents: [], changes: [], refusals: [], breaches: [] };
  return { source, newestMs: null, ...lists };
}

/**
 * What is passed on of a commit; null where nothing is. Its source and its vantage go with every row: a name stands for one way of
 * seeing. Numbers are looked up with `cellOf`; a cell without meaning is a mistake of ours, and throws.
 */
export function shipmentOf(commit: Commit, cellOf: WriteStore["cellOf"]): Shipment | null {
  const bundles = new Map<string, Bundle>();
  const bundle = (source: string): Bundle => getOrMake(bundles, source, () => emptyBundle(source));
  const add = (cell: Cell): void => {
    const { source, row } = rowOf(cell, cellOf);
    bundle(source).rows.push(row);
  };
  commit.cells.forEach(add);
  if (commit.packed) eachCell(commit.packed.bytes, (view) => add(cellOfView(view)));
  for (const { source, ...sight } of commit.keys) bundle(source).keys.push(sight);
  for (const { via, ...event } of commit.keyEvents) bundle(via).keyEvents.push(event);
  for (const { via = SITE_SOURCE, ...change } of commit.changes) bundle(via).changes.push(change);
  for (const delta of commit.sources) addDelta(bundle, delta);
  const { caches, loads, tlsAlerts } = commit;
  const samples = commit.samples.map(({ handshake }) => handshake);
  const filled = [...bundles.values()].filter(isFilled);
  if (filled.length + caches.length + loads.length + tlsAlerts.length + samples.length === 0) return null;
  return { bundles: filled, caches, loads, samples, tlsAlerts };
}

function cellOfView(view: CellView): Cell {
  const [handshakeUs = null, ttfbUs = null, ticketAgeS = null] = [0, 1, 2].map((metric) =>
    histogramOf(view, metric),
  );
  return { ...view, handshakeUs, ttfbUs, ticketAgeS };
}

function rowOf(
  cell: Cell,
  cellOf: WriteStore["cellOf"],
): { readonly source: string; readonly row: WireRollup } {
  const { bucketStartMs, count, handshakeUs, ttfbUs, ticketAgeS } = cell;
  const known = cellOf(cell);
  if (known === null) throw new RangeError("a cell has a number that was not given out");
  const { endpoint, node, region, family, protocol, source, result } = known;
  const row = {
    ...{ bucketStartMs, endpoint, node, region, family, protocol, ...result, count },
    ...{ handshakeUs: base64(handshakeUs), ttfbUs: base64(ttfbUs), ticketAgeS: base64(ticketAgeS) },
  };
  return { source: source ?? SITE_SOURCE, row };
}

function addDelta(bundle: (source: string) => Bundle, delta: SourceDelta): void {
  const { source, lastEventMs, rejections, breaches } = delta;
  const into = bundle(source);
  if (lastEventMs !== null) into.newestMs = Math.max(into.newestMs ?? 0, lastEventMs);
  for (const [refused, { count, sample }] of rejections)
    if (refused !== "") into.refusals.push({ refused, count, sample });
  for (const [breach, { count, detail }] of breaches) into.breaches.push({ breach, count, detail });
}

function isFilled({ rows, keys, keyEvents, changes, refusals, breaches }: Bundle): boolean {
  const told = keys.length + keyEvents.length + changes.length;
  return rows.length + told + refusals.length + breaches.length > 0;
}

function base64(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
