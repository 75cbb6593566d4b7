import type { z } from "zod";
import {
  CARRIED,
  type Carried,
  HASHED_KEY_NAME,
  MAX_ROLLUP_LINE_BYTES,
  SITE_SOURCE,
  type WireRollup,
  wireBreach,
  wireRefusal,
  wireRollup,
  wireTlsAlert,
} from "../../lib/contract/rollup.ts";
import type { Origin } from "../../lib/domain/handshake.ts";
import type { Grant, Place } from "../../lib/domain/source-token.ts";
import { VANTAGES, type Vantage } from "../../lib/domain/vocabulary.ts";
import { parseJson } from "../../lib/runtime/json.ts";
import { encodedProblem } from "../../lib/stats/encoded.ts";
import { Histogram } from "../../lib/stats/histogram.ts";
import { placeProblem, scopeProblem } from "../access/allowed.ts";
import type { FoldedRow } from "../pipeline/fold.ts";
import {
  breach,
  countRefusals,
  emptyIntake,
  type Intake,
  refuse,
  type TimeWindow,
  take,
  timeProblem,
} from "../pipeline/intake.ts";
import { handshakeProblem, isName } from "../pipeline/names.ts";
import { PROBER } from "../probe/prober.ts";
import { findMetricSource, METRIC_SOURCES } from "../sources/metric-registry.ts";
import {
  contradictionOf,
  type DecodedWire,
  decodeWire,
  parseWireHandshake,
} from "../sources/native/parse.ts";
import { nestedField } from "../sources/native/read-flat.ts";
import { findSource, SOURCES } from "../sources/registry.ts";
import { logOrigin } from "../sources/source.ts";
import { HttpProblem } from "./body.ts";
import { senderOf } from "./sender.ts";

/** Where rollup rows are pushed to. */
export const ROLLUPS_PATH = "/v1/rollups";
/** In place of a source: lines that no source recognised. They can only be reported as refused. */
export const UNKNOWN_SOURCE = "unknown";
/** Names under which no handshakes are told: there can be no rows of them. */
const WITHOUT_ROWS: readonly string[] = [UNKNOWN_SOURCE, PROBER, SITE_SOURCE];

type At = { readonly line: string; readonly index: number; readonly window: TimeWindow };
type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/**
 * Reads a push of rollups: rows, changes, readings, uses of keys, and reports of what the sender refused (lib/contract/rollup.ts). What is wrong is
 * refused line by line, as everywhere. `?source=` names whose handshakes they are, `?vantage=counters` says that they are
 * increases of counters, `?newest=` (epoch ms) when the newest of them happened, `?hashed=1` that names of keys are hashed. Throws HttpProblem 400 and 404.
 */
export function readRollups(
  push: { readonly query: URLSearchParams; readonly transport: string; readonly grant: Grant | null },
  lines: (visit: (line: string, index: number) => void) => void,
  window: TimeWindow,
): Intake {
  const origin = originOf(push.query);
  const sender = senderOf(push.query);
  const source = push.query.get("source") ?? UNKNOWN_SOURCE;
  const intake = emptyIntake({ source, transport: push.transport, sender }, origin, push.grant);
  intake.areKeysHashed = push.query.get("hashed") === "1";
  const newestMs = Number(push.query.get("newest") ?? "none");
  intake.newestMs = timeProblem(newestMs, window) === null ? newestMs : null;
  lines((line, index) => {
    const reason =
      line.length > MAX_ROLLUP_LINE_BYTES
        ? `the line is longer than ${MAX_ROLLUP_LINE_BYTES} bytes`
        : takeLine(intake, { line, index, window });
    if (reason !== null) refuse(intake, index, { reason, line });
  });
  return intake;
}

function originOf(query: URLSearchParams): Origin {
  const name = query.get("source") ?? "";
  const vantage = (query.get("vantage") ?? "log") as Vantage;
  if (!VANTAGES.includes(vantage))
    throw new HttpProblem(400, `vantage must be one of ${VANTAGES.join(", ")}`);
  if (WITHOUT_ROWS.includes(name)) return { source: null, system: null, vantage };
  const isCounted = vantage === "counters";
  const line = isCounted ? undefined : findSource(name);
  if (line) return logOrigin(line);
  const counter = isCounted ? findMetricSource(name) : undefined;
  if (counter) return { source: counter.name, system: counter.system, vantage };
  const known = (isCounted ? METRIC_SOURCES : SOURCES).map((one) => one.name).join(", ");
  throw new HttpProblem(404, `unknown source "${name.slice(0, 60)}"; known: ${known}`);
}

/** Takes one line; answers why it is refused, or null. */
function takeLine(intake: Intake, at: At): string | null {
  const { line, window } = at;
  let value: unknown;
  try {
    value = parseJson(line);
  } catch {
    return "not JSON";
  }
  if (typeof value !== "object" || value === null) return "a JSON object is expected";
  if ("refused" in value) return takeRefusal(intake, value);
  if ("breach" in value) return takeBreach(intake, value);
  if ("tlsAlert" in value) return takeTlsAlert(intake, value.tlsAlert, window);
  const carried = CARRIED.find((name) => name in value);
  if (carried) return takeCarried(intake, carried, { value: value[carried as keyof object], ...at });
  if (intake.origin.source === null) return "rows need a known source";
  const row = parseRow(value);
  if (!row.ok) return row.reason;
  const problem = timeProblem(row.value.bucketStartMs, window) ?? beyond(intake, row.value);
  if (problem === null) intake.rows.push(row.value);
  return problem;
}

