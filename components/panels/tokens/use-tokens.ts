"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Sent, send } from "@/lib/client/send.ts";
import { get } from "@/lib/client/transport.ts";
import type { TokensReply } from "@/lib/contract/read-tokens.ts";

/** Tokens of the tenant. */
export const useTokens = (enabled: boolean) =>
  useQuery({
    ...{ queryKey: ["tokens"], enabled },
    queryFn: ({ signal }) => get<TokensReply>("/api/tokens", signal),
  });

/** Makes, rotates or revokes a token, and reads them anew. */
export function useTokenAct<T = { ok: true }>() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ path, ...sent }: Sent & { readonly path: string }) => send<T>(path, sent),
    onSuccess: () => client.invalidateQueries({ queryKey: ["tokens"] }),
  });
}
