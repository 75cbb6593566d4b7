/** `npm run verify`: types, lint, unit and structure tests. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { checkNode, generate, goOnUnderOwnNode, install, ownPath, ROOT } from "./steps.mjs";

checkNode();
process.chdir(ROOT);
await install();
await goOnUnderOwnNode(fileURLToPath(import.meta.url));
await generate();
const env = { ...process.env, ...ownPath(), NEXT_TELEMETRY_DISABLED: "1" };
for (const [command, ...words] of [
  ["next", "typegen"],
  ["tsc", "--noEmit"],
  ["biome", "check", "--colors=off", "--diagnostic-level=error"],
  ["vitest", "run", "--project", "unit", "--project", "structure", "--silent=passed-only"],
]) {
  process.stdout.write(`${command} ${words.join(" ")}\n`);
  const { status } = spawnSync(command, words, { cwd: ROOT, env, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
