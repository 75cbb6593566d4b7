import { emptyIntake, type Intake, take } from "../../collector/pipeline/intake.ts";
import { isName } from "../../collector/pipeline/names.ts";
import type { Decoded, ToldKey } from "../../collector/sources/source.ts";
import type { Handshake } from "../../lib/domain/handshake.ts";
import { KEY_USES } from "../../lib/domain/keys.ts";
import {
  CHANGE_KINDS,
  EARLY_DATA,
  MECHANISMS,
  OFFERS,
  OUTCOMES,
  PROTOCOLS,
  REJECTION_REASONS,
} from "../../lib/domain/vocabulary.ts";

/** The fixtures' and the clock's now. */
export const NOW = Date.UTC(2026, 10, 24);
/** Any finite time: what is stored is looked at, not what is too old. */
export const WINDOW = {
  nowMs: NOW,
  maxPastMs: Number.MAX_SAFE_INTEGER,
  maxFutureMs: Number.MAX_SAFE_INTEGER,
};
/** Reasons are told to the sender, up to a hundred for each push. */
const MAX_REASON = 1_000;

const WORDS = {
  protocol: PROTOCOLS,
  outcome: OUTCOMES,
  offer: OFFERS,
  mechanism: MECHANISMS,
  reason: REJECTION_REASONS,
  earlyData: EARLY_DATA,
} as const;
const NUMBERS = ["handshakeUs", "ttfbUs", "ticketAgeS"] as const;
const TEXTS = [
  "endpoint",
  "node",
  "region",
  "family",
  "cipher",
  "group",
  "earlyDataReason",
  "keyName",
  "ticketId",
  "client",
  "alert",
] as const;

function check(condition: boolean, message: () => string): void {
  if (!condition) throw new Error(message());
}
const shown = (value: unknown): string =>
  (typeof value === "number" ? String(value) : String(JSON.stringify(value))).slice(0, 80);

/** What every decoder promises of a handshake, whatever the line was. */
export function checkHandshake(handshake: Handshake): void {
  check(Number.isFinite(handshake.atMs), () => `atMs is ${handshake.atMs}`);
  for (const [field, words] of Object.entries(WORDS)) {
    const value = handshake[field as keyof typeof WORDS];
    check(
      value === null || (words as readonly unknown[]).includes(value),
      () => `${field} is ${shown(value)}`,
    );
  }
  for (const field of NUMBERS) {
    const value = handshake[field];
    check(value === null || (Number.isFinite(value) && value >= 0), () => `${field} is ${shown(value)}`);
  }
  for (const field of TEXTS) {
    const value: unknown = handshake[field];
    check(value === null || typeof value === "string", () => `${field} is ${shown(value)}`);
  }
  const { count, mechanism, outcome, reason, offer, protocol } = handshake;
  check(Number.isInteger(count) && count >= 1, () => `count is ${count}`);
  check(mechanism === null || outcome === "resumed", () => `mechanism ${mechanism} of ${outcome}`);
  check(reason === null || outcome !== "resumed", () => `reason ${reason} of a resumed handshake`);
  check(outcome !== "resumed" || offer !== "none", () => "resumed without an offer");
  const old = protocol !== null && protocol !== "TLSv1.3";
  check(!(old && (mechanism === "psk" || offer === "psk")), () => `psk over ${protocol}`);
}

export function checkDecoded(decoded: Decoded): void {
  if (decoded.kind === "handshake") checkHandshake(decoded.handshake);
  else if (decoded.kind === "refused")
    check(
      decoded.reason !== "" && decoded.reason.length <= MAX_REASON,
      () => `reason is ${shown(decoded.reason)}`,
    );
  else if (decoded.kind === "change") {
    const { kind, atMs, title } = decoded.change;
    check(CHANGE_KINDS.includes(kind), () => `kind is ${shown(kind)}`);
    check(Number.isFinite(atMs) && title !== "", () => `a change at ${atMs} with title ${shown(title)}`);
  } else if (decoded.kind === "cache") {
    const { atMs, endpoint: _e, node: _n, cache: _c, ...counts } = decoded.cache;
    check(Number.isFinite(atMs), () => `atMs is ${atMs}`);
    checkNumbers(counts);
  } else if (decoded.kind === "key") checkKey(decoded.key);
  else check(decoded.kind === "ignored", () => `kind is ${shown(decoded)}`);
}

function checkKey({ atMs, count, lifetimeHintS, keyName, use }: ToldKey): void {
  check(Number.isFinite(atMs) && keyName !== "", () => `a key ${shown(keyName)} at ${atMs}`);
  check(KEY_USES.includes(use), () => `use is ${shown(use)}`);
  checkNumbers({ count, lifetimeHintS });
}

/** Numbers that can be counted with: finite, and none below zero. */
export function checkNumbers(numbers: Readonly<Record<string, number | null>>): void {
  for (const [field, value] of Object.entries(numbers))
    check(value === null || (Number.isFinite(value) && value >= 0), () => `${field} is ${shown(value)}`);
}

/** Times that are times. */
export function checkTime(times: Readonly<Record<string, number | null>>): void {
  for (const [field, value] of Object.entries(times))
    check(value === null || Number.isFinite(value), () => `${field} is ${shown(value)}`);
}

/** Of whatever is handed to be stored: nothing that could not be told of a fleet. */
export function checkIntake(intake: Intake): void {
  for (const handshake of intake.handshakes) {
    checkHandshake(handshake);
    for (const field of TEXTS) {
      const value = handshake[field];
      check(
        value === null || field === "ticketId" || isName(value),
        () => `${field} is stored as ${shown(value)}`,
      );
    }
  }
  for (const key of intake.keys) {
    checkKey(key);
    const { keyName, endpoint, node } = key;
    for (const name of [keyName, endpoint, node])
      check(name === null || isName(name), () => `a key is stored with ${shown(name)}`);
  }
  for (const { atMs, endpoint: _e, node: _n, cache: _c, ...counts } of intake.caches) {
    checkTime({ atMs });
    checkNumbers(counts);
  }
  for (const { atMs, startedMs, totals, scope } of intake.counters) {
    checkTime({ atMs, startedMs });
    checkNumbers(totals);
    check(isName(scope), () => `a scope is stored as ${shown(scope)}`);
  }
}

/** An intake into which everything that may be stored is taken. */
export function openIntake(source: string): Intake {
  return emptyIntake({ source, transport: "http", sender: "" }, { source, system: null, vantage: "log" });
}

/** Takes what was decoded; what is in an intake afterwards may be stored, so its names are bounded and show. */
export function checkTaken(decoded: Decoded, line: string, source: string): Intake {
  checkDecoded(decoded);
  const intake = openIntake(source);
  take(intake, decoded, { index: 0, line, window: WINDOW });
  checkIntake(intake);
  const keys = intake.keys.length + intake.keyEvents.length;
  const items = intake.handshakes.length + intake.changes.length + intake.caches.length + keys;
  check(items + intake.ignored + intake.rejected === 1, () => `${items} items taken of one`);
  return intake;
}
