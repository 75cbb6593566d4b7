import type { Metadata } from "next";
import { AccountPage } from "./client.tsx";

export const metadata: Metadata = { title: "Account" };
export const dynamic = "force-dynamic";

export default function Page() {
  return <AccountPage />;
}
