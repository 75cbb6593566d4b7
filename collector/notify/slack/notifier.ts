import { z } from "zod";
import type { AlertMessage } from "../../../lib/alerting/message.ts";
import { NOTIFIER_KINDS } from "../../../lib/domain/notifier-kinds.ts";
import { parseJson } from "../../../lib/runtime/json.ts";
import { failure, resultOf } from "../answer.ts";
import type { Notifier, SendContext, SendResult } from "../notifier.ts";
import { slackBlocks, slackText } from "./blocks.ts";

type Settings = z.infer<typeof NOTIFIER_KINDS.slack.settings>;
type Context = SendContext<Settings>;

/**
 * Slack through a bot: the first message of a thread stands in the channel and is brought up to date; what happens later is told
 * under it.
 */
export const slackNotifier: Notifier<Settings> = {
  ...NOTIFIER_KINDS.slack,
  send: async (message, context) => {
    const { channel, ts } = context.refs ?? {};
    if (!channel || !ts) return post(message, context);
    const updated = await call("chat.update", { ...slackBlocks(message), channel, ts }, context);
    // Somebody deleted it: it is told anew.
    if (updated.error?.includes("message_not_found")) return post(message, context);
    if (!updated.ok) return updated;
    return call("chat.postMessage", { channel, thread_ts: ts, text: slackText(message.title) }, context);
  },
};

async function post(message: AlertMessage, context: Context): Promise<SendResult> {
  return call(
    "chat.postMessage",
    { ...slackBlocks(message), channel: context.settings.channel },
    context,
    "keep",
  );
}

/** Calls a method of the Web API. It answers 200 to everything but too many calls, and says in the body how it went. */
async function call(method: string, body: object, context: Context, refs?: "keep"): Promise<SendResult> {
  const { settings: to, http, timeoutMs } = context;
  const answer = await http.request({
    ...{
      method: "POST",
      url: `${to.url.replace(/\/+$/, "")}/api/${method}`,
      timeoutMs,
      body: JSON.stringify(body),
    },
    headers: { "content-type": "application/json; charset=utf-8", authorization: `Bearer ${to.token}` },
  });
  if (answer.kind !== "answered" || answer.status !== 200) return resultOf(answer);
  const said = reply.safeParse(tryJson(answer.body));
  if (!said.success) return failure({ status: 200, error: "its answer cannot be read", retryable: true });
  const { ok, error, channel, ts } = said.data;
  if (!ok)
    return failure({
      status: 200,
      error: `Slack says ${error ?? "no"}`,
      retryable: RETRYABLE.has(error ?? ""),
    });
  return resultOf(answer, { refs: refs && channel && ts ? { channel, ts } : null });
}

const RETRYABLE = new Set([
  "ratelimited",
  "internal_error",
  "fatal_error",
  "request_timeout",
  "service_unavailable",
]);
const reply = z.object({
  ok: z.boolean(),
  error: z.string().max(200).optional(),
  channel: z.string().max(80).optional(),
  ts: z.string().max(40).optional(),
});

function tryJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}
