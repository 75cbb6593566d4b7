import type { spawn as Spawn } from "node:child_process";
import { createServer } from "node:net";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

export type CollectorProcess = { readonly pid: number; readonly url: string; stop(): Promise<void> };

/** A collector of its own, so that only its CPU is counted. */
export async function startCollectorProcess(
  spawn: typeof Spawn,
  dataDir: string,
  more: Readonly<Record<string, string>> = {},
): Promise<CollectorProcess> {
  const port = await freePort();
  const settings = {
    REPRISE_DATA_DIR: dataDir,
    REPRISE_COLLECTOR_PORT: String(port),
    REPRISE_SYSLOG_PORT: "0",
    REPRISE_LOG_LEVEL: "error",
    ...more,
  };
  const child = spawn(process.execPath, ["bin/reprise.mjs", "collector"], {
    env: { ...process.env, ...settings },
    stdio: "inherit",
  });
  const url = `http://127.0.0.1:${port}`;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for (;;) {
    const ok = await fetch(`${url}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    pid: child.pid ?? 0,
    url,
    stop: () => {
      child.kill("SIGTERM");
      return gone;
    },
  };
}
