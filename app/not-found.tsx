import type { Metadata } from "next";
import Link from "next/link";

export const metadata: Metadata = { title: "Nothing here" };

/** What has no page. */
export default function NotFound() {
  return (
    <main className="mx-auto flex min-h-dvh w-[min(28rem,92vw)] flex-col justify-center gap-2">
      <h1 className="text-xl font-semibold tracking-tight">There is no such page</h1>
      <p className="text-ink-2">
        It may have been moved, or its address was cut short. The{" "}
        <Link href="/" className="text-accent hover:underline">
          Overview
        </Link>{" "}
        is always there.
      </p>
    </main>
  );
}
