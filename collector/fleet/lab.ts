import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemClock } from "../../lib/runtime/clock.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import { DATABASE_NAME, openingOf, openReadStore } from "../../lib/store/open.ts";
import { DEFAULT_TENANT } from "../../lib/store/port.ts";
import { type Collector, runCollector } from "../main.ts";
import { LabClock } from "./lab-clock.ts";
import { type RunningFleet, type RunOptions, runFleet } from "./run.ts";

export type LabOptions = Pick<RunOptions, "topology" | "perMinute" | "rotateEveryMs" | "script"> & {
  readonly clock: LabClock;
  readonly log: Logger;
  readonly caughtUp?: () => void;
};
export type Lab = { readonly collector: Collector; readonly running: RunningFleet; stop(): Promise<void> };

/**
 * A collector and the lab fleet in one process, both by the lab's time: what is played from the past is judged when it
 * comes, as it would have been then. Throws as `runCollector` does.
 */
export async function runLab(settings: Settings, options: LabOptions): Promise<Lab> {
  const { log, clock, ...rest } = options;
  const collector = await runCollector(settings, { clock: clock.now, log });
  const collectorUrl = `http://${settings.collectorHost}:${collector.httpPort}`;
  const running = await runFleet({ ...rest, clock, collectorUrl, dataDir: settings.dataDir });
  const stop = async (): Promise<void> => {
    await running.stop();
    await collector.close();
  };
  return { collector, running, stop };
}

/**
 * Lab time for a store: from where its telemetry ends, at most so long ago. `fresh` tells that there is none, so that the
 * whole of that time is played.
 */
export async function clockFor(
  settings: Settings,
  { pastMs, tempo }: { readonly pastMs: number; readonly tempo: number },
): Promise<{ readonly clock: LabClock; readonly fresh: boolean }> {
  const file = join(resolve(settings.dataDir), DATABASE_NAME);
  const nowMs = systemClock();
  let newestMs: number | null = null;
  if (existsSync(file)) {
    const store = openReadStore(openingOf(settings));
    newestMs = (await store.extent(DEFAULT_TENANT))?.toMs ?? null;
    await store.close();
  }
  const startMs = Math.max(nowMs - pastMs, newestMs ?? 0);
  return { clock: new LabClock({ system: systemClock, startMs, tempo }), fresh: newestMs === null };
}
