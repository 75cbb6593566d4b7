/**
 * The contract of a notifier: it puts a message into one receiver's own form and sends it once. Retries, order and what is kept are
 * the sender's (collector/alerting/sender.ts). Adding one = its
 * description in lib/domain/notifier-kinds.ts + a folder beside this file + a line in registry.ts.
 */
import type { AlertMessage } from "../../lib/alerting/message.ts";
import type { NotifierKind } from "../../lib/domain/notifier-kinds.ts";
import type { OutboundHttp } from "./outbound.ts";

/** How one try ended. */
export type SendResult = {
  readonly ok: boolean;
  /** The receiver's HTTP or SMTP status; null where there was no answer. */
  readonly status: number | null;
  /** Why it failed, without credentials; null where it did not. */
  readonly error: string | null;
  /** Whether another try may help: 429, 5xx, time-outs and broken connections; not a 4xx, a refused address, a redirect. */
  readonly retryable: boolean;
  /** Not before so many milliseconds, as the receiver said (Retry-After); null where it did not. */
  readonly retryAfterMs: number | null;
  /** What the receiver calls this thread, kept for its next message; null where nothing changed. */
  readonly refs: Readonly<Record<string, string>> | null;
};

export type SendContext<Settings> = {
  readonly settings: Settings;
  /** What an earlier message of this thread brought; null for the first. */
  readonly refs: Readonly<Record<string, string>> | null;
  readonly http: OutboundHttp;
  readonly nowMs: number;
  /** Most time that the whole try may take, milliseconds. */
  readonly timeoutMs: number;
};

/** Its description, settings and secrets are those that the console shows (lib/domain/notifier-kinds.ts). */
export interface Notifier<Settings = unknown> extends NotifierKind<Settings> {
  /** Sends once. Never throws for anything that the world does. */
  send(message: AlertMessage, context: SendContext<Settings>): Promise<SendResult>;
}
