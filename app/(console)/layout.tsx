import { headers } from "next/headers";
import type { ReactNode } from "react";
import { providerName } from "@/app/_server/people.ts";
import { replyOf, visitorOf } from "@/app/_server/visitor.ts";
import { SignIn } from "@/components/panels/people/sign-in.tsx";
import { Shell } from "@/components/panels/shell.tsx";
import { VisitorProvider } from "@/components/panels/visitor.tsx";

export const dynamic = "force-dynamic";

/** Around every page of the console: in its place, who is not known is asked who they are. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const visitor = await visitorOf(await headers());
  if (!visitor) return <SignIn provider={providerName()} />;
  return (
    <VisitorProvider visitor={replyOf(visitor)}>
      <Shell>{children}</Shell>
    </VisitorProvider>
  );
}
