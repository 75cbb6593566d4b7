import { join } from "node:path";
import { setImmediate as letOthersRun } from "node:timers/promises";
import { constants, zstdCompressSync } from "node:zlib";
import type { Clock } from "../../lib/runtime/clock.ts";
import { makeFolder } from "../../lib/runtime/folder.ts";
import { WorldError } from "../../lib/runtime/invariant.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import { type Settings, SettingsError } from "../../lib/runtime/settings.ts";
import type { AgentConfig } from "./config.ts";
import { MAX_LINE_BYTES } from "./followed-file.ts";
import { FileInput, type Input, SyslogStream } from "./inputs.ts";
import { HostLoad, withLoad } from "./load.ts";
import { lockFolder } from "./lock.ts";
import type { Checkpoint, StoredPart } from "./record.ts";
import { Sender } from "./sender.ts";
import { Spool } from "./spool.ts";
import { type AgentStatus, writeStatus } from "./status.ts";

/** Pause between two looks at files that had nothing new. */
const POLL_MS = 200;
const STATUS_MS = 2_000;
/** Level 1: rows shrink to a fifth all the same, with a fraction of the memory. */
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** Pause before a record that the disk had no room for is tried again. */
const DISK_PAUSE_MS = 1_000;
/** Gathered bytes (about) after which a record is made before its time: memory and bodies stay small. */
const MANY_BYTES = 500_000;

export type AgentDeps = {
  readonly log: Logger;
  readonly clock: Clock;
  readonly settings: Pick<Settings, "maxPastMs" | "maxFutureMs">;
};

/**
 * Follows log files or listens to syslog, and sends what they tell to a collector so that every line counts once. What
 * was read since the last flush becomes one record in the spool together with the position after it; records are sent
 * until they are acknowledged. Whatever dies in between, the rest is read again, or sent again under the same key.
 */
export class Agent {
  readonly #config: AgentConfig;
  readonly #deps: AgentDeps;
  readonly #unlock: () => void;
  readonly #spool: Spool;
  readonly #load: HostLoad;
  readonly #sender: Sender;
  readonly #inputs: Input[];
  readonly #startedMs: number;
  /** Gathered, but not durable yet, since the disk is full. */
  #pending: { readonly parts: StoredPart[]; readonly checkpoint: Checkpoint } | null = null;
  #retryMs = 0;
  #checkpointText: string;
  #flushedMs: number;
  #statusMs = 0;
  #toldState = "";
  #wasFull = false;
  #stopping = false;
  #wake: (() => void) | null = null;

