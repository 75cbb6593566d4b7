"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { send } from "@/lib/client/send.ts";
import type { FindingAction } from "@/lib/contract/read-security.ts";

/** Does something to a finding, and reads the findings anew. */
export function useFindingAct(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: FindingAction) =>
      send(`/api/findings/${encodeURIComponent(id)}`, { method: "POST", body }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["findings"] }),
  });
}
