import type { Command } from "commander";

/** The commands of the lab fleet. */
export function registerFleet(_program: Command): void {}
