import { tenantHeader } from "./page-tenant.ts";
import { ApiError } from "./transport.ts";

export type Sent = {
  readonly method: "PUT" | "POST" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly signal?: AbortSignal;
};

/** What the console's routes say of a refusal, or better-auth's. */
type Refusal = { readonly error?: string; readonly message?: string; readonly field?: string };

/** Asks the console to do something; answers its reply. Throws ApiError with the server's sentence and the field it is about. */
export async function send<T>(path: string, { method, body, signal }: Sent): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: { "content-type": "application/json", ...tenantHeader() },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  const answer = (await response.json().catch(() => null)) as Refusal | null;
  if (response.ok) return answer as T;
  const told = answer?.error ?? answer?.message ?? `The console answered ${response.status}.`;
  throw new ApiError(response.status, answer?.field ? `${answer.field}: ${told}` : told);
}
