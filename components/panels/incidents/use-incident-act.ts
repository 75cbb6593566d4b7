"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "@/lib/client/transport.ts";
import type { IncidentAction } from "@/lib/contract/read-incidents.ts";

async function send(id: string, body: IncidentAction): Promise<void> {
  const response = await fetch(`/api/incidents/${encodeURIComponent(id)}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.ok) return;
  const answer = (await response.json().catch(() => null)) as { error?: string } | null;
  throw new ApiError(response.status, answer?.error ?? `The console answered ${response.status}.`);
}

/** Does something to an incident, and reads anew whatever shows it. */
export function useIncidentAct(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: IncidentAction) => send(id, body),
    onSuccess: () =>
      Promise.all(
        ["incident", "incidents", "summary"].map((name) => client.invalidateQueries({ queryKey: [name] })),
      ),
  });
}
