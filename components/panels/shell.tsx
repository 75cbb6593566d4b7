"use client";
import dynamic from "next/dynamic";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { type ReactNode, Suspense, useEffect, useState } from "react";
import { suffices } from "@/lib/domain/roles.ts";
import { AccountMenu } from "./account-menu.tsx";
import { Mark } from "./mark.tsx";
import { PAGES } from "./pages.ts";
import { ThemeSwitch } from "./theme-switch.tsx";
import { useRequest } from "./use-request.ts";
import { useVisitor } from "./visitor.tsx";

const CommandPalette = dynamic(() => import("./command-palette.tsx").then((m) => m.CommandPalette), {
  ssr: false,
});

/** Name, pages, palette and theme around every page. */
export function Shell({ children }: { children: ReactNode }) {
  const [palette, setPalette] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setPalette((open) => !open);
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <>
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-20 focus:bg-raised focus:p-2"
      >
        Skip to the page
      </a>
      <header className="sticky top-0 z-10 border-b border-rule bg-surface">
        <div className="mx-auto flex h-11 max-w-[1600px] items-center gap-2 px-3 sm:gap-3 sm:px-4">
          <Link href="/" className="flex shrink-0 items-center gap-2 font-semibold tracking-tight">
            <Mark />
            <span className="max-[420px]:sr-only">Reprise</span>
          </Link>
          <Suspense fallback={null}>
            <Pages />
          </Suspense>
          <div className="ml-auto flex shrink-0 items-center gap-1.5">
            <button
              type="button"
              className="control"
              onClick={() => setPalette(true)}
              aria-label="Go to anything"
            >
              <span className="max-sm:hidden">Go to</span>
              <kbd className="text-ink-3 max-sm:hidden">⌘K</kbd>
              <svg viewBox="0 0 16 16" className="size-3.5 sm:hidden" aria-hidden="true">
                <circle cx="7" cy="7" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
                <path d="M10.5 10.5L14 14" stroke="currentColor" strokeWidth="1.5" />
              </svg>
            </button>
            <AccountMenu />
            <ThemeSwitch />
          </div>
        </div>
      </header>
      <main id="main" className="mx-auto max-w-[1600px] pb-10 sm:px-4">
        {children}
      </main>
      {palette ? <CommandPalette onClose={() => setPalette(false)} /> : null}
    </>
  );
}

/** The count of open incidents is asked for this often. */
const COUNT_EVERY_MS = 30_000;

/** Links keep the time range, so that going to another page looks at the same moment. */
function Pages() {
  const path = usePathname();
  const search = useSearchParams();
  const { role } = useVisitor().at;
  const pages = PAGES.filter(({ need }) => need === undefined || suffices(role, need));
  const kept = new URLSearchParams(
    [...search].filter(([name]) => ["range", "from", "to", "compare", "live"].includes(name)),
  );
  return (
    <nav aria-label="Pages" className="flex h-11 min-w-0 overflow-x-auto">
      {pages.map(({ href, label }) => {
        const current = href === "/" ? path === "/" || path.startsWith("/endpoints") : path.startsWith(href);
        return (
          <Link
            key={href}
            href={kept.size ? `${href}?${kept}` : href}
            aria-current={current ? "page" : undefined}
            className={`flex h-11 items-center border-b-2 px-1.5 sm:px-3 ${current ? "border-accent text-ink" : "border-transparent text-ink-2 hover:text-ink"}`}
          >
            {label}
            {href === "/incidents" ? <OpenCount /> : null}
          </Link>
        );
      })}
    </nav>
  );
}

/** How many pages nobody has acknowledged yet. */
function OpenCount() {
  const { data } = useRequest(
    "incidents",
    { from: "now-1h", to: "now", state: "open", class: "page", limit: "100" },
    { everyMs: COUNT_EVERY_MS },
  );
  const count = data?.incidents.length ?? 0;
  if (count === 0) return null;
  return (
    <span className="ml-1.5 rounded-full bg-bad px-1.5 text-[11px] leading-4 font-semibold text-surface">
      {count}
      <span className="sr-only"> open</span>
    </span>
  );
}
