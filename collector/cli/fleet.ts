import type { Command } from "commander";
import { readSettings } from "../../lib/runtime/settings.ts";
import { FAULTS } from "../fleet/faults.ts";
import { askFleet, runFleet } from "../fleet/run.ts";

const DEFAULT_RATE = "25";
const DEFAULT_ROTATION_MINUTES = "20";

/** The commands of the lab fleet. */
export function registerFleet(program: Command): void {
  const fleet = program
    .command("fleet")
    .description("the lab fleet: real TLS nodes, real clients, faults on command");
  fleet
    .command("run")
    .description("run the lab fleet against the collector until it is stopped")
    .option("--rate <n>", "visits a second", DEFAULT_RATE)
    .option(
      "--rotate <minutes>",
      "minutes between scheduled STEK rotations with overlap",
      DEFAULT_ROTATION_MINUTES,
    )
    .action(async (options: { rate: string; rotate: string }) => {
      const settings = readSettings(process.env);
      const [rate, minutes] = [Number(options.rate), Number(options.rotate)];
      if (!(rate > 0) || !(minutes > 0)) {
        process.stderr.write("--rate and --rotate have to be numbers above 0.\n");
        process.exitCode = 2;
        return;
      }
      const running = await runFleet(settings, { rate, rotateEveryMs: minutes * 60_000 });
      process.stderr.write(`The lab fleet runs: ${running.fleet.nodes.length} nodes.\n`);
      const stop = async (): Promise<void> => {
        await running.stop();
        process.exit(0);
      };
      process.once("SIGTERM", () => void stop());
      process.once("SIGINT", () => void stop());
    });
  fleet
    .command("faults")
    .description("list the faults")
    .option("--json", "as JSON")
    .action((options: { json?: boolean }) => {
      const list = FAULTS.map(({ name, about }) => ({ name, about }));
      const text = list.map(({ name, about }) => `${name.padEnd(18)} ${about}`).join("\n");
      process.stdout.write(`${options.json ? JSON.stringify(list) : text}\n`);
    });
  fleet
    .command("fault")
    .description("switch a fault on in the running fleet")
    .argument("<name>", FAULTS.map(({ name }) => name).join(", "))
    .option("--endpoint <name>", "this endpoint only")
    .option("--node <name>", "this node only")
    .action(async (name: string, scope: { endpoint?: string; node?: string }) => {
      if (!FAULTS.some((fault) => fault.name === name)) {
        process.stderr.write(
          `Unknown fault "${name}". Known: ${FAULTS.map((fault) => fault.name).join(", ")}.\n`,
        );
        process.exitCode = 2;
        return;
      }
      await tell(() => askFleet(readSettings(process.env), { name, ...scope }), `${name}: done.`);
    });
  fleet
    .command("status")
    .description("what the running fleet is like")
    .option("--json", "as JSON")
    .action(() => tell(() => askFleet(readSettings(process.env), undefined), null));
}

async function tell(ask: () => Promise<unknown>, sentence: string | null): Promise<void> {
  try {
    const reply = await ask();
    process.stdout.write(`${sentence ?? JSON.stringify(reply, null, 2)}\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
