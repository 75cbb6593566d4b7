import { joinSpan, type Span } from "../../domain/spans.ts";
import { GRACE_MS } from "../../domain/truth.ts";
import type { Vantage } from "../../domain/vocabulary.ts";
import { BUCKET_MS, eachCell } from "../cell-block.ts";
import type { Cell, Commit, TenantId } from "../port.ts";
import type { Coverage, TruthChoice } from "../port-views.ts";
import { queryJson, type Sql } from "./client.ts";
import type { Interner, KnownSegment } from "./interner.ts";

/** A view's end is written when it has moved this far; readers allow for more (GRACE_MS). */
const WRITE_EVERY_MS = 60_000;

type Seen = { readonly spans: readonly Span[]; readonly outcomes: boolean };
type SeenNow = Seen & { readonly segments: number[] };
type Row = [
  node: string,
  system: string,
  vantage: Vantage,
  source: string,
  spans: [fromMs: number, toMs: number][],
  outcomes: number,
];
const COLUMNS = `"node", "system", "vantage", "source", json("spans"), "outcomes"`;
const toSpans = (pairs: Row[4]): Span[] => pairs.map(([fromMs, toMs]) => ({ fromMs, toMs }));

/** Which vantage saw which product on which node, and when: widened as cells are committed. */
export class CoverageKeeper {
  readonly #written = new Map<string, Seen>();
  /** By segment, what its view holds already: most cells widen nothing, and are asked about one by one. */
  readonly #settled = new Map<number, Seen>();

  /** Learns what the file holds. */
  async load(sql: Sql): Promise<void> {
    const rows = await queryJson<[number, ...Row]>(
      sql,
      `SELECT json_group_array(json_array("tenantId", ${COLUMNS})) AS json FROM "Coverage"`,
    );
    for (const [tenant, node, system, vantage, source, pairs, outcomes] of rows) {
      const key = JSON.stringify([tenant, node, system, vantage, source]);
      this.#written.set(key, { spans: toSpans(pairs), outcomes: outcomes === 1 });
    }
  }

  /** Writes what these cells widen; answers what to call once the transaction has committed. */
  async write(
    sql: Sql,
    tenant: TenantId,
    { cells, packed, interner }: Pick<Commit, "cells" | "packed"> & { interner: Interner },
  ): Promise<() => void> {
    const widened = new Map<string, Seen>();
    const commit = { cells, packed, interner };
    for (const [key, seen] of seenIn(tenant, commit, (cell) => this.#isSettled(cell, interner))) {
      const known = this.#written.get(key);
      const learnt = seen.outcomes && !known?.outcomes;
      if (known && !learnt && seen.spans.every((span) => isWritten(known.spans, span))) {
        this.#settle(known, seen);
        continue;
      }
      widened.set(key, {
        spans: seen.spans.reduce<readonly Span[]>(
          (spans, span) => joinSpan(spans, span, GRACE_MS),
          known?.spans ?? [],
        ),
        outcomes: seen.outcomes || known?.outcomes === true,
      });
    }
    if (widened.size) await sql.$executeRawUnsafe(UPSERT, tenant, rowsText(widened));
    return () => {
      for (const [key, seen] of widened) this.#written.set(key, seen);
    };
  }

  #isSettled({ segmentId, bucketStartMs, resultId }: Sight, interner: Interner): boolean {
    const settled = this.#settled.get(segmentId);
    if (!settled || !isWritten(settled.spans, { fromMs: bucketStartMs, toMs: bucketStartMs + BUCKET_MS }))
      return false;
    return settled.outcomes || !tellsOutcome(interner, resultId);
  }

  #settle({ outcomes, spans }: Seen, seen: SeenNow): void {
    const last = spans.filter((span) => seen.spans.some((one) => isWritten([span], one)));
    for (const id of seen.segments) this.#settled.set(id, { spans: last, outcomes });
  }
}

type Sight = Pick<Cell, "segmentId" | "bucketStartMs" | "resultId">;

function tellsOutcome({ results }: Interner, resultId: number): boolean {
  const outcome = results.get(resultId)?.outcome;
  return outcome === "full" || outcome === "resumed";
}

/** Whether a span is in what was written, or sticks out at its end by so little that it can wait. */
function isWritten(spans: readonly Span[], { fromMs, toMs }: Span): boolean {
  return spans.some(
    (span) => fromMs >= span.fromMs && fromMs <= span.toMs && toMs < span.toMs + WRITE_EVERY_MS,
  );
}

// One process writes, and it knows what it wrote, so the newest text replaces the last.
const UPSERT = `INSERT INTO "Coverage" ("tenantId", "node", "system", "vantage", "source", "spans", "outcomes")
  SELECT ?, value->>0, value->>1, value->>2, value->>3, value->4, value->>5 FROM json_each(?) WHERE true
  ON CONFLICT DO UPDATE SET "spans" = excluded."spans", "outcomes" = excluded."outcomes"`;

