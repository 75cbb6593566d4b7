import "./globals.css";
import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { Metadata } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { Providers } from "./providers.tsx";

export const metadata: Metadata = { title: { default: "Reprise", template: "%s · Reprise" } };

export const dynamic = "force-dynamic";

// Before the first paint, so that a chosen theme never flashes; zod is told not to try `eval`, which the policy refuses.
const FIRST = `globalThis.__zod_globalConfig={jitless:true};try{var t=localStorage.getItem("reprise-theme")}catch(e){t=null}document.documentElement.dataset.theme=t||(matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light")`;

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  return (
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`} suppressHydrationWarning>
      <head>
        {/* react-aria takes the nonce for its one style sheet from here. */}
        <meta property="csp-nonce" nonce={nonce} suppressHydrationWarning />
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours, not input */}
        <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: FIRST }} />
      </head>
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
