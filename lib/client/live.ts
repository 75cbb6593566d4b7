"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

/** Pages refetch at most this often, however often the store commits. */
const THROTTLE_MS = 1_500;
export type LiveState = "off" | "connecting" | "live" | "lost";

/** Refetches what a page shows when the store has something new; pauses while the page is hidden. */
export function useLiveUpdates(enabled: boolean): LiveState {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");
  useEffect(() => {
    if (!enabled) return;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let waiting = false;
    const refetch = (): void => {
      waiting = false;
      if (document.hidden) {
        waiting = true;
        return;
      }
      void client.invalidateQueries({ refetchType: "active" });
    };
    const onCommit = (): void => {
      timer ??= setTimeout(() => {
        timer = null;
        refetch();
      }, THROTTLE_MS);
    };
    const onVisible = (): void => {
      if (!document.hidden && waiting) refetch();
    };
    const source = new EventSource("/api/events");
    source.onopen = () => {
      setState("live");
      // What was committed between the page's own reading and now.
      onCommit();
    };
    source.onerror = () => setState("lost");
    source.addEventListener("commit", onCommit);
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      if (timer) clearTimeout(timer);
      source.close();
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [client, enabled]);
  return enabled ? state : "off";
}
