"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { send } from "@/lib/client/send.ts";
import type { IncidentAction } from "@/lib/contract/read-incidents.ts";

/** Does something to an incident, and reads anew whatever shows it. */
export function useIncidentAct(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: IncidentAction) =>
      send(`/api/incidents/${encodeURIComponent(id)}`, { method: "POST", body }),
    onSuccess: () =>
      Promise.all(
        ["incident", "incidents", "summary"].map((name) => client.invalidateQueries({ queryKey: [name] })),
      ),
  });
}
