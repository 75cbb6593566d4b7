import { constants, zstdCompressSync } from "node:zlib";
import type { Clock } from "../../lib/runtime/clock.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import type { Part } from "../agent/gatherer.ts";
import type { SpoolRecord } from "../agent/record.ts";
import {
  type Outbound,
  type Outgoing,
  Sender,
  type SenderConfig,
  type SendingStatus,
} from "../agent/sender.ts";
import { Spool } from "../agent/spool.ts";

/** Up to which entry of the journal what is in a record, and in all before it, was gathered. */
type Reached = { readonly through: number };

/** Rows of ten thousand segments are compressed once and sent over a long way: worth more than the agent's fastest. */
const WELL = { params: { [constants.ZSTD_c_compressionLevel]: 9 } };

export type DispatchOptions = {
  readonly folder: string;
  readonly mostBytes: number;
  readonly to: SenderConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
};

/** Records on disk, each sent to the central collector until it is acknowledged: the agent's spool and sender. */
export class Dispatch implements Outgoing {
  readonly #options: DispatchOptions;
  readonly #spool: Spool<Reached>;
  readonly #sender: Sender;
  #next: SpoolRecord<Reached> | null = null;
  #sending: Promise<void> = Promise.resolve();
  #told = { rejected: 0, conflicts: 0 };

  /** Opens or makes it. Throws SettingsError where a file of its TLS cannot be read, a WorldError when the disk is full. */
  constructor(options: DispatchOptions) {
    this.#options = options;
    this.#spool = new Spool<Reached>(options.folder, options.mostBytes);
    this.#sender = new Sender(options.to, { ...options, spool: this });
  }

  /** Up to which entry of the journal everything is in a record; 0 at the very beginning. */
  get through(): number {
    return this.#spool.checkpoint?.through ?? 0;
  }

  get bytes(): number {
    return this.#spool.bytes;
  }

  get waiting(): number {
    return this.#spool.waiting;
  }

  get status(): Readonly<SendingStatus> {
    return this.#sender.status;
  }

  get damage(): Spool["damage"] {
    return this.#spool.damage;
  }

  get lostRecords(): number {
    return this.#spool.lostRecords;
  }

  /** Makes a record of what was gathered, durable. Throws a WorldError, with nothing written where it is retryable. */
  append(parts: readonly Part[], through: number): void {
    const stored = parts.map(({ target, body }) => ({ target, body: zstdCompressSync(body, WELL) }));
    this.#spool.append(stored, { through });
  }

  peek(): Outbound | null {
    this.#next = this.#spool.peek();
    return this.#next;
  }

  acknowledge(number: number): void {
    const { metrics, clock } = this.#options;
    for (const { body } of this.#next?.parts ?? []) metrics.forwardSentBytes.inc(body.length);
    metrics.forwardAcknowledged.set(clock() / 1_000);
    this.tell();
    this.#spool.acknowledge(number);
  }

  /** Brings the metrics up to what the sender knows. */
  tell(): void {
    const { metrics } = this.#options;
    const { rejected, conflicts } = this.#sender.status;
    metrics.forwardRejected.inc({ kind: "line" }, rejected - this.#told.rejected);
    metrics.forwardRejected.inc({ kind: "conflict" }, conflicts - this.#told.conflicts);
    this.#told = { rejected, conflicts };
    metrics.forwardWaitingRecords.set(this.#spool.waiting);
  }

  /** Begins to send; `failed` hears when sending has ended for good, since the disk cannot be read. */
  start(failed: (error: Error) => void): void {
    this.#sending = this.#sender.run().catch(failed);
  }

  /** Ends soon; what was not acknowledged is sent at the next start. */
  async stop(): Promise<void> {
    this.#sender.stop();
    await this.#sending;
    this.#spool.close();
  }
}
