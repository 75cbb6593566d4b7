import type { WireChange } from "../../lib/contract/ingest.ts";
import { type Control, openControl } from "./control.ts";
import type { Told } from "./faults.ts";
import { Fleet } from "./fleet.ts";
import { inject, type Order } from "./inject.ts";
import type { LabClock } from "./lab-clock.ts";
import { SESSION_TIMEOUT_S } from "./node.ts";
import type { Topology } from "./topology.ts";

const ACTOR = "lab";
const TRIES = 10;
const PAUSE_MS = 1_000;
const MINUTE_MS = 60_000;
/** Lab time between two looks whether it has become real time; then as long in real time. */
const LOOK_EVERY_MS = 1_000;

/** Something that happens by itself, so many lab minutes after the lab began. */
export type Scripted = { readonly afterMinutes: number; readonly order: Order };
export type RunOptions = {
  readonly collectorUrl: string;
  readonly dataDir: string;
  readonly topology: Topology;
  readonly perMinute: number;
  readonly rotateEveryMs: number;
  readonly clock: LabClock;
  readonly script: readonly Scripted[];
  /** Hears once, when lab time has become real time. */
  readonly caughtUp?: () => void;
};
export type RunningFleet = {
  readonly fleet: Fleet;
  readonly control: Control;
  inject(order: Order): Promise<void>;
  stop(): Promise<void>;
};

/** Starts the lab fleet, its control port, its scheduled rotations with overlap, and what its script says. */
export async function runFleet(options: RunOptions): Promise<RunningFleet> {
  const { collectorUrl, clock, topology, perMinute, rotateEveryMs, script } = options;
  const fleet = new Fleet({ collectorUrl, topology, perMinute, clock, random: Math.random });
  const record = ({ kind, title, scope }: Told): Promise<void> =>
    tell(collectorUrl, { ts: clock.now(), kind, title, actor: ACTOR, ...scope });
  const obey = (order: Order): Promise<void> => inject(fleet, order, record);
  const notes = new Set<Promise<void>>();
  const note = (kind: Told["kind"], title: string): void => {
    const told = record({ kind, title, scope: {} }).finally(() => notes.delete(told));
    notes.add(told);
  };
  const { agenda } = fleet;
  const startMs = clock.now();
  announce(fleet, { note, caughtUp: options.caughtUp });
  agenda.every(rotateEveryMs, startMs, () => {
    fleet.rotate({}, SESSION_TIMEOUT_S * 1_000);
    note("key_rotation", "Scheduled STEK rotation, the previous key kept for an hour");
  });
  for (const { afterMinutes, order } of script)
    agenda.at(startMs + afterMinutes * MINUTE_MS, () => void obey(order));
  await fleet.start();
  const control = await openControl(fleet, options.dataDir, obey);
  const stop = async (): Promise<void> => {
    control.stop();
    await fleet.stop();
    await Promise.all(notes);
  };
  return { fleet, control, inject: obey, stop };
}

/** Writes down that the lab begins, and which of its time stamps were played. */
function announce(
  { options: { clock }, agenda }: Fleet,
  to: {
    readonly note: (kind: Told["kind"], title: string) => void;
    readonly caughtUp: (() => void) | undefined;
  },
): void {
  // Another lab before this one had other keys.
  to.note("key_rotation", "The lab begins, with new STEKs");
  if (clock.live) {
    to.caughtUp?.();
    return;
  }
  to.note("other", "Played from here on: real handshakes, at time stamps that pass faster than real time");
  const look = (): void => {
    if (!clock.live) {
      agenda.at(clock.now() + LOOK_EVERY_MS, look);
      return;
    }
    to.note("other", "In real time from here on");
    to.caughtUp?.();
  };
  agenda.at(clock.now(), look);
}

async function tell(collectorUrl: string, change: WireChange): Promise<void> {
  const init = { method: "POST", body: JSON.stringify(change) };
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const response = await fetch(`${collectorUrl}/v1/changes`, init).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  process.stderr.write(`The collector did not take the change "${change.title}".\n`);
}
