"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "@/lib/client/transport.ts";
import type { FindingAction } from "@/lib/contract/read-security.ts";

async function send(id: string, body: FindingAction): Promise<void> {
  const response = await fetch(`/api/findings/${encodeURIComponent(id)}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.ok) return;
  const answer = (await response.json().catch(() => null)) as { error?: string } | null;
  throw new ApiError(response.status, answer?.error ?? `The console answered ${response.status}.`);
}

/** Does something to a finding, and reads the findings anew. */
export function useFindingAct(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: FindingAction) => send(id, body),
    onSuccess: () => client.invalidateQueries({ queryKey: ["findings"] }),
  });
}
