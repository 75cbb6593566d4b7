import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SettingsError } from "../../lib/runtime/settings.ts";

type Owner = { readonly pid: number; readonly started: string | null };

/** Keeps a second agent out of a state folder. Throws SettingsError when one is running; answers how to let go. */
export function lockFolder(folder: string): () => void {
  const file = join(folder, "lock");
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const own: Owner = { pid: process.pid, started: startOf(process.pid) };
      writeFileSync(file, JSON.stringify(own), { flag: "wx", mode: 0o600 });
      return () => unlinkSync(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = ownerOf(file);
    if (owner && isRunning(owner))
      throw new SettingsError(
        `Another agent (process ${owner.pid}) uses ${folder}: give this one a state of its own.`,
      );
    // Its owner is gone: a kill leaves the file behind.
    unlinkSync(file);
  }
  throw new SettingsError(`${folder} is being locked by another agent.`);
}

function ownerOf(file: string): Owner | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Owner;
  } catch {
    // Half written by one that was killed, or gone already: nobody's.
    return null;
  }
}

function isRunning({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  // A number is used again: the same process has the same start.
  return startOf(pid) === started;
}

/** When a process began, in the kernel's ticks; null where the system does not say. */
function startOf(pid: number): string | null {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "");
    return afterName.split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
