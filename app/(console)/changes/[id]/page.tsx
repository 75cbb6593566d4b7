import { HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { prefetch } from "@/app/_server/prefetch.ts";
import { ChangePage } from "./client.tsx";

export const metadata: Metadata = { title: "Change" };
export const dynamic = "force-dynamic";

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const id = decodeURIComponent((await params).id);
  return (
    <HydrationBoundary state={await prefetch([["effect", { id }]])}>
      <ChangePage id={id} />
    </HydrationBoundary>
  );
}
