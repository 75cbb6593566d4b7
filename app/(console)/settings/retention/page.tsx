import type { Metadata } from "next";
import { RetentionPage } from "./client.tsx";

export const metadata: Metadata = { title: "Retention" };
export const dynamic = "force-dynamic";

export default function Page() {
  return <RetentionPage />;
}
