"use client";
import { useSyncExternalStore } from "react";
import { formatDateTime, type Zone } from "./format.ts";

const never = (): (() => void) => () => {};

/**
 * The zone to write times in: UTC on the server and while the browser takes over its page, local from then on.
 * The server cannot know the reader's zone, and a text that differs makes React throw its page away.
 */
export function useZone(): Zone {
  return useSyncExternalStore<Zone>(
    never,
    () => "local",
    () => "utc",
  );
}

/** A moment to the second, in the reader's zone; its exact UTC time for machines. `ms`: epoch milliseconds. */
export function Time({ ms }: { ms: number }) {
  return <time dateTime={new Date(ms).toISOString()}>{formatDateTime(ms, useZone())}</time>;
}
