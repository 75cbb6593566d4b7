import type { SendResult } from "./notifier.ts";
import type { OutboundAnswer } from "./outbound.ts";

/** Longest that a receiver's own words are kept. */
const MOST_WORDS = 300;

/** How a try ended, from the answer to its one request. `accepts` says whether a 2xx answer is really a success. */
export function resultOf(
  answer: OutboundAnswer,
  more: { readonly refs?: Readonly<Record<string, string>> | null; readonly problem?: string | null } = {},
): SendResult {
  if (answer.kind !== "answered")
    return failure({ status: null, error: answer.reason, retryable: answer.kind === "failed" });
  const { status, headers, body } = answer;
  if (status >= 200 && status < 300) {
    if (more.problem) return failure({ status, error: more.problem, retryable: false });
    return { ok: true, status, error: null, retryable: false, retryAfterMs: null, refs: more.refs ?? null };
  }
  if (status >= 300 && status < 400)
    return failure({
      status,
      error: `it answers ${status}, and redirects are not followed`,
      retryable: false,
    });
  const retryable = status === 429 || status === 408 || status >= 500;
  const words = body.replace(/\s+/g, " ").trim().slice(0, MOST_WORDS);
  return {
    ...failure({
      status,
      error: words ? `it answers ${status}: ${words}` : `it answers ${status}`,
      retryable,
    }),
    retryAfterMs: retryAfterMs(headers["retry-after"]),
  };
}

/** A try that failed. */
export function failure(part: Pick<SendResult, "status" | "error" | "retryable">): SendResult {
  return { ok: false, retryAfterMs: null, refs: null, ...part };
}

/** Milliseconds of a Retry-After in seconds (RFC 9110 10.2.3); null for a date or nothing: pauses double anyway. */
function retryAfterMs(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) * 1_000 : null;
}
