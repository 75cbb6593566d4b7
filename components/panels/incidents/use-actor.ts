"use client";
import { useSyncExternalStore } from "react";

const KEY = "reprise-actor";
const listeners = new Set<() => void>();

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Who acts, as kept in this browser; there is no sign-in that would know. Empty until somebody says it. */
export function useActor(): readonly [string, (name: string) => void] {
  const actor = useSyncExternalStore(
    listen,
    () => localStorage.getItem(KEY) ?? "",
    () => "",
  );
  return [
    actor,
    (name) => {
      localStorage.setItem(KEY, name);
      for (const listener of listeners) listener();
    },
  ];
}
