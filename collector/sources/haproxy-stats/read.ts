/** The forms in which HAProxy tells its statistics: CSV and `show info` of the stats socket, JSON, Prometheus text. */
import { parseJson } from "../../../lib/runtime/json.ts";
import { type Fields, numberOf, textOf } from "../fields.ts";
import { instanceOf, observationsOf } from "../metric-points.ts";
import { observationAt, pickNumbers } from "../metric-result.ts";
import type {
  MetricDefaults,
  MetricPoint,
  Observation,
  Placement,
  ReadAt,
  ReadResult,
} from "../metric-source.ts";
import { parsePrometheusText } from "../prometheus-text.ts";

const FRONTEND_COUNTERS = ["ssl_sess", "ssl_reused_sess", "ssl_failed_handshake"] as const;
const CACHE_COUNTERS = ["SslCacheLookups", "SslCacheMisses"] as const;
/** The scope of what HAProxy counts for the whole process. */
const PROCESS = "process";

/** More frontends than one HAProxy has: what comes with them is no statistics. */
const MAX_FRONTENDS = 5_000;

/** Values by field name, as text or number, whichever form they came in. */
type Statistics = { readonly info: Fields; readonly frontends: readonly Fields[] };

/** Reads any of the forms. Never throws. */
export function readStatistics(body: string, at: ReadAt): ReadResult {
  const start = body.trimStart();
  if (start.startsWith("[")) return toObservations(fromJson(start), at);
  if (start.startsWith("# pxname,") || /^Name: /.test(start)) return toObservations(fromText(start), at);
  return fromPrometheus(body, at);
}

function toObservations(statistics: Statistics, at: ReadAt): ReadResult {
  const { info, frontends } = statistics;
  if (frontends.length > MAX_FRONTENDS)
    return { ok: false, reason: `more than ${MAX_FRONTENDS} frontends are told` };
  const startS = numberOf(info.Start_time_sec);
  const common = {
    node: at.node ?? textOf(info.node),
    startedMs: startS === null ? null : startS * 1000,
  };
  const observations: Observation[] = [];
  for (const row of frontends) {
    const name = textOf(row.pxname);
    const totals = pickNumbers(row, FRONTEND_COUNTERS);
    if (name === null || Object.keys(totals).length === 0) continue;
    const endpoint = at.endpoint ?? name;
    observations.push(observationAt(at, `frontend ${name}`, { ...common, endpoint, totals }));
  }
  const cache = pickNumbers(info, CACHE_COUNTERS);
  if (Object.keys(cache).length > 0)
    observations.push(observationAt(at, PROCESS, { ...common, totals: cache }));
  return observations.length > 0
    ? { ok: true, observations }
    : { ok: false, reason: "no ssl_sess of a frontend in it: HAProxy 2.3 or newer tells it" };
}

/** `show info` ("Name: value" lines), `show stat` (CSV with its header), or both behind each other. */
function fromText(text: string): Statistics {
  const info: Record<string, string> = {};
  const frontends: Fields[] = [];
  let columns: readonly Column[] | null = null;
  for (const line of text.split("\n")) {
    if (line.length > MAX_LINE) continue;
    if (line.startsWith("# pxname,")) columns = columnsOf(line.slice(2));
    else if (columns !== null) {
      // Most lines are of servers: they are not worth taking apart.
      if (frontends.length <= MAX_FRONTENDS && line.includes(",FRONTEND,"))
        frontends.push(...frontendIn(cellsOf(line), columns));
    } else {
      const [, name, value] = /^([\w-]+): (.*)$/.exec(line.trimEnd()) ?? [];
      if (name !== undefined && value !== undefined) info[name] = value;
    }
  }
  return { info, frontends };
}

/** Longest line that is taken apart: a row has some hundred short cells. */
const MAX_LINE = 65_536;
const COLUMNS: ReadonlySet<string> = new Set(["pxname", "svname", ...FRONTEND_COUNTERS]);
type Column = { readonly name: string; readonly index: number };

/** The columns that are read, among all of a header. */
function columnsOf(header: string): Column[] {
  return cellsOf(header)
    .map((name, index) => ({ name, index }))
    .filter(({ name }) => COLUMNS.has(name));
}

function frontendIn(cells: readonly string[], columns: readonly Column[]): Fields[] {
  const row: Fields = Object.fromEntries(columns.map(({ name, index }) => [name, cells[index]]));
  return row.svname === "FRONTEND" ? [row] : [];
}

/** The cells of a CSV line; a cell with commas stands in double quotes, which are doubled inside. */
function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.trimEnd().split(",");
  const cells: string[] = [];
  for (const [, quoted, plain] of line.trimEnd().matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g))
    cells.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
  return cells;
}

/** `show stat json` (a list of lists of fields) or `show info json` (a list of fields). */
function fromJson(text: string): Statistics {
  const list = listOf(text);
  const rows = list.filter(Array.isArray).map((fields: readonly unknown[]) => rowOf(fields));
  const isFrontend = (row: Fields): boolean => row.svname === "FRONTEND";
  return { info: rowOf(list.filter((item) => !Array.isArray(item))), frontends: rows.filter(isFrontend) };
}

function listOf(text: string): readonly unknown[] {
  try {
    const value: unknown = parseJson(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function rowOf(fields: readonly unknown[]): Fields {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const { field: about, value } = (field ?? {}) as {
        field?: { name?: unknown };
        value?: { value?: unknown };
      };
      return typeof about?.name === "string" ? [[about.name, value?.value]] : [];
    }),
  );
}

const START_TIME = "haproxy_process_start_time_seconds";
const NAMES: ReadonlyMap<string, string> = new Map([
  ["haproxy_frontend_ssl_sess", "ssl_sess"],
  ["haproxy_frontend_ssl_reused_sess", "ssl_reused_sess"],
  ["haproxy_frontend_ssl_failed_handshake", "ssl_failed_handshake"],
  ["haproxy_process_ssl_cache_lookups", "SslCacheLookups"],
  ["haproxy_process_ssl_cache_misses", "SslCacheMisses"],
]);
const counterOf = (name: string): string | undefined => NAMES.get(name.replace(/_total$/, ""));

/** Where a point of HAProxy's own Prometheus exporter belongs. */
export function placePoint(point: MetricPoint, defaults: MetricDefaults): Placement | null {
  const counter = counterOf(point.name);
  if (counter === undefined) return null;
  const { node, prefix } = instanceOf(point.labels, defaults);
  const frontend = point.name.startsWith("haproxy_frontend_") ? point.labels.proxy : undefined;
  if (frontend === undefined && point.name.startsWith("haproxy_frontend_")) return null;
  return {
    scope: `${prefix}${frontend === undefined ? PROCESS : `frontend ${frontend}`}`,
    endpoint: defaults.endpoint ?? frontend ?? null,
    node,
    protocol: null,
    counter,
    gauge: false,
  };
}

function fromPrometheus(body: string, at: ReadAt): ReadResult {
  const wanted = (name: string): boolean => name === START_TIME || counterOf(name) !== undefined;
  const text = parsePrometheusText(body, { atMs: at.atMs, wanted });
  if (!text.ok) return text;
  const startS = numberOf(text.points.find(({ name }) => name === START_TIME)?.value);
  const startedMs = startS === null ? null : startS * 1000;
  const points = text.points.map((point) => ({ ...point, startedMs }));
  const observations = observationsOf(points, placePoint, at);
  return observations.length > 0
    ? { ok: true, observations }
    : { ok: false, reason: "neither HAProxy's statistics nor its Prometheus metrics" };
}
