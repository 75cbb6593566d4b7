import type { Metadata } from "next";
import { PeoplePage } from "./client.tsx";

export const metadata: Metadata = { title: "People" };
export const dynamic = "force-dynamic";

export default function Page() {
  return <PeoplePage />;
}
