import { dehydrate, QueryClient } from "@tanstack/react-query";
import { headers } from "next/headers";
import { requestQuery } from "@/lib/client/queries.ts";
import type { Params, RequestName } from "@/lib/client/transport.ts";
import { storeTransport } from "./transport.ts";
import { visitorOf } from "./visitor.ts";

/**
 * Answers of the given requests for whoever looks at the page, ready for its first paint. What fails is left to the page to ask
 * again and show; nobody known gets nothing.
 */
export async function prefetch(requests: readonly (readonly [RequestName, Params])[]) {
  const client = new QueryClient();
  const visitor = await visitorOf(await headers());
  if (!visitor) return dehydrate(client);
  const transport = storeTransport(visitor);
  await Promise.all(
    requests.map(([name, params]) =>
      client.prefetchQuery({ ...requestQuery(name, params, transport), retry: false }),
    ),
  );
  return dehydrate(client);
}
