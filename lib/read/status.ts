import type { Comparison, SummaryReply } from "../contract/read.ts";
import { allHandshakes, type Counts, rateOf, resumeShare } from "../domain/rates.ts";
import { difference } from "../stats/difference.ts";
import type { Window } from "../store/port.ts";

/** Silence longer than this is said in the status. */
const SILENT_MS = 120_000;
/** A fall of this much, beyond chance, asks for attention. */
const ATTENTION_POINTS = 0.05;

type Facts = {
  readonly current: Counts;
  readonly previous: Counts | null;
  readonly window: Window;
  readonly compare: Comparison;
  readonly nowMs: number;
  /** End of the newest bucket with anything in it. */
  readonly newestMs: number | null;
  /** Incidents that page and are not over. */
  readonly openPages: number;
};

/** The state of the fleet in one sentence of figures; an open page asks for attention whatever they are. */
export function statusOf(facts: Facts): SummaryReply["status"] {
  const status = figuresOf(facts);
  return facts.openPages > 0 && status.level !== "empty" ? { ...status, level: "attention" } : status;
}

function figuresOf(facts: Facts): SummaryReply["status"] {
  const { current, newestMs, nowMs, window } = facts;
  if (newestMs === null)
    return { level: "empty", sentence: "No handshake has arrived yet. Connect a source to begin." };
  const silentMs = nowMs - newestMs;
  const live = window.toMs >= nowMs;
  if (live && silentMs > SILENT_MS && allHandshakes(current) === 0)
    return { level: "unknown", sentence: `No handshake has arrived for ${duration(silentMs)}.` };
  const share = resumeShare(current);
  const rate = rateOf(share);
  if (rate === null && current.unknown > 0)
    return {
      level: "unknown",
      sentence: `${current.unknown.toLocaleString("en-US")} handshakes were completed, but no source here tells full from resumed.`,
    };
  if (rate === null) return { level: "unknown", sentence: "No handshake was completed in this window." };
  const stale = live && silentMs > SILENT_MS ? ` Nothing has arrived for ${duration(silentMs)}.` : "";
  const moved = comparison(facts);
  return {
    level: stale ? "unknown" : moved.attention ? "attention" : "ok",
    sentence: `Clients resumed ${percent(rate)} of ${share.n.toLocaleString("en-US")} handshakes${moved.text}.${stale}`,
  };
}

function comparison({ current, previous, compare }: Facts): { text: string; attention: boolean } {
  if (!previous || compare === "none") return { text: "", attention: false };
  const moved = difference(resumeShare(previous), resumeShare(current));
  const when = compare === "day" ? "the same time yesterday" : "the same time last week";
  if (!moved) return { text: `; there is nothing from ${when} to compare with`, attention: false };
  if (moved.low <= 0 && moved.high >= 0) return { text: `, as at ${when}`, attention: false };
  const points = `${Math.abs(moved.value * 100).toFixed(1)} points ${moved.value < 0 ? "below" : "above"} ${when}`;
  return { text: `, ${points}`, attention: moved.high < -ATTENTION_POINTS };
}

const percent = (rate: number): string => `${(rate * 100).toFixed(1)} %`;

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
