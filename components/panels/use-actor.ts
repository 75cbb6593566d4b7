"use client";
import { useSyncExternalStore } from "react";
import { useVisitor } from "./visitor.tsx";

const KEY = "reprise-actor";
const listeners = new Set<() => void>();

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Keeps a name in this browser, for where nobody signs in. */
export function keepActor(name: string): void {
  localStorage.setItem(KEY, name);
  for (const listener of listeners) listener();
}

/** Who acts: who is signed in; without sign-in the name that this browser keeps, empty until somebody says it. */
export function useActor(): string {
  const { actor } = useVisitor();
  const kept = useSyncExternalStore(
    listen,
    () => localStorage.getItem(KEY) ?? "",
    () => "",
  );
  return actor ?? kept;
}
