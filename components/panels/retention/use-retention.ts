"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { send } from "@/lib/client/send.ts";
import { get } from "@/lib/client/transport.ts";
import type { RetentionBody, RetentionReply } from "@/lib/contract/read-retention.ts";

const KEY = ["retention"];

/** How long what is kept. */
export const useRetention = (enabled: boolean) =>
  useQuery({
    ...{ queryKey: KEY, enabled },
    queryFn: ({ signal }) => get<RetentionReply>("/api/retention", signal),
  });

/** Keeps what is the tenant's for another time. */
export function useSaveRetention() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: RetentionBody) => send<RetentionReply>("/api/retention", { method: "PUT", body }),
    onSuccess: (reply) => client.setQueryData(KEY, reply),
  });
}
