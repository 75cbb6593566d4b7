import type { Origin, Result, Segment } from "../../domain/handshake.ts";
import { EXCLUDED_FAMILIES, type Protocol, type Vantage } from "../../domain/vocabulary.ts";
import type { TenantId } from "../port.ts";
import { queryJson, type Sql } from "./client.ts";
import {
  CUSTOMERS,
  EXCLUDED,
  FIRST_SEGMENT_ID,
  MARGINAL_DIMENSIONS,
  type MarginalDimension,
  NOT_LOG,
} from "./tiers.ts";

export type KnownSegment = Segment &
  Origin & {
    readonly id: number;
    readonly tenantId: TenantId;
    readonly endpointId: number;
    /** Into which marginal it is summed (tiers.ts). */
    readonly class: number;
  };
type EndpointRow = [id: number, tenantId: number, name: string | null];
type SegmentRow = [
  number,
  number,
  number,
  string | null,
  string | null,
  string | null,
  Protocol | null,
  number,
  string | null,
  string | null,
  Vantage,
];
type ResultRow = [number, ...(string | null)[]];

/** Highest number given out of each kind. */
export type Numbers = { readonly endpoint: number; readonly segment: number; readonly result: number };

const FIRST_SEGMENTS = 1_024;

const excludedFamilies: ReadonlySet<string> = new Set(EXCLUDED_FAMILIES);

/**
 * The numbers of endpoints, segments and results. Knows all that the file holds; numbers given out since the last
 * commit are pending and become durable with it (`pending`, `settle`).
 */
export class Interner {
  readonly segments = new Map<number, KnownSegment>();
  readonly results = new Map<number, Result>();
  readonly endpointNames = new Map<number, string | null>();
  /** First segments by dimension, value and class. */
  readonly #firsts = new Map<string, number>();
  /** By segment: asked for with every cell. */
  #endpointOf = new Int32Array(FIRST_SEGMENTS);
  readonly #endpointIds = new Map<string, number>();
  readonly #segmentIds = new Map<string, number>();
  readonly #resultIds = new Map<string, number>();
  #durable: Numbers = { endpoint: 0, segment: 0, result: 0 };
  #last = { endpoint: 0, segment: FIRST_SEGMENT_ID - 1, result: 0 };

  /** Reads what is new in the file since the last call. */
  async refresh(sql: Sql): Promise<void> {
    // Segments first: of those that are read, every endpoint is there by then.
    const segments = await queryJson<SegmentRow>(
      sql,
      `SELECT json_group_array(json_array("id", "tenantId", "endpointId", "node", "region", "family", "protocol",
        "class", "source", "system", "vantage")) AS json FROM "Segment" WHERE "id" > ?`,
      this.#durable.segment,
    );
    const endpoints = await queryJson<EndpointRow>(
      sql,
      `SELECT json_group_array(json_array("id", "tenantId", "name")) AS json FROM "Endpoint" WHERE "id" > ?`,
      this.#durable.endpoint,
    );
    for (const [id, tenantId, name] of endpoints) this.#addEndpoint(id, tenantId, name);
    for (const row of segments) this.#addSegment(toSegment(row, this.endpointNames.get(row[2]) ?? null));
    const results = await queryJson<ResultRow>(
      sql,
      `SELECT json_group_array(json_array("id", "outcome", "offer", "mechanism", "reason", "earlyData",
        "earlyDataReason")) AS json FROM "Result" WHERE "id" > ?`,
      this.#durable.result,
    );
    for (const row of results) this.#addResult(row[0], toResult(row));
    this.#durable = {
      endpoint: highest(endpoints, this.#durable.endpoint),
      segment: highest(segments, this.#durable.segment),
      result: highest(results, this.#durable.result),
    };
  }

  segmentId(tenantId: TenantId, segment: Segment, origin: Origin): number {
    const known = this.#segmentIds.get(segmentKey(tenantId, segment, origin));
    if (known !== undefined) return known;
    const id = this.#last.segment + 1;
    const who = excludedFamilies.has(segment.family ?? "") ? EXCLUDED : CUSTOMERS;
    const endpointId = this.#endpointId(tenantId, segment.endpoint);
    const { endpoint, node, region, family, protocol } = segment;
    this.#addSegment({
      ...{ id, tenantId, endpointId, class: origin.vantage === "log" ? who : NOT_LOG + who },
      ...{ endpoint, node, region, family, protocol },
      ...{ source: origin.source, system: origin.system, vantage: origin.vantage },
    });
    return id;
  }

  /** The number of a known segment; undefined for a new one. */
  find(tenantId: TenantId, segment: Segment, origin: Origin): number | undefined {
    return this.#segmentIds.get(segmentKey(tenantId, segment, origin));
  }

  /** The endpoint of a segment; 0 for one that is not known. */
  endpointOf(segmentId: number): number {
    return this.#endpointOf[segmentId] ?? 0;
  }

