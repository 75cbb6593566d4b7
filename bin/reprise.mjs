#!/usr/bin/env node
// Plain JavaScript without imports of ours: it has to run on whatever Node the host has, and finds the right one.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const runsTypeScript = major > 22 || (major === 22 && minor >= 18);
const cli = fileURLToPath(new URL("../collector/cli/main.ts", import.meta.url));
const own = fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url));

if (runsTypeScript) {
  await import(cli);
} else if (existsSync(own)) {
  // The child gets the terminal's signals itself; we only wait for it and pass its end on.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
  const child = spawnSync(own, [cli, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exit(child.status ?? 128 + (constants.signals[child.signal] ?? 1));
} else {
  console.error(
    `Reprise needs Node.js 22.18 or newer, and this is ${process.versions.node}. Run "npm start" once: it brings its own.`,
  );
  process.exit(1);
}
