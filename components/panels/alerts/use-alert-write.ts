"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "@/lib/client/transport.ts";

export type AlertWrite = {
  /** Below /api/alerts. */
  readonly path: string;
  readonly method: "PUT" | "POST" | "PATCH" | "DELETE";
  readonly body?: unknown;
};

/** Asks alerting to do something; answers its reply. Throws ApiError with the server's sentence. */
export async function callAlerts<T>({ path, method, body }: AlertWrite, signal?: AbortSignal): Promise<T> {
  const response = await fetch(`/api/alerts/${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  const answer = (await response.json().catch(() => null)) as { error?: string } | null;
  if (response.ok) return answer as T;
  throw new ApiError(response.status, answer?.error ?? `The console answered ${response.status}.`);
}

/** Changes something of alerting, and reads it anew. */
export function useAlertWrite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (write: AlertWrite) => callAlerts<{ readonly id?: string }>(write),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["alerts"] }),
        client.invalidateQueries({ queryKey: ["messages"] }),
      ]),
  });
}
