"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Sent, send } from "@/lib/client/send.ts";
import { get } from "@/lib/client/transport.ts";
import type { AccountReply, PeopleReply } from "@/lib/contract/read-people.ts";

/** What somebody knows of themselves. */
export const useAccount = () =>
  useQuery({ queryKey: ["account"], queryFn: ({ signal }) => get<AccountReply>("/api/account", signal) });

/** People of the tenant, and links that nobody has used. */
export const usePeople = (enabled: boolean) =>
  useQuery({
    ...{ queryKey: ["people"], enabled },
    queryFn: ({ signal }) => get<PeopleReply>("/api/people", signal),
  });

/** Does something about people or oneself, and reads both anew. */
export function usePeopleAct<T = { ok: true }>() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ path, ...sent }: Sent & { readonly path: string }) => send<T>(path, sent),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["account"] }),
        client.invalidateQueries({ queryKey: ["people"] }),
      ]),
  });
}
