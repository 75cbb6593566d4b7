"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { send } from "@/lib/client/send.ts";
import type { KeyEventBody } from "@/lib/contract/read-keys.ts";

/** A step that was taken: an event of the key, or a change to the fleet. */
export type Taken =
  | { readonly as: "event"; readonly body: KeyEventBody }
  | { readonly as: "change"; readonly body: Readonly<Record<string, unknown>> };

/** Records a step of the checklist, and reads anew whatever shows it. */
export function useRecord() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ as, body }: Taken) =>
      send(as === "event" ? "/api/keys" : "/api/changes", { method: "POST", body }),
    onSuccess: () =>
      Promise.all(
        ["keys", "changes", "recovery"].map((name) => client.invalidateQueries({ queryKey: [name] })),
      ),
  });
}
