import type { Metrics } from "../../lib/runtime/metrics.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import type { WriteStore } from "../../lib/store/port.ts";
import type { Job } from "./scheduler.ts";

const COMPACT_EVERY_MS = 10_000;
const RETAIN_EVERY_MS = 600_000;

/** Compaction and retention of the store. */
export function housekeeping(store: WriteStore, settings: Settings, metrics: Metrics): Job[] {
  const compaction: Job = {
    name: "compaction",
    everyMs: COMPACT_EVERY_MS,
    run: async (nowMs) => {
      const { compactedUntilMs } = await store.compact(nowMs);
      metrics.compactedUntil.set(compactedUntilMs / 1000);
    },
  };
  const retention: Job = {
    name: "retention",
    everyMs: RETAIN_EVERY_MS,
    run: async (nowMs) => {
      await store.retain(nowMs, {
        tenSecondsMs: settings.retainTenSecondsMs,
        minutesMs: settings.retainMinutesMs,
        hoursMs: settings.retainHoursMs,
        samplesMs: settings.retainSamplesMs,
        batchesMs: settings.retainBatchesMs,
      });
    },
  };
  return [compaction, retention];
}
