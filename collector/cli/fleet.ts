import { type Command, InvalidArgumentError } from "commander";
import { systemClock } from "../../lib/runtime/clock.ts";
import { makeLogger } from "../../lib/runtime/log.ts";
import { readSettings } from "../../lib/runtime/settings.ts";
import { askFleet } from "../fleet/control.ts";
import { CLEAR } from "../fleet/faults.ts";
import { ORDERS } from "../fleet/inject.ts";
import { LabClock } from "../fleet/lab-clock.ts";
import { runFleet } from "../fleet/run.ts";
import { TOPOLOGY } from "../fleet/topology.ts";

const DEFAULT_RATE = 40;
const DEFAULT_ROTATION_MINUTES = 180;
const DEFAULT_PAST_HOURS = 24;
const MINUTE_MS = 60_000;

type Pace = { readonly rate: number; readonly rotate: number };

function above0(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new InvalidArgumentError("It has to be a number above 0.");
  return value;
}

const paced = (command: Command): Command =>
  command
    .option("--rate <n>", "visits a minute", above0, DEFAULT_RATE)
    .option(
      "--rotate <minutes>",
      "minutes between scheduled STEK rotations with overlap",
      above0,
      DEFAULT_ROTATION_MINUTES,
    );

/** The commands of the lab fleet. */
export function registerFleet(program: Command): void {
  const fleet = program
    .command("fleet")
    .description("the lab fleet: real TLS nodes, real clients, faults on command");
  paced(
    fleet.command("run").description("run the lab fleet against a running collector, in real time"),
  ).action(async ({ rate, rotate }: Pace) => {
    const settings = readSettings(process.env);
    const { dataDir, collectorHost, collectorPort } = settings;
    const running = await runFleet({
      collectorUrl: `http://${collectorHost}:${collectorPort}`,
      clock: new LabClock({ system: systemClock, startMs: systemClock(), tempo: 1 }),
      ...{ dataDir, topology: TOPOLOGY, script: [], perMinute: rate, rotateEveryMs: rotate * MINUTE_MS },
    });
    process.stderr.write(`The lab fleet runs: ${running.fleet.nodes.length} nodes.\n`);
    endWith(() => running.stop());
  });
  paced(
    fleet
      .command("demo")
      .description("run a collector and the lab fleet, with a past that is played first (npm run demo)")
      .option("--past <hours>", "hours to play where the store is empty", above0, DEFAULT_PAST_HOURS),
  ).action(async ({ rate, rotate, past }: Pace & { past: number }) => {
    const { demo } = await import("../fleet/demo.ts");
    const settings = readSettings(process.env);
    const lab = await demo(settings, {
      ...{ perMinute: rate, rotateEveryMs: rotate * MINUTE_MS, pastMs: past * 60 * MINUTE_MS },
      log: makeLogger(settings.logLevel),
      say: (sentence) => process.stderr.write(`${sentence}\n`),
    });
    endWith(() => lab.stop());
  });
  registerOrders(fleet);
}

function endWith(end: () => Promise<void>): void {
  const stop = async (): Promise<void> => {
    await end();
    process.exit(0);
  };
  process.once("SIGTERM", () => void stop());
  process.once("SIGINT", () => void stop());
}

function registerOrders(fleet: Command): void {
  fleet
    .command("faults")
    .description("list the faults")
    .option("--json", "as JSON")
    .action((options: { json?: boolean }) => {
      const list = ORDERS.map(({ name, about }) => ({ name, about }));
      const text = list.map(({ name, about }) => `${name.padEnd(18)} ${about}`).join("\n");
      process.stdout.write(`${options.json ? JSON.stringify(list) : text}\n`);
    });
  fleet
    .command("fault")
    .description("switch a fault on in the running fleet")
    .argument("<name>", ORDERS.map(({ name }) => name).join(", "))
    .option("--endpoint <name>", "this endpoint only")
    .option("--node <name>", "this node only")
    .option("--for <minutes>", "end it by itself after so long", above0)
    .action(async (name: string, options: { endpoint?: string; node?: string; for?: number }) => {
      if (!ORDERS.some((fault) => fault.name === name)) {
        process.stderr.write(
          `Unknown fault "${name}". Known: ${ORDERS.map((fault) => fault.name).join(", ")}.\n`,
        );
        process.exitCode = 2;
        return;
      }
      const { for: forMinutes, ...scope } = options;
      const order = { name, ...scope, ...(forMinutes === undefined ? {} : { forMinutes }) };
      await tell(() => askFleet(readSettings(process.env).dataDir, order), `${name}: done.`);
    });
  fleet
    .command("clear")
    .description(CLEAR.about)
    .option("--endpoint <name>", "at this endpoint only")
    .option("--node <name>", "on this node only")
    .action(async (scope: { endpoint?: string; node?: string }) => {
      await tell(
        () => askFleet(readSettings(process.env).dataDir, { name: CLEAR.name, ...scope }),
        "Cleared.",
      );
    });
  fleet
    .command("status")
    .description("what the running fleet is like")
    .option("--json", "as JSON")
    .action(() => tell(() => askFleet(readSettings(process.env).dataDir), null));
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
