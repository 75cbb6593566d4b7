import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Lab, runLab } from "../../collector/fleet/lab.ts";
import { LabClock } from "../../collector/fleet/lab-clock.ts";
import { ANY_PORT } from "../../collector/main.ts";
import { systemClock } from "../../lib/runtime/clock.ts";
import { makeLogger } from "../../lib/runtime/log.ts";
import { readSettings, type Settings } from "../../lib/runtime/settings.ts";
import { DEFAULT_TENANT, type StoredChange } from "../../lib/store/port.ts";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Faster than any machine makes handshakes: lab time waits for them. */
const TEMPO = 5_000;
const LOOK_EVERY_MS = 50;
/** Lab time between two scheduled rotations with overlap. */
export const ROTATE_EVERY_MS = 3 * HOUR_MS;

/** A lab to be looked at by its own time. */
export type TestLab = Lab & {
  readonly startMs: number;
  now(): number;
  /** Lets lab time run at most so many times faster than real time. */
  pace(tempo: number): void;
  /**
   * Waits for so many lab minutes, at most: until something is there. By the end the detector has judged them: some lab
   * minutes pass in the second between two of its own looks.
   */
  wait<T>(minutes: number, look?: () => Promise<T | undefined>): Promise<T | undefined>;
  incidents(): Promise<readonly StoredIncident[]>;
  changes(): Promise<readonly StoredChange[]>;
  destroy(): Promise<void>;
};
export type TestLabOptions = {
  readonly nodes: readonly { readonly node: string; readonly region: string }[];
  readonly perMinute: number;
  readonly warmUpHours: number;
  /** One where nothing is said. */
  readonly endpoints?: readonly string[];
  readonly settings?: Partial<Settings>;
};

/** Starts a lab some days ago: real handshakes, as fast as the machine makes them. */
export async function startLab(options: TestLabOptions): Promise<TestLab> {
  const { nodes, perMinute, warmUpHours, endpoints = ["shop.example"] } = options;
  const dataDir = await mkdtemp(join(tmpdir(), "reprise-lab-"));
  const startMs = Math.floor(Date.now() / DAY_MS) * DAY_MS - 6 * DAY_MS;
  const clock = new LabClock({ system: systemClock, startMs, tempo: TEMPO });
  const ports = { collectorPort: 0, syslogPort: ANY_PORT };
  const about = { dataDir, detectWarmUpMs: warmUpHours * HOUR_MS, ...options.settings };
  const settings = { ...readSettings({}), ...ports, ...about };
  const lab = await runLab(settings, {
    ...{ clock, perMinute, script: [], log: makeLogger("silent"), rotateEveryMs: ROTATE_EVERY_MS },
    topology: { endpoints: endpoints.map((name) => ({ name, weight: 1 })), machines: nodes },
  });
  const { store } = lab.collector;
  const all = { fromMs: startMs, toMs: startMs + 6 * DAY_MS, limit: 1_000 };
  return {
    ...lab,
    startMs,
    now: clock.now,
    pace: clock.pace.bind(clock),
    wait: async (minutes, look) => {
      const endMs = clock.now() + minutes * MINUTE_MS;
      for (;;) {
        const nowMs = clock.now();
        await lab.collector.detect();
        const found = await look?.();
        if (found !== undefined || nowMs >= endMs) return found;
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    },
    incidents: () => store.readIncidents(DEFAULT_TENANT, all),
    changes: () => store.readChanges(DEFAULT_TENANT, all),
    destroy: async () => {
      await lab.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}