function rowsText(widened: ReadonlyMap<string, Seen>): string {
  const rows = [...widened].map(([key, { spans, outcomes }]) => {
    const [, ...names] = JSON.parse(key) as [number, ...string[]];
    return [...names, spans.map(({ fromMs, toMs }) => [fromMs, toMs]), outcomes ? 1 : 0];
  });
  return JSON.stringify(rows);
}

type Buckets = { readonly startsMs: Set<number>; outcomes: boolean };

/** What cells tell of each view, those left out that it holds `already`. */
function seenIn(
  tenant: TenantId,
  { cells, packed, interner }: Pick<Commit, "cells" | "packed"> & { interner: Interner },
  already: (cell: Sight) => boolean,
): Map<string, SeenNow> {
  const bySegment = new Map<number, Buckets>();
  const see = (cell: Sight): void => {
    if (already(cell)) return;
    const { segmentId, bucketStartMs, resultId } = cell;
    let buckets = bySegment.get(segmentId);
    if (!buckets) {
      buckets = { startsMs: new Set(), outcomes: false };
      bySegment.set(segmentId, buckets);
    }
    buckets.startsMs.add(bucketStartMs);
    if (tellsOutcome(interner, resultId)) buckets.outcomes = true;
  };
  cells.forEach(see);
  if (packed) eachCell(packed.bytes, see);
  const byView = new Map<string, SeenNow>();
  for (const [id, { startsMs, outcomes }] of bySegment) {
    const segment = interner.segments.get(id);
    if (!segment) continue;
    const key = viewKey(tenant, segment);
    const known = byView.get(key);
    let spans: readonly Span[] = known?.spans ?? [];
    for (const fromMs of startsMs) spans = joinSpan(spans, { fromMs, toMs: fromMs + BUCKET_MS }, GRACE_MS);
    const segments = known?.segments ?? [];
    segments.push(id);
    byView.set(key, { spans, outcomes: outcomes || known?.outcomes === true, segments });
  }
  return byView;
}

function viewKey(tenant: TenantId, { node, system, vantage, source }: KnownSegment): string {
  return JSON.stringify([tenant, node ?? "", system ?? "", vantage, source ?? ""]);
}

const known = (name: string): string | null => (name === "" ? null : name);

/** Where handshakes were seen from, by node, product and vantage. */
export async function readCoverage(sql: Sql, tenant: TenantId): Promise<Coverage[]> {
  const rows = await queryJson<Row>(
    sql,
    `SELECT json_group_array(json_array(${COLUMNS})) AS json FROM (SELECT * FROM "Coverage" WHERE "tenantId" = ?
       ORDER BY "node", "system", "vantage", "source")`,
    tenant,
  );
  const views = Map.groupBy(rows, ([node, system, vantage]) => JSON.stringify([node, system, vantage]));
  return [...views.values()].map((list) => {
    const [node, system, vantage] = list[0] as Row;
    return {
      node: known(node),
      system: known(system),
      vantage,
      sources: list.flatMap(([, , , source]) => (source === "" ? [] : [source])),
      outcomes: list.some((row) => row[5] === 1),
      spans: list
        .flatMap((row) => toSpans(row[4]))
        .reduce<Span[]>((spans, span) => joinSpan(spans, span, GRACE_MS), []),
    };
  });
}

/** Vantages that people chose. */
export async function readTruthChoices(sql: Sql, tenant: TenantId): Promise<TruthChoice[]> {
  const rows = await queryJson<[string, string, Vantage]>(
    sql,
    `SELECT json_group_array(json_array("node", "system", "vantage")) AS json FROM "TruthChoice" WHERE "tenantId" = ?`,
    tenant,
  );
  return rows.map(([node, system, vantage]) => ({ node: known(node), system: known(system), vantage }));
}

/** Keeps a choice, or forgets it where the vantage is null. */
export async function writeTruthChoice(
  sql: Sql,
  tenant: TenantId,
  choice: Omit<TruthChoice, "vantage"> & { readonly vantage: Vantage | null },
): Promise<void> {
  const of = [tenant, choice.node ?? "", choice.system ?? ""];
  if (choice.vantage === null)
    await sql.$executeRawUnsafe(
      `DELETE FROM "TruthChoice" WHERE "tenantId" = ? AND "node" = ? AND "system" = ?`,
      ...of,
    );
  else
    await sql.$executeRawUnsafe(
      `INSERT INTO "TruthChoice" ("tenantId", "node", "system", "vantage") VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET "vantage" = excluded."vantage"`,
      ...of,
      choice.vantage,
    );
}
