import { dehydrate, QueryClient } from "@tanstack/react-query";
import { requestQuery } from "@/lib/client/queries.ts";
import type { Params, RequestName } from "@/lib/client/transport.ts";
import { storeTransport } from "./transport.ts";

/** Answers of the given requests, ready for the page's first paint. What fails is left to the page to ask again and show. */
export async function prefetch(requests: readonly (readonly [RequestName, Params])[]) {
  const client = new QueryClient();
  await Promise.all(
    requests.map(([name, params]) =>
      client.prefetchQuery({ ...requestQuery(name, params, storeTransport), retry: false }),
    ),
  );
  return dehydrate(client);
}
