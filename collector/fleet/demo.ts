import type { Logger } from "../../lib/runtime/log.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import { clockFor, type Lab, runLab } from "./lab.ts";
import type { Scripted } from "./run.ts";
import { TOPOLOGY } from "./topology.ts";

const HOUR_MS = 3_600_000;
const MINUTES_AN_HOUR = 60;
/** As fast as lab time may pass; a slower machine takes longer, since lab time waits for handshakes under way. */
const TEMPO = 720;
/** The lab is the same at every hour, so half a day of it is enough to know it. */
const WARM_UP_MS = 12 * HOUR_MS;

/** What the played past holds: two faults that are over, a flood that is none, and one that is going on as people arrive. */
const SCRIPT: readonly Scripted[] = [
  at(12.5, { name: "desync-node", scope: { endpoint: "api.example", node: "edge-eu-2" }, forMinutes: 75 }),
  at(17, { name: "rotate-no-overlap", scope: { endpoint: "shop.example" }, forMinutes: null }),
  at(20.5, { name: "bot-flood", scope: { endpoint: "shop.example" }, forMinutes: 40 }),
  at(23.5, { name: "tickets-off", scope: { endpoint: "login.example" }, forMinutes: null }),
];

function at(hours: number, order: Scripted["order"]): Scripted {
  return { afterMinutes: hours * MINUTES_AN_HOUR, order };
}

export type DemoOptions = {
  readonly perMinute: number;
  readonly rotateEveryMs: number;
  /** How much is played where the store is empty; where it is not, what is missing since its end, at most as much. */
  readonly pastMs: number;
  readonly log: Logger;
  /** Takes sentences for whoever watches. */
  readonly say: (sentence: string) => void;
};

/** The demo: a past is played, with faults where it is whole, and then it is the present. */
export async function demo(settings: Settings, options: DemoOptions): Promise<Lab> {
  const { perMinute, rotateEveryMs, pastMs, log, say } = options;
  const { clock, fresh } = await clockFor(settings, { pastMs, tempo: TEMPO });
  const detectWarmUpMs = Math.min(settings.detectWarmUpMs, WARM_UP_MS);
  const lab = await runLab(
    { ...settings, detectWarmUpMs },
    {
      ...{ clock, log, perMinute, rotateEveryMs, topology: TOPOLOGY, script: fresh ? SCRIPT : [] },
      caughtUp: () =>
        say(
          "The lab runs in real time. Try: npx reprise fleet fault rotate-no-overlap --endpoint shop.example",
        ),
    },
  );
  if (!clock.live) {
    const hours = ((Date.now() - clock.now()) / HOUR_MS).toFixed(1);
    say(
      `The lab plays ${hours} hours of the past in a few minutes: real handshakes, at time stamps that pass up to ${TEMPO} times as fast.`,
    );
  }
  return lab;
}
