import { numberOf } from "../fields.ts";
import { clfMs } from "../formats/kinds.ts";
import { LineFormat, MAX_FORMAT, misfit } from "../formats/line-format.ts";
import type { Values } from "../formats/template.ts";
import {
  type Decoded,
  type FormatResult,
  isDatedByArrival,
  type LineDecoder,
  type LineDefaults,
} from "../source.ts";
import { type Directive, parseDirectives } from "./directive.ts";
import { decodeFailureLine } from "./failure-line.ts";
import { HaproxyConnections } from "./map.ts";
import { decodeValue, ERROR_NEEDS, NEEDS, piecesOf } from "./variables.ts";

type Compiled = { readonly error: boolean; readonly format: LineFormat };

/** Compiles HAProxy's log-format and error-log-format, as they stand in its configuration or bare. */
export function haproxyFormat(text: string): FormatResult {
  if (text.length > MAX_FORMAT)
    return { ok: false, problem: `The log-format is longer than ${MAX_FORMAT} characters.` };
  const directives = parseDirectives(text);
  if (typeof directives === "string") return { ok: false, problem: directives };
  const compiled: Compiled[] = [];
  for (const directive of directives) {
    const format = compile(directive);
    if (typeof format === "string") return { ok: false, problem: format };
    compiled.push({ error: directive.error, format });
  }
  return {
    ok: true,
    recognises: (line) => compiled.some(({ format }) => format.read(line) !== null),
    decoder: (defaults) => formatDecoder(compiled, defaults),
  };
}

function compile(directive: Directive): LineFormat | string {
  const noun = directive.error ? "error-log-format" : "log-format";
  const pieces = piecesOf(directive.format);
  if (typeof pieces === "string") return pieces;
  const needs = directive.error ? ERROR_NEEDS : NEEDS;
  return LineFormat.of(pieces, { decode: decodeValue, needs, noun });
}

function formatDecoder(formats: readonly Compiled[], defaults: LineDefaults): LineDecoder {
  const connections = new HaproxyConnections(defaults);
  return {
    decode(line, receivedMs): Decoded {
      let ambiguous = false;
      for (const { error, format } of formats) {
        const values = format.read(line);
        if (values === "ambiguous") ambiguous = true;
        else if (values !== null)
          return decodeValues(connections, values, { error, receivedMs, live: isDatedByArrival(defaults) });
      }
      return (
        decodeFailureLine(line, receivedMs, defaults) ?? {
          kind: "refused",
          reason: misfit(ambiguous ? "ambiguous" : null, "log-format"),
        }
      );
    },
  };
}

type At = { readonly error: boolean; readonly receivedMs: number; readonly live: boolean };

function decodeValues(connections: HaproxyConnections, values: Values, at: At): Decoded {
  const log_ms = timeOf(values, at);
  if (log_ms === null) return { kind: "refused", reason: "the time of the line cannot be read" };
  const failed = at.error || Number(values.fc_err ?? 0) > 0;
  // Without ssl_fc_is_resumed, a handshake that did not fail is one of which nothing more is known.
  const sslv = values.resumed === undefined ? "" : values.sslv;
  return connections.decode({ ...values, log_ms, sslv, ...(failed ? { err: true } : {}) });
}

/** Epoch milliseconds by the finest time that the line carries; a time without a zone counts as in the error logs. */
function timeOf(values: Values, at: At): number | null {
  const { date_us, date_ms, date_s, accept_s, accept_ms, zoned, local } = values;
  const ms = numberOf(date_ms) ?? scaled(date_us, 0.001);
  if (ms !== null) return Math.floor(ms);
  const acceptMs = scaled(accept_s, 1000);
  if (acceptMs !== null) return acceptMs + (numberOf(accept_ms) ?? 0);
  const dateMs = scaled(date_s, 1000) ?? (zoned === undefined ? null : clfMs(zoned));
  if (dateMs !== null || local === undefined) return dateMs;
  const localMs = clfMs(local);
  return localMs !== null && at.live ? at.receivedMs : localMs;
}

function scaled(text: string | undefined, factor: number): number | null {
  const value = numberOf(text);
  return value === null ? null : value * factor;
}
