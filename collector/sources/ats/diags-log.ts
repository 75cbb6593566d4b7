import { localMs } from "../local-time.ts";

// [Nov 24 00:10:23.349] [ET_TASK 0] NOTE: …  ; at start the process stands for the thread: traffic_server NOTE: …
const LINE =
  /^\[([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)\.(\d{3})\] (traffic_\w+|\[[A-Z]+_[A-Z]+[^\]]*\]|\{0x[0-9a-f]+\}) (DIAG|DEBUG|STATUS|NOTE|WARNING|ERROR|FATAL|ALERT|EMERGENCY): (.*)$/s;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Clocks may differ a little; a line that is later than this is of the year before. */
const LATEST_AHEAD_MS = 86_400_000;

/** A line of diags.log. */
export type DiagsLine = { readonly text: string; ownMs(receivedMs: number): number };

/** A line of Traffic Server's diags.log; null for another. */
export function parseDiagsLine(line: string): DiagsLine | null {
  const match = LINE.exec(line);
  const month = MONTHS.indexOf(match?.[1] ?? "");
  if (!match || month < 0) return null;
  const [, , day, hour, minute, second, milli, , , text = ""] = match;
  return {
    text,
    ownMs(receivedMs) {
      // The line tells neither year nor zone: the latest such moment that is not in the future.
      const inYear = (year: number) =>
        localMs([String(year), String(month + 1), day, hour, minute, second]) + Number(milli);
      const year = new Date(receivedMs).getFullYear();
      const atMs = inYear(year);
      return atMs > receivedMs + LATEST_AHEAD_MS ? inYear(year - 1) : atMs;
    },
  };
}

/** Whether certificates and ticket keys were loaded: at a start, or 3 to 6 s after a reload was asked for (SOURCES 3.4). */
export function isKeysLoaded({ text }: DiagsLine): boolean {
  return /(?:^|\/)ssl_multicert\.(?:config|yaml) finished loading/.test(text);
}
