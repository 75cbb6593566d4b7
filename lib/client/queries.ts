import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { fetchTransport, type Params, type RequestName, type Transport } from "./transport.ts";

/** Answers stay fresh this long; commits (SSE) make them stale sooner. */
const FRESH_MS = 5_000;

/** Query options of one request: its key is its name and parameters, whoever asks. */
export function requestQuery<N extends RequestName>(
  name: N,
  params: Params,
  transport: Transport = fetchTransport,
) {
  return queryOptions({
    queryKey: [name, params] as const,
    queryFn: ({ signal }) => transport(name, params, signal),
    staleTime: FRESH_MS,
    placeholderData: keepPreviousData,
    retry: 1,
  });
}
