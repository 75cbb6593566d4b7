import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { prefetch } from "@/app/_server/prefetch.ts";
import { keysChanges, keysRequest, loadKeysView } from "@/lib/client/keys-view.ts";
import { KeysPage } from "./client.tsx";

export const metadata: Metadata = { title: "Keys & tickets" };
export const dynamic = "force-dynamic";

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const view = await loadKeysView(searchParams);
  return (
    <HydrationBoundary
      state={
        await prefetch([
          ["keys", keysRequest(view)],
          ["changes", keysChanges(view)],
        ])
      }
    >
      <KeysPage />
    </HydrationBoundary>
  );
}
