import type { TelemetryRow } from "../../lib/detect/types.ts";
import type { CacheSample, Change } from "../../lib/domain/handshake.ts";
import type { Known } from "../../lib/domain/truth.ts";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";
import { IncidentBook } from "./book.ts";
import type { KeySeen } from "./current-keys.ts";
import { MINUTES_MS, type StoredRead, type StoredWindow, stepsOf } from "./history.ts";
import type { Said } from "./judge.ts";
import { Packer } from "./packed.ts";
import { type Answer, DetectorThread, type Request, type ThreadData } from "./thread.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** One life of the detector: its thread, and how far it has come. */
export class Run {
  readonly book = new IncidentBook();
  readonly #packer = new Packer();
  readonly #thread: DetectorThread;
  readonly #startedMs = performance.now();
  /** End of the stored history when it began. */
  readonly begunMs: number;
  /** Hours are read up to here, buckets from here on. */
  readonly finelyFromMs: number;
  /** Start of the first bucket that the detector has not seen. */
  fromMs: number;
  /** Whether buckets are read from the store. */
  history = true;
  /** Whether history has arrived that it does not know. */
  outdated = false;
  ended = false;
  /** How long the reading of history took. */
  readMs = 0;
  /** Incidents that were kept when the reading of history began. */
  known: readonly StoredIncident[] = [];
  views: Known = { seen: [], choices: [] };
  changes: readonly Change[] = [];
  /** What was said and is not kept yet. */
  readonly unkept: Said[] = [];
  #steps = 0;

  constructor(thread: ThreadData, span: { readonly fromMs: number; readonly untilMs: number }) {
    this.#thread = new DetectorThread(thread);
    this.begunMs = span.untilMs;
    this.finelyFromMs = Math.floor((span.untilMs - MINUTES_MS) / HOUR_MS) * HOUR_MS;
    // Hours are read whole; where there are only minutes, from the first of them.
    const stepMs = span.fromMs < this.finelyFromMs ? HOUR_MS : MINUTE_MS;
    this.fromMs = Math.floor(span.fromMs / stepMs) * stepMs;
  }

  /** Lets the thread read a window of the store, and hold it. */
  read(window: StoredWindow, nowMs: number): Promise<Answer> {
    return this.#ask({ kind: "read", window, nowMs });
  }

  /** Lets the detector walk through what was read. */
  async walk(window: StoredWindow, nowMs: number): Promise<Answer> {
    const answer = await this.#ask({ kind: "walk", nowMs });
    this.fromMs = window.toMs;
    return answer;
  }

  /** Lets the detector take a step over what was committed. */
  async step(
    bucket: {
      readonly rows: readonly TelemetryRow[];
      readonly caches: readonly CacheSample[];
      readonly keys: readonly KeySeen[];
      readonly tickMs: number;
    },
    nowMs: number,
  ): Promise<Answer> {
    const rows = this.#packer.pack(bucket.rows);
    const { changes } = this;
    this.changes = [];
    const answer = await this.#ask({ kind: "step", ...bucket, rows, changes, nowMs });
    this.fromMs = bucket.tickMs;
    return answer;
  }

  /** The same over a window that was read here: one step after the other. */
  *steps(window: StoredWindow, read: StoredRead, nowMs: number): Generator<Promise<Answer>> {
    for (const step of stepsOf(window, read)) yield this.step(step, nowMs);
  }

  learn(changes: readonly Change[], nowMs: number): Promise<Answer> {
    return this.#ask({ kind: "learn", changes, nowMs });
  }

  async #ask(request: Request): Promise<Answer> {
    try {
      const answer = await this.#thread.ask(request);
      this.#steps += answer.said.length;
      return answer;
    } catch (error) {
      this.ended = true;
      throw error;
    }
  }

  /** History is read. */
  settled(): void {
    this.history = false;
    this.known = [];
    this.readMs = performance.now() - this.#startedMs;
  }

  /** How long reading took, and how many steps. */
  figures(): Readonly<Record<string, number>> {
    return { seconds: Number((this.readMs / 1_000).toFixed(2)), steps: this.#steps };
  }

  async stop(): Promise<void> {
    this.ended = true;
    await this.#thread.stop();
  }
}
