import type { ReactNode } from "react";
import { Shell } from "@/components/panels/shell.tsx";

/** Around every page of the console; those before it (sign-in) stand outside of this group. */
export default function ConsoleLayout({ children }: { children: ReactNode }) {
  return <Shell>{children}</Shell>;
}
