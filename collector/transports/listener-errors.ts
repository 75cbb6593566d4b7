import type { EventEmitter } from "node:events";

/**
 * Tells of what goes wrong with a listener once it listens (no descriptor left for a connection, a broken interface).
 * Nobody waits for that, and an error that nobody hears ends the process. What keeps it from listening is not told here.
 */
export function tellListenerErrors(listener: EventEmitter, tell: (problem: string) => void): void {
  listener.once("listening", () => listener.on("error", (error: Error) => tell(error.message)));
}
