"use client";
import { useQuery } from "@tanstack/react-query";
import { requestQuery } from "@/lib/client/queries.ts";
import type { Params, RequestName } from "@/lib/client/transport.ts";

type Options = {
  readonly enabled?: boolean;
  /** Asks again this often, also when nothing new was committed: for what goes stale by itself. */
  readonly everyMs?: number;
};

/** Asks the read API, from what the server prefetched where it did. */
export function useRequest<N extends RequestName>(
  name: N,
  params: Params,
  { enabled = true, everyMs }: Options = {},
) {
  return useQuery({ ...requestQuery(name, params), enabled, refetchInterval: everyMs ?? false });
}
