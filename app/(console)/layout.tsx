import { headers } from "next/headers";
import type { ReactNode } from "react";
import { replyOf, visitorOf } from "@/app/_server/visitor.ts";
import { Shell } from "@/components/panels/shell.tsx";
import { VisitorProvider } from "@/components/panels/visitor.tsx";

export const dynamic = "force-dynamic";

/** Around every page of the console; those before it (sign-in) stand outside of this group. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const visitor = await visitorOf(await headers());
  if (!visitor) return null;
  return (
    <VisitorProvider visitor={replyOf(visitor)}>
      <Shell>{children}</Shell>
    </VisitorProvider>
  );
}
