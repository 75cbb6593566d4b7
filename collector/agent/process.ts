import { systemClock } from "../../lib/runtime/clock.ts";
import { makeLogger } from "../../lib/runtime/log.ts";
import { readSettings, SettingsError } from "../../lib/runtime/settings.ts";
import { Agent } from "./agent.ts";
import { loadAgentConfig } from "./config.ts";

/** Runs an agent until SIGTERM or SIGINT, as a process of its own. Ends with 1 and one sentence when it cannot run. */
export async function runAgentProcess(configFile: string): Promise<void> {
  const settings = readSettings(process.env);
  const log = makeLogger(settings.logLevel);
  const agent = new Agent(loadAgentConfig(configFile), { log, clock: systemClock, settings });
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      log.info({ signal }, "agent stops");
      agent.stop();
    });
  await agent.run();
}

if (import.meta.main) {
  try {
    await runAgentProcess(process.argv[2] ?? "");
    process.exit(0);
  } catch (error) {
    const { message, stack } = error as Error;
    process.stderr.write(`${error instanceof SettingsError ? message : stack}\n`);
    process.exit(1);
  }
}
