import type { IngestReply } from "../../lib/contract/ingest.ts";
import type { Handshake, Segment } from "../../lib/domain/handshake.ts";
import type { KeyEvent } from "../../lib/domain/keys.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import { WorldError } from "../../lib/runtime/invariant.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import { CellTable } from "../../lib/store/cell-table.ts";
import type { BatchRecord, Commit, TenantId, WriteStore } from "../../lib/store/port.ts";
import type { CommittedKey, CommittedKeyEvent } from "../../lib/store/port-keys.ts";
import { AlertFold } from "./alert-fold.ts";
import { Fold } from "./fold.ts";
import { foldPlain, takeCells } from "./fold-plain.ts";
import type { Forwarding } from "./forwarding.ts";
import type { Hasher } from "./hasher.ts";
import { acceptedOf, deltaOf, type Intake, overflowSegment, replyOf } from "./intake.ts";
import { KeyFold } from "./key-fold.ts";
import { KeyLimit } from "./key-limit.ts";
import { COUNT_FIELD, type Patterns } from "./plain-handshakes.ts";
import { Samples } from "./samples.ts";

/** Tries of one commit, and the first pause between them (doubled each time). */
const COMMIT_TRIES = 5;
const FIRST_PAUSE_MS = 50;

export type PipelineOptions = {
  /** Whose data it is: all that one pipeline takes. */
  readonly tenant: TenantId;
  readonly store: WriteStore;
  readonly hasher: Hasher;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly settings: Pick<Settings, "maxQueuedEvents" | "maxSegmentsPerSource">;
  /** Passes commits on, where they are forwarded to another collector. */
  readonly forwarding?: Forwarding;
  /** Hears of everything that has become durable. Must not throw. */
  readonly committed?: (commit: Commit) => void;
  /** Hears of single handshakes, raw identifiers and all, once they are durable and answered. Must not throw. */
  readonly accepted?: (intake: Pick<Intake, "handshakes" | "plain">) => void;
};

type Waiting = {
  readonly intake: Intake;
  readonly batch: BatchRecord | null;
  done: () => void;
  failed: (e: Error) => void;
};

