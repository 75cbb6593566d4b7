import { DEFAULT_SETTINGS } from "../../lib/detect/types.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import type { Commit, StoredChange, WriteStore } from "../../lib/store/port.ts";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";
import { type Save, WANTED_MS } from "../detect/book.ts";
import { readExactly } from "../detect/exact.ts";
import { Feed } from "../detect/feed.ts";
import { HISTORY_MS, nextWindow, readWindow, type StoredRead } from "../detect/history.ts";
import { Run } from "../detect/run.ts";
import type { ThreadData } from "../detect/thread.ts";
import type { Job } from "./scheduler.ts";

const { bucketMs } = DEFAULT_SETTINGS;
const LOOK_EVERY_MS = 1_000;
/** A bucket is judged so long after its end: by then nearly all of it has arrived. */
const GRACE_MS = 30_000;
/** What arrives later than this is history: it is learnt with the next reading of it, not judged. */
const LATE_MS = 3_600_000;
/** History that arrived (an import) is read once nothing more has come for so long. */
const QUIET_MS = 120_000;
/** It is not read again sooner than this, nor before so many times as long as reading took have passed. */
const REREAD_MS = 600_000;
const REREAD_TIMES = 20;
/** Changes are looked for so far back, since people record them afterwards. */
const CHANGES_BACK_MS = 3 * 86_400_000;
/** Whoever records them may have another clock. */
const CLOCKS_APART_MS = 3_600_000;
/** How often changes happen is learnt from so long a time before the first handshake that is read. */
const CHANGES_LEARNT_MS = 14 * 86_400_000;
const MOST_CHANGES = 20_000;
const MOST_INCIDENTS = 2_000;
const DAY_MS = 86_400_000;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 1_800_000;

export type DetectionOptions = {
  readonly store: WriteStore;
  readonly thread: ThreadData;
  /** Whether it waits for the first telemetry before it begins; and its gauges, which are of one tenant, are left alone. */
  readonly lazy?: boolean;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
};

/**
 * Feeds the detector with what was committed, bucket by bucket, and keeps the incidents that it finds. At the start its
 * memory is rebuilt from the store; from then on it hears of each commit. Whatever fails here is counted and tried
 * again, and ingest does not notice.
 */
