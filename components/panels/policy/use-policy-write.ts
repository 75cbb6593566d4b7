"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "@/lib/client/transport.ts";

export type PolicyWrite = {
  readonly path: string;
  readonly method: "PUT" | "POST" | "DELETE";
  readonly body?: unknown;
};

async function send({ path, method, body }: PolicyWrite): Promise<void> {
  const response = await fetch(`/api/policy/${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.ok) return;
  const answer = (await response.json().catch(() => null)) as { error?: string; field?: string } | null;
  const told = answer?.error ?? `The console answered ${response.status}.`;
  throw new ApiError(response.status, answer?.field ? `${answer.field}: ${told}` : told);
}

/** Decides something about rules, and judges anew. */
export function usePolicyWrite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: () => client.invalidateQueries({ queryKey: ["policy"] }),
  });
}
