"use client";
import { useQuery } from "@tanstack/react-query";
import { requestQuery } from "@/lib/client/queries.ts";
import type { Params, RequestName } from "@/lib/client/transport.ts";

/** Asks the read API, from what the server prefetched where it did. */
export function useRequest<N extends RequestName>(name: N, params: Params, enabled = true) {
  return useQuery({ ...requestQuery(name, params), enabled });
}
