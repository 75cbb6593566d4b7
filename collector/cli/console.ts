import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Settings } from "../../lib/runtime/settings.ts";

/** `reprise console`: serves the built console until it is stopped. Answers its exit code. */
export async function consoleCommand(settings: Settings): Promise<number> {
  const next = fileURLToPath(new URL("../../node_modules/next/dist/bin/next", import.meta.url));
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const words = [next, "start", root, "-p", String(settings.consolePort), "-H", settings.consoleHost];
  const child = spawn(process.execPath, words, { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.on("exit", (code) => resolve(code ?? 0)));
}
