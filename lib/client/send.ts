import { tenantHeader } from "./page-tenant.ts";
import { ApiError } from "./transport.ts";

export type Sent = {
  readonly method: "PUT" | "POST" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly signal?: AbortSignal;
};

/** Asks the console to do something; answers its reply. Throws ApiError with the server's sentence and the field it is about. */
export async function send<T>(path: string, { method, body, signal }: Sent): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: { "content-type": "application/json", ...tenantHeader() },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  const answer = (await response.json().catch(() => null)) as { error?: string; field?: string } | null;
  if (response.ok) return answer as T;
  const told = answer?.error ?? `The console answered ${response.status}.`;
  throw new ApiError(response.status, answer?.field ? `${answer.field}: ${told}` : told);
}
