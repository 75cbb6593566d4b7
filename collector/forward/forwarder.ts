import { join } from "node:path";
import type { Clock } from "../../lib/runtime/clock.ts";
import { WorldError } from "../../lib/runtime/invariant.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import { SettingsError } from "../../lib/runtime/settings.ts";
import type { Commit, TenantId, WriteStore } from "../../lib/store/port.ts";
import type { Part } from "../agent/gatherer.ts";
import type { Forwarding } from "../pipeline/forwarding.ts";
import type { ForwardConfig } from "./config.ts";
import { Dispatch } from "./dispatch.ts";
import { Gathering } from "./gathering.ts";
import { type Entry, Journal } from "./journal.ts";
import { type Shipment, shipmentOf } from "./shipment.ts";

/** Room that is kept for what is under way when no more is taken. */
const RESERVE_BYTES = 8_000_000;
/** Gathered bytes (about) after which a record is made before its time. */
const MANY_BYTES = 4_000_000;
/** Gathered bytes (about) that are kept in memory while the disk has no room for a record. */
const MOST_GATHERED_BYTES = 64_000_000;
/** Unanswered for so long, somebody should look. */
const PATIENCE_MS = 60_000;
const LONGEST_TICK_MS = 1_000;
/** Under this key the store keeps which entry of the journal was the last that it kept. */
const MARK = { source: "site", head: "forwarded" } as const;

export type ForwarderOptions = {
  readonly config: ForwardConfig;
  readonly tenant: TenantId;
  readonly store: Pick<WriteStore, "cellOf" | "findImports">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
};

/** What is said of forwarding where anybody may ask. */
export type ForwardHealth = "ok" | "waiting" | "stuck";

/**
 * Passes on to a central collector what one tenant's store has made durable. Each commit is noted in the journal first, and the
 * store keeps with it which entry that was; what was kept is gathered for some seconds, merged into one record, and sent until
 * it is acknowledged. docs/decisions/020-forwarding.md says why nothing is lost or told twice.
 */
export class Forwarder implements Forwarding {
  readonly #options: ForwarderOptions;
  readonly #journal: Journal;
  readonly #dispatch: Dispatch;
  readonly #gathering: Gathering;
  /** The last entry that was gathered. */
  #through: number;
  #gatheredMs: number;
  /** Gathered, but not on disk as a record yet, since it has no room. */
  #pending: { readonly parts: readonly Part[]; readonly through: number } | null = null;
  /** Noted, and the store did not say whether it was kept. */
  #doubt: { readonly entry: Entry; readonly shipment: Shipment } | null = null;
  /** What only a new start can mend. */
  #broken: string | null = null;
  #wasHeld = false;
  #timer: NodeJS.Timeout | null = null;

  /** Opens its folder. Throws SettingsError where it or a file of its TLS cannot be used, a WorldError when the disk is full. */
  constructor(options: ForwarderOptions) {
    const { config, clock } = options;
    this.#options = options;
    this.#journal = new Journal(join(config.folder, "journal"));
    const folder = join(config.folder, "spool");
    this.#dispatch = new Dispatch({ ...options, folder, mostBytes: config.spoolBytes, to: config.to });
    this.#gathering = new Gathering(config.site);
    this.#through = this.#dispatch.through;
    if (this.#journal.last < this.#through)
      throw new SettingsError(
        `${config.folder} does not hold the whole journal of what is forwarded: move the folder away; what waits in it is not sent then.`,
      );
    this.#gatheredMs = clock();
  }

  /** Goes on where the last run ended, and begins to send. Throws a WorldError where the store cannot be read. */
  async start(): Promise<this> {
    const markId = await this.#markId();
    const lost = this.#journal.recover({ through: this.#through, markId }, (entry, shipment) =>
      this.#gather(entry, shipment),
    );
    this.#tellDamage();
    const { log, config } = this.#options;
    const { waiting } = this.#dispatch;
    log.info({ to: config.to.collector, site: config.site, waiting, notKept: lost }, "forwarding");
    this.#dispatch.start((error) => this.#break(error));
    this.#tick();
    return this;
  }