  /** The first segment of the tenant with the same value of a dimension and the same class: what stands for them all. */
  firstOf(dimension: MarginalDimension, segmentId: number): number {
    const segment = this.segments.get(segmentId);
    return (segment && this.#firsts.get(firstKey(dimension, segment))) ?? segmentId;
  }

  resultId(result: Result): number {
    const known = this.#resultIds.get(resultKey(result));
    if (known !== undefined) return known;
    const id = this.#last.result + 1;
    const { outcome, offer, mechanism, reason, earlyData, earlyDataReason } = result;
    this.#addResult(id, { outcome, offer, mechanism, reason, earlyData, earlyDataReason });
    return id;
  }

  /** Writes every pending number; call `settle` with the answer once the transaction has committed. */
  async writePending(sql: Sql): Promise<Numbers> {
    const upTo = { ...this.#last };
    const from = this.#durable;
    if (upTo.endpoint > from.endpoint) await this.#writeEndpoints(sql, from.endpoint);
    if (upTo.segment > Math.max(from.segment, FIRST_SEGMENT_ID - 1))
      await this.#writeSegments(sql, from.segment);
    if (upTo.result > from.result) await this.#writeResults(sql, from.result);
    return upTo;
  }

  /** Marks numbers as durable. */
  settle(upTo: Numbers): void {
    this.#durable = upTo;
  }

  async #writeEndpoints(sql: Sql, after: number): Promise<void> {
    const rows = [...this.#endpointIds].flatMap(([key, id]) =>
      id > after ? [[id, Number(key.split("\u0001")[0]), this.endpointNames.get(id) ?? null]] : [],
    );
    await sql.$executeRawUnsafe(
      `INSERT INTO "Endpoint" ("id", "tenantId", "name")
       SELECT value->>0, value->>1, value->>2 FROM json_each(?)`,
      JSON.stringify(rows),
    );
  }

  async #writeSegments(sql: Sql, after: number): Promise<void> {
    const rows = [...this.segments.values()].filter((s) => s.id > after).map(segmentRow);
    await sql.$executeRawUnsafe(
      `INSERT INTO "Segment" ("id", "tenantId", "endpointId", "node", "region", "family", "protocol", "class", "source",
         "system", "vantage")
       SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8,
         value->>9, value->>10
       FROM json_each(?)`,
      JSON.stringify(rows),
    );
  }

  async #writeResults(sql: Sql, after: number): Promise<void> {
    const rows = [...this.results].flatMap(([id, r]) =>
      id > after ? [[id, r.outcome, r.offer, r.mechanism, r.reason, r.earlyData, r.earlyDataReason]] : [],
    );
    await sql.$executeRawUnsafe(
      `INSERT INTO "Result" ("id", "outcome", "offer", "mechanism", "reason", "earlyData", "earlyDataReason")
       SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6 FROM json_each(?)`,
      JSON.stringify(rows),
    );
  }

  #endpointId(tenantId: TenantId, name: string | null): number {
    const known = this.#endpointIds.get(endpointKey(tenantId, name));
    if (known !== undefined) return known;
    const id = this.#last.endpoint + 1;
    this.#addEndpoint(id, tenantId, name);
    return id;
  }

  #addEndpoint(id: number, tenantId: number, name: string | null): void {
    this.#endpointIds.set(endpointKey(tenantId, name), id);
    this.endpointNames.set(id, name);
    this.#last.endpoint = Math.max(this.#last.endpoint, id);
  }

  #addSegment(segment: KnownSegment): void {
    this.#segmentIds.set(segmentKey(segment.tenantId, segment, segment), segment.id);
    this.segments.set(segment.id, segment);
    for (const dimension of MARGINAL_DIMENSIONS) {
      const key = firstKey(dimension, segment);
      if (!this.#firsts.has(key)) this.#firsts.set(key, segment.id);
    }
    if (segment.id >= this.#endpointOf.length) {
      const grown = new Int32Array(segment.id * 2);
      grown.set(this.#endpointOf);
      this.#endpointOf = grown;
    }
    this.#endpointOf[segment.id] = segment.endpointId;
    this.#last.segment = Math.max(this.#last.segment, segment.id);
  }

  #addResult(id: number, result: Result): void {
    this.#resultIds.set(resultKey(result), id);
    this.results.set(id, result);
    this.#last.result = Math.max(this.#last.result, id);
  }
}

/** Not by Math.max(...ids): an engine takes some hundred thousand arguments and no more. */
function highest(rows: readonly (readonly [number, ...unknown[]])[], least: number): number {
  return rows.reduce((most, [id]) => Math.max(most, id), least);
}

// Control characters part the fields; "\u0002" is null, so that null and "" differ.
const part = (value: string | null): string => value ?? "\u0002";

function endpointKey(tenantId: number, name: string | null): string {
  return `${tenantId}\u0001${part(name)}`;
}

function segmentKey(tenantId: number, s: Segment, o: Origin): string {
  return `${tenantId}\u0001${o.vantage}\u0001${part(o.source)}\u0001${part(o.system)}\u0001${part(s.endpoint)}\u0001${part(s.node)}\u0001${part(s.region)}\u0001${part(s.family)}\u0001${part(s.protocol)}`;
}

function resultKey(r: Result): string {
  return `${part(r.outcome)}\u0001${part(r.offer)}\u0001${part(r.mechanism)}\u0001${part(r.reason)}\u0001${part(r.earlyData)}\u0001${part(r.earlyDataReason)}`;
}

function firstKey(dimension: MarginalDimension, segment: KnownSegment): string {
  return `${segment.tenantId}\u0001${dimension}\u0001${segment.class}\u0001${part(segment[dimension])}`;
}

function segmentRow(s: KnownSegment): SegmentRow {
  const where = [s.node, s.region, s.family, s.protocol] as const;
  return [s.id, s.tenantId, s.endpointId, ...where, s.class, s.source, s.system, s.vantage];
}

function toSegment(row: SegmentRow, endpoint: string | null): KnownSegment {
  const [id, tenantId, endpointId, node, region, family, protocol, class_, source, system, vantage] = row;
  const where = { endpoint, node, region, family, protocol };
  return { id, tenantId, endpointId, class: class_, ...where, source, system, vantage };
}

function toResult(row: ResultRow): Result {
  const [, outcome, offer, mechanism, reason, earlyData, earlyDataReason] = row;
  return { outcome, offer, mechanism, reason, earlyData, earlyDataReason } as Result;
}