export class Detection {
  readonly job: Job = { name: "detect", everyMs: LOOK_EVERY_MS, run: (nowMs) => this.#turn(nowMs) };
  readonly #options: DetectionOptions;
  readonly #feed: Feed;
  #heard = false;
  #run: Run | null = null;
  #unsaved: Save[] = [];
  #stopped = false;
  #failures = 0;
  #restFromMs = Number.NEGATIVE_INFINITY;
  #old = { count: 0, sinceMs: 0 };
  #leftOut = 0;

  constructor(options: DetectionOptions) {
    this.#options = options;
    this.#feed = new Feed({ store: options.store, bucketMs, mostSums: 400_000, mostCaches: 100_000 });
  }

  /** Hears of what has become durable. Never throws. */
  committed(commit: Commit): void {
    this.#heard = true;
    try {
      this.#feed.add(commit);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Ends the thread; a turn that is under way ends soon. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#run?.stop();
  }

  get #tenant(): number {
    return this.#options.thread.tenant;
  }

  async #turn(nowMs: number): Promise<void> {
    if (this.#stopped || nowMs < this.#restFromMs) return;
    try {
      await this.#flush();
      this.#considerHistory(nowMs);
      // A tenant that never had telemetry needs no thread.
      if (
        !this.#run &&
        !this.#heard &&
        this.#options.lazy &&
        !(await this.#options.store.extent(this.#tenant))
      )
        return;
      await this.#follow(this.#run ?? (await this.#begin()));
      this.#failures = 0;
    } catch (error) {
      if (this.#stopped) return;
      if (this.#run?.ended) this.#rest(nowMs);
      throw error;
    }
  }

  /** The thread has ended: a new one is tried later, and later each time. */
  #rest(nowMs: number): void {
    this.#failures += 1;
    this.#restFromMs = nowMs + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    void this.#run?.stop();
    this.#run = null;
  }

  async #begin(): Promise<Run> {
    const { store, thread, clock } = this.#options;
    const untilMs = this.#untilMs();
    const extent = await store.extent(this.#tenant);
    const fromMs = Math.min(untilMs, Math.max(extent?.fromMs ?? untilMs, untilMs - HISTORY_MS));
    const changes = await this.#readChanges(fromMs - CHANGES_LEARNT_MS, 0);
    const known = await this.#readIncidents(fromMs - DAY_MS);
    const run = new Run(thread, { fromMs, untilMs });
    this.#run = run;
    run.known = known;
    this.#feed.oldestMs = run.fromMs;
    this.#feed.overflowed = false;
    this.#old = { count: this.#feed.tooOld, sinceMs: untilMs };
    await run.learn(changes, clock());
    return run;
  }

  #untilMs(): number {
    return Math.floor((this.#options.clock() - GRACE_MS) / bucketMs) * bucketMs;
  }

  /** Every bucket that is over: from the store while history is read, from what was committed since then. */
  async #follow(run: Run): Promise<void> {
    await this.#keep(run);
    let ticked = false;
    for (let untilMs = this.#untilMs(); run.fromMs < untilMs && !this.#stopped; untilMs = this.#untilMs()) {
      if (run.history) await this.#recall(run, untilMs);
      else if (!ticked) await this.#poll(run);
      if (!run.history) await this.#advance(run);
      ticked ||= !run.history;
    }
    if (this.#stopped) return;
    if (run.history) await this.#settle(run);
    else if (!ticked) return;
    if (this.#options.lazy) return;
    this.#options.metrics.detectedUntil.set(run.fromMs / 1_000);
    this.#count(await this.#readIncidents(run.fromMs));
  }

  /** A window of the store: read by the thread, or here where commits to it come too fast. */
  async #recall(run: Run, untilMs: number): Promise<void> {
    const { store, clock } = this.#options;
    const window = nextWindow(run, untilMs);
    const read = await readExactly<StoredRead | null>(this.#feed, window, {
      aside: async () => {
        const { problem } = await run.read(window, clock());
        if (problem !== null) throw new Error(problem);
        return null;
      },
      barrier: () => store.revision(),
      inTurn: () => readWindow(store, this.#tenant, window),
    });
    for (const answer of read ? run.steps(window, read, clock()) : [run.walk(window, clock())]) {
      const { said, ...heard } = await answer;
      for (const { events } of said) run.book.recall(events, run.known);
      this.#hear(heard);
    }
  }

  /** History is read: from here on buckets are made of what is committed. */
  async #settle(run: Run): Promise<void> {
    const stored = await this.#readIncidents(run.fromMs);
    run.settled();
    await this.#save(run.book.settle(stored, run.fromMs));
    this.#options.log.info(run.figures(), "detection has read the stored history");
  }

  /** Which views count, and what people recorded since the last time. */
  async #poll(run: Run): Promise<void> {
    const { store } = this.#options;
    run.views = {
      seen: await store.readCoverage(this.#tenant),
      choices: await store.readTruthChoices(this.#tenant),
    };
    run.changes = await this.#readChanges(run.fromMs - CHANGES_BACK_MS, run.fromMs - CLOCKS_APART_MS);
  }

  async #advance(run: Run): Promise<void> {
    if (this.#feed.overflowed) {
      this.#feed.overflowed = false;
      run.history = true;
      run.known = await this.#readIncidents(run.fromMs - DAY_MS);
      return;
    }
    const tickMs = run.fromMs + bucketMs;
    const bucket = { ...this.#feed.take(tickMs, run.views), tickMs };
    const answer = await run.step(bucket, this.#options.clock());
    this.#feed.oldestMs = tickMs - LATE_MS;
    this.#options.metrics.detectSeconds.observe(answer.seconds);
    this.#hear(answer);
    run.unkept.push(...answer.said);
    await this.#keep(run);
  }

  /** Keeps what the detector said, in order; what could not be kept is kept next time. */
  async #keep(run: Run): Promise<void> {
    for (let said = run.unkept[0]; said; said = run.unkept[0]) {
      const stored = said.events.length || run.book.waits ? await this.#readIncidents(said.tickMs) : [];
      run.unkept.shift();
      await this.#save(run.book.take(said.events, stored, said.tickMs));
    }
  }

  async #save(save: Save): Promise<void> {
    if (save.incidents.length || save.updates.length) this.#unsaved.push(save);
    await this.#flush();
  }

  async #flush(): Promise<void> {
    for (let save = this.#unsaved[0]; save; save = this.#unsaved[0]) {
      await this.#options.store.saveIncidents(this.#tenant, save);
      this.#unsaved.shift();
    }
  }

  /** History that was imported is learnt by reading it all again. */
  #considerHistory(nowMs: number): void {
    const run = this.#run;
    if (!run || run.history) return;
    const { tooOld } = this.#feed;
    if (tooOld !== this.#old.count) {
      this.#old = { count: tooOld, sinceMs: nowMs };
      run.outdated = true;
    }
    const restMs = Math.max(REREAD_MS, REREAD_TIMES * run.readMs);
    if (!run.outdated || nowMs - this.#old.sinceMs < QUIET_MS || run.fromMs - run.begunMs < restMs) return;
    void run.stop();
    this.#run = null;
  }

  #hear({ problem, leftOut }: { readonly problem: string | null; readonly leftOut: number }): void {
    if (problem !== null) this.#fail(new Error(problem));
    if (leftOut > 0 && this.#leftOut === 0)
      this.#options.log.warn(
        { leftOut },
        "detection leaves out rows: there are more segments than it follows",
      );
    this.#leftOut = leftOut;
  }

  #fail(error: unknown): void {
    const { metrics, log } = this.#options;
    metrics.jobFailures.inc({ job: this.job.name });
    log.error({ job: this.job.name, error: (error as Error).message }, "job failed");
  }

  #count(incidents: readonly StoredIncident[]): void {
    const open = incidents.filter(({ state }) => state !== "resolved");
    for (const which of ["page", "info"])
      this.#options.metrics.openIncidents.set(
        { class: which },
        open.filter((incident) => incident.class === which).length,
      );
  }

  /** Changes from a moment on that were recorded since another. */
  async #readChanges(fromMs: number, recordedMs: number): Promise<StoredChange[]> {
    const toMs = this.#options.clock() + 365 * DAY_MS;
    const query = { fromMs, toMs, limit: MOST_CHANGES };
    const changes = await this.#options.store.readChanges(this.#tenant, query);
    return changes.filter((change) => change.recordedMs >= recordedMs);
  }

  /** Incidents that are open, or were some hours before a moment. */
  #readIncidents(atMs: number) {
    const query = { fromMs: atMs - WANTED_MS, toMs: this.#options.clock() + DAY_MS, limit: MOST_INCIDENTS };
    return this.#options.store.readIncidents(this.#tenant, query);
  }
}
