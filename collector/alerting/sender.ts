import type { AlertMessage } from "../../lib/alerting/message.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import { type Seal, sealedFor } from "../../lib/runtime/secret.ts";
import type { WriteStore } from "../../lib/store/port.ts";
import type { StoredMessage, StoredReceiver } from "../../lib/store/port-alerting.ts";
import type { Notifier, SendResult } from "../notify/notifier.ts";
import type { OutboundHttp } from "../notify/outbound.ts";

/** Messages taken in one round. */
const PORTION = 100;
/** Receivers that are told at the same time; each hears its messages one after the other. */
const AT_ONCE = 8;
export const MOST_ATTEMPTS = 20;
const LONGEST_LIFE_MS = 24 * 3_600_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 900_000;
const TRY_TIMEOUT_MS = 15_000;

export type SenderOptions = {
  readonly store: Pick<WriteStore, "alerting">;
  readonly seal: Seal;
  readonly notifiers: readonly Notifier[];
  readonly http: OutboundHttp;
  readonly clock: Clock;
  /** In [0, 1): spreads retries, so that a receiver that comes back is not met by all at once. */
  readonly random: () => number;
  readonly metrics: Metrics;
  readonly log: Logger;
};
type Due = StoredMessage & { readonly tenant: number };

/**
 * Delivers what the outbox holds: at least once, in order within a thread, with pauses that double, until it is sent or given up.
 * Each try is written down before the next.
 */
export class Sender {
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** One round over what is due. */
  async run(nowMs: number): Promise<void> {
    const { store, metrics } = this.#options;
    const due = await store.alerting.dueMessages(nowMs, PORTION);
    const queues = [
      ...Map.groupBy(due, ({ tenant, receiver }) => JSON.stringify([tenant, receiver])).values(),
    ];
    const work = Array.from({ length: Math.min(AT_ONCE, queues.length) }, async () => {
      for (let queue = queues.shift(); queue; queue = queues.shift())
        for (const message of queue) await this.#deliver(message);
    });
    await Promise.all(work);
    const counts = await store.alerting.countMessages();
    metrics.outbox.set({ state: "waiting" }, counts.waiting);
    metrics.outbox.set({ state: "dead" }, counts.dead);
  }

  async #deliver(message: Due): Promise<void> {
    const { store, clock, metrics, log } = this.#options;
    const { tenant, ...stored } = message;
    const startedMs = clock();
    const { result, kind } = await this.#try(message);
    const nowMs = clock();
    const after = afterTry(stored, result, { nowMs, random: this.#options.random() });
    await store.alerting.recordDelivery(tenant, {
      message: after,
      delivery: {
        ...{ outboxId: stored.id, receiver: stored.receiver, atMs: nowMs, ok: result.ok },
        ...{ status: result.status, durationMs: Math.max(0, nowMs - startedMs), error: result.error },
      },
      refs: result.refs,
    });
    const how = after.state === "waiting" ? "retry" : after.state;
    metrics.deliveries.inc({ kind, result: how });
    if (!result.ok)
      log.warn(
        { receiver: stored.receiver, attempts: after.attempts, how, error: result.error },
        "a notification failed",
      );
  }

  async #try(message: Due): Promise<{ readonly result: SendResult; readonly kind: string }> {
    const { store, seal, notifiers, http } = this.#options;
    const { tenant, receiver: name, thread } = message;
    const receiver = (await store.alerting.readReceivers(tenant)).find((one) => one.name === name);
    const notifier = notifiers.find(({ kind }) => kind === receiver?.kind);
    if (!receiver || !notifier)
      return { result: impossible(`there is no receiver ${name} any more`), kind: "none" };
    const settings = openSettings(seal, tenant, { receiver, notifier });
    if (settings === null)
      return { result: impossible("its settings cannot be read: save them again"), kind: notifier.kind };
    const threads = await store.alerting.readAlertThreads(tenant);
    const refs = threads.find((one) => one.receiver === name && one.thread === thread)?.refs ?? null;
    const result = await notifier.send(message.message as AlertMessage, {
      ...{ settings, refs, http, timeoutMs: TRY_TIMEOUT_MS, nowMs: this.#options.clock() },
    });
    return { result, kind: notifier.kind };
  }
}

/** Settings of a receiver as its notifier takes them; null where they cannot be opened or do not fit any more. */
export function openSettings(
  seal: Seal,
  tenant: number,
  { receiver, notifier }: { readonly receiver: StoredReceiver; readonly notifier: Notifier },
): unknown {
  const parsed = notifier.settings.safeParse(seal.open(sealedFor(tenant, receiver.name), receiver.settings));
  return parsed.success ? parsed.data : null;
}

function impossible(error: string): SendResult {
  return { ok: false, status: null, error, retryable: false, retryAfterMs: null, refs: null };
}

/** What becomes of a message after a try: sent, tried again later, or given up. */
export function afterTry(
  message: StoredMessage,
  result: SendResult,
  at: { readonly nowMs: number; readonly random: number },
): StoredMessage {
  const attempts = message.attempts + 1;
  if (result.ok) return { ...message, attempts, state: "sent", sentMs: at.nowMs, lastError: null };
  const spent = attempts >= MOST_ATTEMPTS || at.nowMs - message.createdMs >= LONGEST_LIFE_MS;
  if (!result.retryable || spent) return { ...message, attempts, state: "dead", lastError: result.error };
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1)) * (0.5 + at.random / 2);
  const waitMs = Math.max(pauseMs, Math.min(result.retryAfterMs ?? 0, LONGEST_PAUSE_MS));
  return {
    ...message,
    attempts,
    state: "waiting",
    dueMs: Math.round(at.nowMs + waitMs),
    lastError: result.error,
  };
}
