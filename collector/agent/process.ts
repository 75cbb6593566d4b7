import { readFileSync } from "node:fs";
import { systemClock } from "../../lib/runtime/clock.ts";
import { makeLogger } from "../../lib/runtime/log.ts";
import { limitLrus } from "../../lib/runtime/lru.ts";
import { readSettings, SettingsError } from "../../lib/runtime/settings.ts";
import { Agent } from "./agent.ts";
import type { AgentConfig } from "./config.ts";

/** Connections, session ids and the like that one decoder remembers here; a collector remembers three times as many. */
const MOST_REMEMBERED = 32_768;

/** Runs an agent until SIGTERM or SIGINT, as a process of its own. */
export async function runAgentProcess(config: AgentConfig): Promise<void> {
  limitLrus(MOST_REMEMBERED);
  const settings = readSettings(process.env);
  const log = makeLogger(settings.logLevel);
  const { token, ca } = settings;
  const access = { ...(token === "" ? {} : { token }), ...(ca === "" ? {} : { ca }) };
  const agent = new Agent({ ...access, ...config }, { log, clock: systemClock, settings });
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      log.info({ signal }, "agent stops");
      agent.stop();
    });
  await agent.run();
}

// The configuration comes checked, as JSON: what reads and checks YAML would stay in memory.
if (import.meta.main) {
  try {
    await runAgentProcess(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as AgentConfig);
    process.exit(0);
  } catch (error) {
    const { message, stack } = error as Error;
    process.stderr.write(`${error instanceof SettingsError ? message : stack}\n`);
    process.exit(1);
  }
}
