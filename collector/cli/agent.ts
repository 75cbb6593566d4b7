import { spawnSync } from "node:child_process";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Command } from "commander";
import { makeFolder } from "../../lib/runtime/folder.ts";
import { SettingsError } from "../../lib/runtime/settings.ts";

/**
 * What keeps the agent small: a young generation of a megabyte, collected often, an old one that grows in small steps, and
 * no optimising compiler that takes 10 MB to win a tenth of the time. The limit only ends a run away.
 */
const MEMORY_FLAGS = [
  "--max-semi-space-size=1",
  "--heap-growing-percent=10",
  "--no-turbofan",
  "--max-old-space-size=128",
];
/** glibc: one arena, and large buffers go back to the system as soon as they are free. */
const SMALL_HEAP = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "65536",
  MALLOC_TRIM_THRESHOLD_: "131072",
};

const ENTRY = fileURLToPath(new URL("../agent/process.ts", import.meta.url));

/** `reprise agent` and `reprise agent status`. */
export function registerAgent(program: Command): void {
  const agent = program
    .command("agent")
    .description("follow log files or listen to syslog on this host, and send what they tell to a collector")
    .requiredOption("--config <file>", "the agent's configuration (docs/agent.md)")
    .action(async ({ config }: { config: string }) => runAgent(config));
  agent
    .command("status")
    .description("how the running agent is doing; exit code 1 when something is wrong")
    .option("--json", "as JSON")
    .action(async (_options, command: Command) => {
      const { config, json } = command.optsWithGlobals<{ config: string; json?: boolean }>();
      process.exitCode = await showStatus(config, json === true);
    });
}

/** Goes on as a process with a small heap, in place of this one. Where the system cannot do that, within this one. */
async function runAgent(configFile: string): Promise<void> {
  const { loadAgentConfig } = await import("../agent/config.ts");
  const config = loadAgentConfig(configFile);
  if (typeof process.execve !== "function") {
    const { runAgentProcess } = await import("../agent/process.ts");
    await runAgentProcess(config);
    return;
  }
  const checked = join(config.state, "config.json");
  try {
    makeFolder(config.state);
    writeFileSync(checked, JSON.stringify(config), { mode: 0o600 });
  } catch (error) {
    throw new SettingsError(
      `The state folder ${config.state} cannot be written: ${(error as Error).message}.`,
    );
  }
  const environment = { ...SMALL_HEAP, NODE_COMPILE_CACHE: join(config.state, "code"), ...process.env };
  keepCompiled(environment);
  process.execve(process.execPath, [process.execPath, ...MEMORY_FLAGS, ENTRY, checked], environment);
}

/**
 * Has another process load the code once, so that it is there compiled: stripping TypeScript takes 20 MB which a process
 * never gives back. Not being able to costs that memory and nothing else.
 */
function keepCompiled(environment: NodeJS.ProcessEnv & { readonly NODE_COMPILE_CACHE: string }): void {
  const { version } = process;
  const stamp = join(environment.NODE_COMPILE_CACHE, `${version}-${Math.floor(statSync(ENTRY).mtimeMs)}`);
  if (existsSync(stamp)) return;
  const load = `await import(${JSON.stringify(pathToFileURL(ENTRY).href)})`;
  const words = [...MEMORY_FLAGS, "--input-type=module", "--eval", load];
  const { status, stderr } = spawnSync(process.execPath, words, { env: environment });
  if (status === 0) writeFileSync(stamp, "");
  else process.stderr.write(`The agent's code could not be compiled ahead: ${stderr}\n`);
}

async function showStatus(configFile: string, json: boolean): Promise<number> {
  const { loadAgentConfig } = await import("../agent/config.ts");
  const { describe, problemOf, readStatus } = await import("../agent/status.ts");
  const status = readStatus(loadAgentConfig(configFile).state);
  const nowMs = Date.now();
  const problem = problemOf(status, nowMs);
  if (json) process.stdout.write(`${JSON.stringify({ problem, status })}\n`);
  else if (status) process.stdout.write(describe(status, nowMs));
  if (problem !== null) process.stderr.write(`${problem}\n`);
  return problem === null ? 0 : 1;
}