/**
 * From intakes to durable rollups: fold, and commit in groups. While one commit runs, everything that arrives shares
 * the next one, so the rate does not depend on how long the disk takes to sync.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #fold: Fold;
  readonly #table = new CellTable();
  readonly #samples = new Samples();
  readonly #keys = new KeyFold();
  readonly #hashedKeys = new KeyFold();
  readonly #alerts = new AlertFold();
  readonly #keyLimit = new KeyLimit();
  readonly #segmentsOfSource = new Map<string, number>();
  #waiting: Waiting[] = [];
  #queuedEvents = 0;
  #running: Promise<void> | null = null;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#fold = new Fold(options.store);
  }

  get queuedEvents(): number {
    return this.#queuedEvents;
  }

  /** Whether more may be taken now; when not, the sender is told to come back. */
  get isFull(): boolean {
    return this.#queuedEvents >= this.#options.settings.maxQueuedEvents || this.held !== null;
  }

  /** Why nothing may be taken although the queue has room: what is to be forwarded has none. Null when it may. */
  get held(): string | null {
    return this.#options.forwarding?.problem ?? null;
  }

  /** Makes an intake durable and answers what to tell the sender. Throws a WorldError when that failed for good. */
  async submit(intake: Intake, batch: Omit<BatchRecord, "reply"> | null = null): Promise<IngestReply> {
    const reply = replyOf(intake);
    const record = batch && { ...batch, reply: JSON.stringify(reply) };
    const count = acceptedOf(intake);
    this.#queuedEvents += count;
    this.#options.metrics.queued.inc(count);
    try {
      await new Promise<void>((done, failed) => {
        this.#waiting.push({ intake, batch: record, done, failed });
        this.#running ??= this.#run();
      });
    } finally {
      this.#queuedEvents -= count;
      this.#options.metrics.queued.dec(count);
    }
    this.#count(intake);
    return reply;
  }

  /** Waits until everything submitted so far is durable. */
  async drain(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // One turn of the event loop, so that requests read in the same turn share the first commit as well.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        const commit = this.#toCommit(group);
        await this.#keep(commit);
        this.#options.committed?.(commit);
        for (const { done } of group) done();
        for (const { intake } of group) this.#options.accepted?.(intake);
      } catch (error) {
        for (const { failed } of group) failed(error as Error);
      }
    }
    this.#running = null;
  }

  #toCommit(group: readonly Waiting[]): Commit {
    for (const { intake } of group) {
      for (const handshake of intake.handshakes) this.#take(handshake, intake);
      this.#takePlain(intake);
      for (const row of intake.rows) this.#fold.addRow(row, this.#segmentOf(row, intake));
      for (const handshake of intake.samples) this.#samples.consider(handshake);
      const keys = intake.areKeysHashed ? this.#hashedKeys : this.#keys;
      for (const key of intake.keys) keys.add(key, intake.key.source);
      for (const { bucketStartMs, ...alert } of intake.tlsAlerts)
        this.#alerts.add({ ...alert, atMs: bucketStartMs }, alert);
    }
    const hash = (handshake: Handshake): Handshake => this.#options.hasher.hashIdentifiers(handshake);
    return {
      cells: this.#fold.take(),
      packed: takeCells(this.#table),
      // Only what is kept is hashed: two HMACs for every handshake would cost more than folding it.
      samples: this.#samples
        .take()
        .map(({ sampleKind, handshake }) => ({ sampleKind, handshake: hash(handshake) })),
      changes: group.flatMap(({ intake }) =>
        intake.changes.map((change) => ({ ...change, via: intake.key.source })),
      ),
      caches: group.flatMap(({ intake }) => intake.caches),
      keys: this.#takeKeys(),
      tlsAlerts: this.#alerts.take(),
      keyEvents: group.flatMap(({ intake }) => intake.keyEvents.map((event) => this.#hashed(event, intake))),
      loads: group.flatMap(({ intake }) => intake.loads),
      sources: group.map(({ intake }) => deltaOf(intake, hash)),
      counters: group.flatMap(({ intake }) => intake.counters),
      imports: group.flatMap(({ intake }) => intake.imports),
      batches: group.flatMap(({ batch }) => (batch ? [batch] : [])),
    };
  }

  #take(handshake: Handshake, intake: Intake): void {
    const { overflowed } = intake;
    this.#fold.add(handshake, this.#segmentOf(handshake, intake));
    this.#samples.consider(handshake);
    const place = intake.overflowed > overflowed ? overflowSegment(handshake) : handshake;
    this.#keys.addHandshake(handshake, intake.key.source, place);
    const { atMs, outcome, alert, count } = handshake;
    if (outcome === "failed" && alert !== null) {
      const { vantage } = intake.origin;
      this.#alerts.add({ atMs, alert, count }, { endpoint: place.endpoint, vantage });
    }
  }

  /** By the numbers that patterns have in the store: they tell of no key and no alert. */
  #takePlain(intake: Intake): void {
    const { plain } = intake;
    const { patterns } = plain;
    if (!patterns) return;
    for (let index = 0; index < plain.length; index += 1) {
      const id = plain.idAt(index);
      const segmentId = patterns.segmentIds[id] as number;
      const resultId = patterns.resultIds[id] as number;
      if (segmentId < 0 || resultId < 0) this.#takeNew(patterns, id, { intake, index });
      else {
        foldPlain(this.#table, plain, { index, segmentId, resultId });
        if (patterns.overflowing[id] === 1) intake.overflowed += plain.numberAt(index, COUNT_FIELD);
      }
      const us = plain.numberAt(index, 1);
      if (patterns.remarkable[id] === 1 || us > this.#samples.slowestUs)
        this.#samples.consider(plain.at(index));
    }
  }

  #takeNew(patterns: Patterns, id: number, { intake, index }: { intake: Intake; index: number }): void {
    const { overflowed } = intake;
    const handshake = intake.plain.at(index);
    const segmentId = this.#segmentOf(handshake, intake);
    const resultId = this.#options.store.internResult(handshake);
    foldPlain(this.#table, intake.plain, { index, segmentId, resultId });
    // A source that has made all its segments makes no more until the next start.
    patterns.overflowing[id] = intake.overflowed > overflowed ? 1 : 0;
    patterns.segmentIds[id] = segmentId;
    patterns.resultIds[id] = resultId;
  }

  /** Uses of keys by hashed names, as many names as a node may have. */
  #takeKeys(): CommittedKey[] {
    const { hasher, clock, metrics } = this.#options;
    const named = this.#keys.take();
    const hashed = this.#hashedKeys.take();
    if (named.length + hashed.length === 0) return [];
    for (const sight of named) hashed.push({ ...sight, keyName: hasher.hashKeyName(sight.keyName) });
    const { keys, beyond } = this.#keyLimit.admit(hashed, clock());
    metrics.keyUsesBeyondLimit.inc(beyond);
    return keys;
  }

  #hashed(event: KeyEvent, intake: Intake): CommittedKeyEvent {
    const { hasher } = this.#options;
    const keyName = intake.areKeysHashed ? event.keyName : hasher.hashKeyName(event.keyName);
    return { ...event, keyName, via: intake.key.source };
  }

  /** The number of its segment, or of the overflow segment when its source has made too many segments. */
  #segmentOf(told: Segment & { readonly count: number }, intake: Intake): number {
    const { store, settings, tenant } = this.#options;
    // The usual case, in which the key of a segment is made once only.
    const known = store.findSegment(tenant, told, intake.origin);
    if (known !== undefined) return known;
    const { source, transport, sender } = intake.key;
    const key = JSON.stringify([source, transport, sender]);
    const made = this.#segmentsOfSource.get(key) ?? 0;
    if (made < settings.maxSegmentsPerSource) {
      this.#segmentsOfSource.set(key, made + 1);
      return store.internSegment(tenant, told, intake.origin);
    }
    intake.overflowed += told.count;
    return store.internSegment(tenant, overflowSegment(told), intake.origin);
  }

  /** Makes a commit durable, and known to whoever it is forwarded to. */
  #keep(commit: Commit): Promise<void> {
    const { forwarding } = this.#options;
    return forwarding ? forwarding.through(commit, (marked) => this.#commit(marked)) : this.#commit(commit);
  }

  async #commit(commit: Commit): Promise<void> {
    const { store, tenant, clock, metrics, log } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const stop = metrics.commitSeconds.startTimer();
      try {
        await store.commit(tenant, commit, clock());
        stop();
        return;
      } catch (error) {
        const retryable = error instanceof WorldError && error.retryable;
        metrics.commitFailures.inc({ retryable: String(retryable) });
        log.error({ attempt, retryable, error: (error as Error).message }, "commit failed");
        if (!retryable || attempt >= COMMIT_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
      }
    }
  }

  #count(intake: Intake): void {
    const { metrics, clock } = this.#options;
    const { source } = intake.key;
    metrics.events.inc({ source, result: "accepted" }, acceptedOf(intake));
    metrics.events.inc({ source, result: "rejected" }, intake.rejected);
    metrics.events.inc({ source, result: "ignored" }, intake.ignored);
    const lastEventMs = intake.handshakes.reduce(
      (last, h) => Math.max(last, h.atMs),
      intake.plain.newestMs ?? -1,
    );
    if (lastEventMs >= 0) metrics.lagSeconds.set(Math.max(0, clock() - lastEventMs) / 1000);
  }
}
