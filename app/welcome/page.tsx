import type { Metadata } from "next";
import { Welcome } from "@/components/panels/people/welcome.tsx";

export const metadata: Metadata = { title: "Welcome", referrer: "no-referrer" };
export const dynamic = "force-dynamic";

/** Where one-time links lead. */
export default function Page() {
  return <Welcome />;
}