  get problem(): string | null {
    if (this.#broken !== null) return "what is to be forwarded cannot be kept on disk; the log says why";
    const { spoolBytes } = this.#options.config;
    const isFull = this.#bytes + RESERVE_BYTES > spoolBytes || this.#gathering.weight > MOST_GATHERED_BYTES;
    return isFull ? "what waits for the central collector has filled its room" : null;
  }

  /** Whether all is sent soon, some waits, or somebody has to look. */
  get health(): ForwardHealth {
    const { state, sinceMs } = this.#dispatch.status;
    const waitedMs = sinceMs === null ? 0 : this.#options.clock() - sinceMs;
    if (this.problem !== null || state === "refused" || waitedMs > PATIENCE_MS) return "stuck";
    return state === "retrying" ? "waiting" : "ok";
  }

  async through(commit: Commit, keep: (marked: Commit) => Promise<void>): Promise<void> {
    await this.#settle();
    const shipment = shipmentOf(commit, (cell) => this.#options.store.cellOf(cell));
    if (shipment === null) return keep(commit);
    const entry = this.#note(shipment);
    const mark = { ...MARK, id: MARK.head, lines: entry.number, digest: entry.id };
    try {
      await keep({ ...commit, imports: [...commit.imports, mark] });
    } catch (error) {
      this.#doubt = { entry, shipment };
      await this.#settle().catch((unread: Error) =>
        this.#options.log.error({ error: unread.message }, "the store does not say what it kept"),
      );
      throw error;
    }
    this.#gather(entry, shipment);
  }

  /** Ends soon; what was not acknowledged is sent at the next start. */
  async stop(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#close();
    await this.#dispatch.stop();
    this.#journal.close();
  }

  get #bytes(): number {
    return this.#journal.bytes + this.#dispatch.bytes;
  }

  #note(shipment: Shipment): Entry {
    if (this.#broken !== null) throw new WorldError(this.#broken, { retryable: false });
    if (this.#bytes > this.#options.config.spoolBytes)
      throw new WorldError("what is to be forwarded has no room", { retryable: true });
    try {
      return this.#journal.note(shipment);
    } catch (error) {
      if (!(error instanceof WorldError && error.retryable)) this.#break(error as Error);
      throw error;
    }
  }

  /** Asks the store what became of an entry whose commit failed. Throws a WorldError while it does not answer. */
  async #settle(): Promise<void> {
    if (this.#doubt === null) return;
    const { entry, shipment } = this.#doubt;
    const isKept = (await this.#markId()) === entry.id;
    this.#doubt = null;
    if (isKept) this.#gather(entry, shipment);
    else this.#journal.lose(entry);
  }

  async #markId(): Promise<string | null> {
    const { store, tenant } = this.#options;
    const [mark] = await store.findImports(tenant, MARK);
    return mark?.digest ?? null;
  }

  #gather(entry: Entry, shipment: Shipment): void {
    this.#gathering.add(shipment);
    this.#through = entry.number;
    if (this.#gathering.weight >= MANY_BYTES) this.#close();
  }

  /** Makes a record of what was gathered; after that the journal need not keep it. */
  #close(): void {
    if (this.#pending === null) {
      this.#gatheredMs = this.#options.clock();
      const parts = this.#gathering.take();
      if (parts.length === 0) return;
      this.#pending = { parts, through: this.#through };
    }
    const { parts, through } = this.#pending;
    try {
      this.#dispatch.append(parts, through);
      this.#pending = null;
      this.#journal.release(through);
    } catch (error) {
      // Without room it is tried again with the next tick; the journal has it until then.
      if (!(error instanceof WorldError && error.retryable)) this.#break(error as Error);
      else this.#options.log.warn({ error: error.message }, "a record to forward has no room on disk yet");
    }
  }

  #tick(): void {
    const { config, clock, metrics, log } = this.#options;
    const passedMs = clock() - this.#gatheredMs;
    if (this.#broken === null && (passedMs >= config.gatherMs || passedMs < 0 || this.#pending !== null))
      this.#close();
    this.#dispatch.tell();
    metrics.forwardWaitingBytes.set(this.#bytes);
    metrics.forwardStuck.set(this.health === "stuck" ? 1 : 0);
    const { problem } = this;
    if ((problem !== null) !== this.#wasHeld)
      if (problem === null) log.info("what is to be forwarded has room again");
      else log.error({ bytes: this.#bytes, problem }, "nothing more is taken: pushes are answered 503");
    this.#wasHeld = problem !== null;
    this.#timer = setTimeout(() => this.#tick(), Math.min(config.gatherMs, LONGEST_TICK_MS));
  }

  #break(error: Error): void {
    this.#broken ??= `what is to be forwarded cannot be kept: ${error.message}`;
    this.#options.log.error({ error: error.stack }, "forwarding has ended; start the collector again");
  }

  #tellDamage(): void {
    const { log, metrics } = this.#options;
    for (const one of [...this.#journal.damage, ...this.#dispatch.damage])
      log.error(one, "what was to be forwarded was damaged here; the bytes were set aside");
    const lostRecords = this.#journal.lostRecords + this.#dispatch.lostRecords;
    if (lostRecords === 0) return;
    metrics.forwardRejected.inc({ kind: "damaged" }, lostRecords);
    log.error({ lostRecords }, "records were damaged before the central collector had them");
  }
}
