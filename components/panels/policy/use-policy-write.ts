"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { send } from "@/lib/client/send.ts";

export type PolicyWrite = {
  readonly path: string;
  readonly method: "PUT" | "POST" | "DELETE";
  readonly body?: unknown;
};

/** Decides something about rules, and judges anew. */
export function usePolicyWrite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ path, ...sent }: PolicyWrite) => send(`/api/policy/${path}`, sent),
    onSuccess: () => client.invalidateQueries({ queryKey: ["policy"] }),
  });
}
