"use client";
import { useQueryStates } from "nuqs";
import { type View, viewParsers } from "@/lib/client/view.ts";

/** The view in the URL and how to change it; every change is a step in the browser's history. */
export function useView(): readonly [View, (next: Partial<View>) => void] {
  const [view, setView] = useQueryStates(viewParsers, { history: "push", shallow: true, scroll: false });
  return [view, (next) => void setView(next)];
}