function takeRefusal(intake: Intake, value: object): string | null {
  const parsed = check(wireRefusal, value);
  if (!parsed.ok) return parsed.reason;
  const { refused, count, sample = null } = parsed.value;
  countRefusals(intake, { reason: refused, line: sample, count });
  intake.refusedBySender += count;
  intake.reports += 1;
  return null;
}

function takeBreach(intake: Intake, value: object): string | null {
  const parsed = check(wireBreach, value);
  if (!parsed.ok) return parsed.reason;
  breach(intake, parsed.value.breach, parsed.value.detail, parsed.value.count);
  intake.reports += 1;
  return null;
}

function takeTlsAlert(intake: Intake, value: unknown, window: TimeWindow): string | null {
  const parsed = check(wireTlsAlert, value);
  if (!parsed.ok) return parsed.reason;
  const { ts: atMs, vantage, alert, count } = parsed.value;
  const endpoint = parsed.value.endpoint || null;
  const problem = timeProblem(atMs, window) ?? beyond(intake, { endpoint, node: null });
  if (problem !== null) return problem;
  if (!isName(alert) || !isName(endpoint ?? "")) return "alert or endpoint holds characters that do not show";
  intake.tlsAlerts.push({ bucketStartMs: atMs, endpoint, vantage, alert, count });
  return null;
}

function takeCarried(intake: Intake, carried: Carried, at: { value: unknown } & At): string | null {
  const { value, ...where } = at;
  if (carried === "sample") return takeSample(intake, value, where.window);
  const told = decodeWire(carried, value);
  if (told.kind === "refused") return told.reason;
  const forbidden = scopeProblem(intake.grant, told.kind);
  if (forbidden !== null) return forbidden;
  if (intake.areKeysHashed && !hasHashedName(told)) return "keyName is no hash, but hashed=1 says so";
  take(intake, told, where);
  return null;
}

/** Whether the name of a key, where something tells of one, is what a hash looks like. */
function hasHashedName(told: DecodedWire): boolean {
  if (told.kind === "key") return HASHED_KEY_NAME.test(told.key.keyName);
  return told.kind !== "keyEvent" || HASHED_KEY_NAME.test(told.event.keyName);
}

function takeSample(intake: Intake, value: unknown, window: TimeWindow): string | null {
  const handshake = parseWireHandshake(value);
  if (!handshake.ok) return handshake.reason;
  const problem =
    timeProblem(handshake.value.atMs, window) ??
    handshakeProblem(handshake.value) ??
    beyond(intake, handshake.value);
  if (problem === null) intake.samples.push(handshake.value);
  return problem;
}

const beyond = (intake: Intake, place: Place): string | null =>
  placeProblem(intake.grant, place, intake.key.sender);

/** A row from a parsed JSON value, or the field and the reason why not. */
export function parseRow(value: unknown): Parsed<FoldedRow> {
  const parsed = check(wireRollup, value);
  if (!parsed.ok) return parsed;
  const wire = parsed.value;
  const { handshakeUs: _h, ttfbUs: _t, ticketAgeS: _a, ...result } = wire;
  const contradiction = contradictionOf({ ...result, ts: wire.bucketStartMs });
  if (contradiction) return { ok: false, reason: contradiction.reason };
  for (const field of ["endpoint", "node", "region", "family", "earlyDataReason"] as const)
    if (wire[field] && !isName(wire[field]))
      return { ok: false, reason: `${field} holds characters that do not show` };
  return withHistograms(wire);
}

function withHistograms(wire: WireRollup): Parsed<FoldedRow> {
  const decoded: Record<"handshakeUs" | "ttfbUs" | "ticketAgeS", Histogram | null> = {
    handshakeUs: null,
    ttfbUs: null,
    ticketAgeS: null,
  };
  for (const metric of ["handshakeUs", "ttfbUs", "ticketAgeS"] as const) {
    const text = wire[metric] ?? null;
    if (text === null) continue;
    const read = histogramOf(text, wire.count);
    if (!read.ok) return { ok: false, reason: `${metric} ${read.reason}` };
    decoded[metric] = read.value;
  }
  const { bucketStartMs, count, outcome, protocol = null, offer = null, mechanism = null } = wire;
  const { reason = null, earlyData = null } = wire;
  return {
    ok: true,
    value: {
      bucketStartMs,
      endpoint: wire.endpoint || null,
      node: wire.node || null,
      region: wire.region || null,
      family: wire.family || null,
      protocol,
      outcome,
      offer,
      mechanism,
      reason,
      earlyData,
      earlyDataReason: wire.earlyDataReason || null,
      count,
      ...decoded,
    },
  };
}

function histogramOf(text: string, most: number): Parsed<Histogram> {
  const bytes = Buffer.from(text, "base64");
  let value: Histogram;
  try {
    value = Histogram.decode(bytes);
  } catch (error) {
    return { ok: false, reason: `cannot be read: ${(error as Error).message}` };
  }
  const problem = encodedProblem(bytes, value, most);
  return problem === null ? { ok: true, value } : { ok: false, reason: problem };
}

function check<T extends z.ZodObject>(contract: T, value: unknown): Parsed<z.infer<T>> {
  const nested = nestedField(contract, value);
  if (nested !== null) return { ok: false, reason: `${nested}: an object or array is not expected` };
  const parsed = contract.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  return { ok: false, reason: `${issue?.path.join(".") || "line"}: ${issue?.message}` };
}
