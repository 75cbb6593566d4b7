import type { MessagesReply, MessageView } from "../../contract/read-alerts.ts";
import type { OutboxState } from "../../domain/alert-phase.ts";
import type { ReadStore, TenantId } from "../../store/port.ts";
import type { StoredMessage } from "../../store/port-alerting.ts";

const DAY_MS = 86_400_000;
const MOST_MESSAGES = 2_000;
const MOST_DELIVERIES = 5_000;

export type MessagesRequest = {
  readonly nowMs: number;
  readonly days: number;
  readonly limit: number;
  readonly state?: OutboxState | undefined;
  /** Of an incident: its own thread, and those in which it is told. */
  readonly incident?: string | undefined;
  readonly id?: string | undefined;
};

/** The delivery log: messages with every try of each, the newest first. */
export async function readMessageLog(
  store: Pick<ReadStore, "alerting">,
  tenant: TenantId,
  request: MessagesRequest,
): Promise<MessagesReply> {
  const { nowMs, days, limit, state, incident, id } = request;
  const span = { fromMs: nowMs - days * DAY_MS, toMs: nowMs + 1 };
  const narrow = incident !== undefined || id !== undefined;
  const found = await store.alerting.readMessages(tenant, {
    ...{ ...span, limit: narrow ? MOST_MESSAGES : limit },
    ...(state ? { states: [state] } : {}),
  });
  const messages = found
    .filter((message) => id === undefined || message.id === id)
    .filter((message) => incident === undefined || isAbout(message, incident))
    .slice(0, limit);
  const oldestMs = messages.at(-1)?.createdMs ?? nowMs;
  const deliveries = await store.alerting.readDeliveries(tenant, {
    ...{ fromMs: oldestMs, toMs: nowMs + 1, limit: MOST_DELIVERIES },
    ...(id === undefined ? {} : { outboxId: id }),
  });
  const tries = Map.groupBy(deliveries, ({ outboxId }) => outboxId);
  return { nowMs, messages: messages.map((message) => view(message, tries.get(message.id) ?? [])) };
}

type Parts = {
  readonly title?: string;
  readonly diagnosis?: { readonly incidentId?: string } | null;
  readonly alerts?: readonly { readonly labels: Readonly<Record<string, string>> }[];
};

function isAbout({ thread, message }: StoredMessage, incident: string): boolean {
  const { diagnosis, alerts } = message as Parts;
  return (
    thread === `incident:${incident}` ||
    diagnosis?.incidentId === incident ||
    (alerts ?? []).some(({ labels }) => labels.incident === incident)
  );
}

function view(
  message: StoredMessage,
  tries: readonly {
    atMs: number;
    ok: boolean;
    status: number | null;
    durationMs: number;
    error: string | null;
  }[],
): MessageView {
  const { id, receiver, thread, reason, state, createdMs, dueMs, sentMs, attempts, lastError } = message;
  return {
    ...{ id, receiver, thread, reason, state, createdMs, dueMs, sentMs, attempts, lastError },
    title: (message.message as Parts).title ?? "",
    tries: tries.map(({ atMs, ok, status, durationMs, error }) => ({ atMs, ok, status, durationMs, error })),
  };
}
