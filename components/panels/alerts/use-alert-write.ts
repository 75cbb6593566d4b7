"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { send } from "@/lib/client/send.ts";

export type AlertWrite = {
  /** Below /api/alerts. */
  readonly path: string;
  readonly method: "PUT" | "POST" | "PATCH" | "DELETE";
  readonly body?: unknown;
};

/** Asks alerting to do something; answers its reply. Throws ApiError with the server's sentence. */
export function callAlerts<T>({ path, ...sent }: AlertWrite, signal?: AbortSignal): Promise<T> {
  return send(`/api/alerts/${path}`, signal ? { ...sent, signal } : sent);
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
