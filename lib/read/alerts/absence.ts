import { lengthText } from "../../domain/alert-rule.ts";
import { inLength, inUtc } from "../../domain/words.ts";
import { type Asked, type MeasureContext, type Measured, momentsOf } from "./measured.ts";
import { readSlices } from "./slices.ts";

const HOUR_MS = 3_600_000;

/** How long nothing was heard from what was heard before. What was not heard within `heardWithin` is no alert any more. */
export async function measureAbsence(context: MeasureContext, asked: Asked<"absence">): Promise<Measured[]> {
  const { condition, rule, times } = asked;
  const { window, heardWithin } = condition;
  const request = { rule, metric: "handshakes" as const, times };
  // Who was heard at all is read by the hour: a day of minutes of every node would be a heavy read each minute.
  const heard = await readSlices(context, {
    ...request,
    shortestMs: 5 * HOUR_MS,
    longestMs: heardWithin + window,
  });
  const lately = await readSlices(context, { ...request, shortestMs: window, longestMs: 2 * window });
  const recent = new Map(lately.map((group) => [JSON.stringify(group.labels), group]));
  return heard.map(({ labels, last }) => {
    const fine = recent.get(JSON.stringify(labels));
    const points = momentsOf(times).flatMap((atMs) => {
      const hourly = last(atMs);
      const exact = fine?.last(atMs) ?? null;
      const lastMs = exact ?? (hourly === null ? null : Math.min(hourly, atMs - 2 * window));
      if (lastMs === null || atMs - lastMs > heardWithin + window) return [];
      const silentMs = Math.max(0, atMs - lastMs);
      const silent = silentMs >= window;
      const text = silent
        ? `no handshake for ${exact === null ? "more than " : ""}${inLength(silentMs)}, since ${exact === null ? "before " : ""}${inUtc(lastMs, atMs)}`
        : `heard within the last ${lengthText(window)}`;
      return [{ atMs, sample: { value: silentMs / 1_000, breached: silent, cleared: !silent }, text }];
    });
    return { labels, points };
  });
}
