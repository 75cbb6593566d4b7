import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder with its parents and checks that it can be written. Throws what the system says. (`recursive: true`
 * never returns on some file systems, /proc among them.)
 */
export function makeFolder(path: string): void {
  const full = resolve(path);
  if (!existsSync(full)) {
    makeFolder(dirname(full));
    mkdirSync(full);
  }
  accessSync(full, constants.W_OK | constants.X_OK);
}