  /** Opens the state folder. Throws SettingsError, in one sentence, when it cannot be used. */
  constructor(config: AgentConfig, deps: AgentDeps) {
    this.#config = config;
    this.#load = new HostLoad(config.node);
    this.#deps = deps;
    try {
      makeFolder(config.state);
    } catch (error) {
      throw new SettingsError(
        `The state folder ${config.state} cannot be written: ${(error as Error).message}.`,
      );
    }
    this.#unlock = lockFolder(config.state);
    this.#spool = new Spool(join(config.state, "spool"), config.spool);
    this.#sender = new Sender(config, { ...deps, spool: this.#spool });
    this.#startedMs = deps.clock();
    this.#flushedMs = this.#startedMs;
    this.#checkpointText = JSON.stringify(this.#spool.checkpoint ?? {});
    const make = {
      config,
      deps,
      decoders: new Map(),
      isFull: () => !this.#mayRead(),
      mostWeight: MANY_BYTES,
      gathered: () => this.#gathered(),
    };
    this.#inputs = [
      ...config.files.map((input) => new FileInput(input, make)),
      ...config.syslog.map((input) => new SyslogStream(input, make)),
    ];
    this.#tellDamage();
  }

  /** Runs until it is stopped. Rejects when the disk fails in a way that only a new start can mend. */
  async run(): Promise<void> {
    const buffer = Buffer.alloc(MAX_LINE_BYTES);
    const checkpoint = this.#spool.checkpoint;
    for (const input of this.#inputs) await input.open(checkpoint, buffer);
    const { log } = this.#deps;
    log.info({ inputs: this.#inputs.map(({ name }) => name), waiting: this.#spool.waiting }, "agent ready");
    const sending = this.#sender.run();
    try {
      await Promise.race([sending, this.#read(buffer)]);
    } finally {
      for (const input of this.#inputs) input.close();
      this.#sender.stop();
    }
    this.#flush();
    await sending;
    this.#writeStatus();
    this.#spool.close();
    this.#unlock();
  }

  /** Ends it soon: what was gathered is made durable, and sent at the next start. */
  stop(): void {
    this.#stopping = true;
    this.#wake?.();
  }

  async #read(buffer: Buffer): Promise<void> {
    while (!this.#stopping) {
      let more = false;
      for (const input of this.#inputs) {
        if (this.#mayRead() && input.poll(buffer)) more = true;
        if (this.#weight() >= MANY_BYTES) this.#flush();
      }
      const nowMs = this.#deps.clock();
      if (nowMs - this.#flushedMs >= this.#config.flush || nowMs < this.#flushedMs) this.#flush();
      const isNews = this.#sender.status.state !== this.#toldState;
      if (isNews || nowMs - this.#statusMs >= STATUS_MS || nowMs < this.#statusMs) this.#writeStatus();
      await (more && this.#mayRead() ? letOthersRun() : this.#sleep());
    }
  }

  #mayRead(): boolean {
    return this.#pending === null && !this.#spool.isFull;
  }

  #weight(): number {
    return this.#inputs.reduce((sum, input) => sum + input.weight, 0);
  }

  /** An input that cannot wait has taken something. */
  #gathered(): void {
    if (this.#weight() >= MANY_BYTES) this.#flush();
  }

  /** Makes what was gathered durable, together with where reading stands. */
  #flush(): void {
    const nowMs = this.#deps.clock();
    if (this.#pending === null) {
      this.#flushedMs = nowMs;
      const parts = withLoad(
        this.#inputs.flatMap((input) => input.take()),
        this.#load.take(nowMs),
      );
      const checkpoint: Checkpoint = Object.fromEntries(
        this.#inputs.flatMap((input) => {
          const positions = input.positions();
          return positions ? [[input.name, positions]] : [];
        }),
      );
      const text = JSON.stringify(checkpoint);
      if (parts.length === 0 && text === this.#checkpointText) return;
      this.#checkpointText = text;
      const stored = parts.map(({ target, body }) => ({ target, body: zstdCompressSync(body, FAST) }));
      this.#pending = { parts: stored, checkpoint };
    } else if (nowMs < this.#retryMs && !this.#stopping) return;
    this.#store(this.#pending, nowMs);
  }

  #store(pending: { readonly parts: StoredPart[]; readonly checkpoint: Checkpoint }, nowMs: number): void {
    try {
      this.#spool.append(pending.parts, pending.checkpoint);
      this.#pending = null;
      this.#retryMs = 0;
    } catch (error) {
      if (!(error instanceof WorldError && error.retryable)) throw error;
      if (this.#retryMs === 0)
        this.#deps.log.error({ error: error.message }, "the disk is full: reading waits");
      this.#retryMs = nowMs + DISK_PAUSE_MS;
    }
  }

  #writeStatus(): void {
    this.#statusMs = this.#deps.clock();
    this.#toldState = this.#sender.status.state;
    const full = !this.#mayRead();
    if (full !== this.#wasFull) {
      const { log } = this.#deps;
      if (full)
        log.error({ bytes: this.#spool.bytes }, "the spool is full: files wait, syslog over UDP is dropped");
      else log.info("the spool has room again");
    }
    this.#wasFull = full;
    const { state, collector, node, send, spool } = this.#config;
    const status: AgentStatus = {
      atMs: this.#statusMs,
      startedMs: this.#startedMs,
      pid: process.pid,
      node,
      collector,
      send,
      sending: this.#sender.status,
      spool: {
        bytes: this.#spool.bytes,
        mostBytes: spool,
        waiting: this.#spool.waiting,
        full,
        lostRecords: this.#spool.lostRecords,
        damaged: this.#spool.damage.map(({ file }) => file),
      },
      inputs: this.#inputs.map((input) => input.status()),
    };
    try {
      writeStatus(state, status);
    } catch (error) {
      // A full disk must not end what is there to outlast it.
      this.#deps.log.warn({ error: (error as Error).message }, "the status cannot be written");
    }
  }

  #tellDamage(): void {
    const { damage, lostRecords } = this.#spool;
    for (const one of damage)
      this.#deps.log.error(one, "the spool was damaged here; the bytes were set aside");
    if (lostRecords > 0)
      this.#deps.log.error({ lostRecords }, "records were damaged before they were acknowledged");
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#stopping) this.#wake();
    });
  }
}
