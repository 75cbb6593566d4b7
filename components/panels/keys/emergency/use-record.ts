"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "@/lib/client/transport.ts";
import type { KeyEventBody } from "@/lib/contract/read-keys.ts";

/** A step that was taken: an event of the key, or a change to the fleet. */
export type Taken =
  | { readonly as: "event"; readonly body: KeyEventBody }
  | { readonly as: "change"; readonly body: Readonly<Record<string, unknown>> };

async function send({ as, body }: Taken): Promise<void> {
  const response = await fetch(as === "event" ? "/api/keys" : "/api/changes", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.ok) return;
  const answer = (await response.json().catch(() => null)) as { error?: string } | null;
  throw new ApiError(response.status, answer?.error ?? `The console answered ${response.status}.`);
}

/** Records a step of the checklist, and reads anew whatever shows it. */
export function useRecord() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: () =>
      Promise.all(
        ["keys", "changes", "recovery"].map((name) => client.invalidateQueries({ queryKey: [name] })),
      ),
  });
}
