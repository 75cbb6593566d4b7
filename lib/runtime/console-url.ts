import type { Settings } from "./settings.ts";

type ConsoleSettings = Pick<Settings, "consoleUrl" | "consoleHost" | "consolePort" | "tlsCert">;

/** The console's address as people reach it, without a slash at its end. */
export function consoleUrlOf({ consoleUrl, consoleHost, consolePort, tlsCert }: ConsoleSettings): string {
  const host = consoleHost.includes(":") ? `[${consoleHost}]` : consoleHost;
  return consoleUrl === ""
    ? `${tlsCert === "" ? "http" : "https"}://${host}:${consolePort}`
    : consoleUrl.replace(/\/+$/, "");
}
