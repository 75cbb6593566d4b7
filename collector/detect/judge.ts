import { Detector } from "../../lib/detect/detector.ts";
import type { DetectorEvent, DetectorSettings, TelemetryRow } from "../../lib/detect/types.ts";
import type { CacheSample, Change } from "../../lib/domain/handshake.ts";
import { CacheGrowth, ChangeQueue, detectorChange, silenceOf } from "./changes.ts";
import { CurrentKeys, type KeySeen } from "./current-keys.ts";
import { type StoredRead, type StoredWindow, stepsOf } from "./history.ts";

/** What is over with a bucket. */
export type Step = {
  readonly rows: Iterable<TelemetryRow>;
  readonly caches: readonly CacheSample[];
  readonly keys: readonly KeySeen[];
  readonly tickMs: number;
};
/** What the detector said at the end of a bucket. */
export type Said = { readonly tickMs: number; readonly events: readonly DetectorEvent[] };

/** The detector with what stands between it and the store's words: changes that come due, caches that grow, keys that turn. */
export class Judge {
  readonly #detector: Detector;
  readonly #caches = new CacheGrowth();
  readonly #keys = new CurrentKeys();
  readonly #changes = new ChangeQueue();

  constructor(settings: Partial<DetectorSettings> = {}) {
    this.#detector = new Detector(settings);
  }

  get leftOut(): number {
    return this.#detector.leftOut;
  }

  /** Takes changes in; each is told once, when it has happened, and a drill as soon as it is known. */
  learn(changes: readonly Change[]): void {
    for (const change of this.#changes.add(changes)) {
      const silence = silenceOf(change);
      if (silence) this.#detector.silence(silence);
    }
  }

  step({ rows, caches, keys, tickMs }: Step): Said {
    for (const change of this.#changes.due(tickMs)) this.#detector.change(detectorChange(change));
    for (const reading of this.#caches.readings(caches)) this.#detector.cache(reading);
    for (const reading of this.#keys.readings(keys)) this.#detector.key(reading);
    for (const row of rows) this.#detector.feed(row);
    return { tickMs, events: this.#detector.tick(tickMs) };
  }

  /** Every step of a window that was read from the store. */
  *walk(window: StoredWindow, read: StoredRead): Generator<Said> {
    for (const step of stepsOf(window, read)) yield this.step(step);
  }
}
